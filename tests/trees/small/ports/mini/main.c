/* SPDX-License-Identifier: MIT
 *
 * Bytes to be found in an image.
 */
#include "mini.h"

const char mini_text[] __attribute__((used)) = "MicroPython " MINI_STAMP " for " MINI_BOARD;
#ifdef MINI_DARK
const char mini_dark[] __attribute__((used)) = "dark";
#endif
const int mini_limit __attribute__((used)) = MINI_LIMIT;

void _start(void)
{
	for (;;)
		;
}
