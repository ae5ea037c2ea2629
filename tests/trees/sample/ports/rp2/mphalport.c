/* SPDX-License-Identifier: MIT
 *
 * The UART as the core's input and output.
 */
#include "py/mphal.h"

#include "rp2.h"
#include "uart.h"

#define WATCHDOG_CTRL REG32(WATCHDOG_BASE)
#define WATCHDOG_TRIGGER (1u << 31)

int mp_hal_stdin_rx_chr(void)
{
	int c;

	do
		c = uart_rx_chr();
	while (c < 0);
	return c;
}

void mp_hal_stdout_tx_strn(const char *str, size_t len)
{
	while (len--)
		uart_tx_chr(*str++);
}

void mp_hal_reset(void)
{
	WATCHDOG_CTRL = WATCHDOG_TRIGGER;
	for (;;) {
	}
}
