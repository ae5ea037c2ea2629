/* SPDX-License-Identifier: MIT
 *
 * A polled UART as the core's input and output.
 */
#include "shared/runtime/uart_stdio.h"

#include "py/mpconfig.h"
#include "py/mphal.h"

/* What a port does while it waits. */
#ifndef MICROPY_EVENT_POLL_HOOK
#define MICROPY_EVENT_POLL_HOOK \
	do {                    \
	} while (0)
#endif

int mp_hal_stdin_rx_chr(void)
{
	int c;

	/* The next character of a burst is there at once; sleep only when none came for a while. */
	for (int polls = 0; (c = uart_rx_chr()) < 0; polls++)
		if (polls > 2000)
			MICROPY_EVENT_POLL_HOOK;
	return c;
}

void mp_hal_stdout_tx_strn(const char *str, size_t len)
{
	while (len--)
		uart_tx_chr(*str++);
}
