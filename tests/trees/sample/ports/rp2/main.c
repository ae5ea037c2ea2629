/* SPDX-License-Identifier: MIT
 *
 * The port rp2: a REPL on UART 0.
 */
#include "py/mphal.h"
#include "py/runtime.h"
#include "rp2.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/uart_stdio.h"

#define WATCHDOG_CTRL REG32(WATCHDOG_BASE)
#define WATCHDOG_TRIGGER (1u << 31)

void mp_hal_reset(void)
{
	WATCHDOG_CTRL = WATCHDOG_TRIGGER;
	for (;;) {
	}
}

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
