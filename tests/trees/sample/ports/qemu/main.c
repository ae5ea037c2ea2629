/* SPDX-License-Identifier: MIT
 *
 * The port qemu: a REPL on the UART that QEMU shows, for ever.
 */
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"
#include "uart.h"

int main(void)
{
	uart_init();
	for (;;) {
		mp_init();
		pyexec_repl();
		mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
	}
}
