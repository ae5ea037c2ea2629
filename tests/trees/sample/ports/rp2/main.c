/* SPDX-License-Identifier: MIT
 *
 * The port rp2: a REPL on UART 0.
 */
#include "py/mphal.h"
#include "py/runtime.h"
#include "rp2.h"
#include "shared/runtime/pyexec.h"
#include "uart.h"

int main(void);

int main(void)
{
	clocks_init();
	uart_init();
	for (;;) {
		mp_init();
		pyexec_repl();
		mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
	}
}
