/* SPDX-License-Identifier: MIT
 *
 * stdin and stdout as the core's input and output. A line of a pipe ends with a newline, where a
 * terminal in raw mode sends a carriage return.
 */
#include <stdio.h>
#include <stdlib.h>

#include "py/mphal.h"

int mp_hal_stdin_rx_chr(void)
{
	int c = getchar();

	return c == '\n' ? '\r' : c;
}

void mp_hal_stdout_tx_strn(const char *str, size_t len)
{
	fwrite(str, 1, len, stdout);
	fflush(stdout);
}

void mp_hal_reset(void)
{
	exit(0);
}
