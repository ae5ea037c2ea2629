/* SPDX-License-Identifier: MIT
 *
 * The port stm32: a REPL on the board's UART.
 */
#include "led.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/pyexec.h"
#include "uart.h"

#ifdef MICROPY_BOARD_EARLY_INIT_PROTOTYPE
MICROPY_BOARD_EARLY_INIT_PROTOTYPE;
#endif

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
