/* SPDX-License-Identifier: MIT
 *
 * The port stm32: a REPL on the board's UART.
 */
#include "led.h"
#include "lib/cortexm/cortexm.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/uart_stdio.h"

#ifdef MICROPY_BOARD_EARLY_INIT_PROTOTYPE
MICROPY_BOARD_EARLY_INIT_PROTOTYPE;
#endif

void mp_hal_reset(void)
{
	cortexm_reset();
}

int main(void)
{
	MICROPY_BOARD_EARLY_INIT();
	led_init();
	uart_init();
	for (;;) {
		led_on();
		mp_init();
		pyexec_repl();
		mp_hal_stdout_tx_str("MPY: soft reboot\r\n");
	}
}
