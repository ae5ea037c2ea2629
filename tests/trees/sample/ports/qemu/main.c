/* SPDX-License-Identifier: MIT
 *
 * The port qemu: a REPL on the UART that QEMU shows, for ever.
 */
#include "lib/cortexm/cortexm.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/uart_stdio.h"

void mp_hal_reset(void)
{
	cortexm_reset();
}

int main(void)
{
	uart_init();
	for (;;) {
		mp_init();
		pyexec_repl();
		mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
	}
}
