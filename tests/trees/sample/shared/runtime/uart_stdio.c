/* SPDX-License-Identifier: MIT
 *
 * A polled UART as the core's input and output.
 */
#include "shared/runtime/uart_stdio.h"

#include "py/mphal.h"

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
