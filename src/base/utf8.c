/* SPDX-License-Identifier: MIT
 *
 * UTF-8 that comes from outside: file names and names in files may hold any bytes.
 */
#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

size_t utf8_len(const unsigned char *s)
{
	size_t n = s[0] < 0x80                   ? 1
		   : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		   : (s[0] & 0xf0) == 0xe0       ? 3
		   : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
						 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and what lies above U+10FFFF. */
	if (n == 3 && ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0)))
		return 0;
	if (n == 4 && ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90)))
		return 0;
	return n;
}

void utf8_printable(char *out, size_t room, const void *text, size_t size)
{
	const char *nul = size ? memchr(text, 0, size) : NULL;
	unsigned char *s = (unsigned char *)out;

	if (nul)
		size = (size_t)(nul - (const char *)text);
	if (size > room - 1)
		size = room - 1;
	if (size)
		memcpy(out, text, size);
	out[size] = '\0';
	while (*s) {
		size_t n = utf8_len(s);
		bool c1 = n == 2 && s[0] == 0xc2 && s[1] < 0xa0;

		if (n && *s >= ' ' && *s != 0x7f && !c1) {
			s += n;
			continue;
		}
		*s++ = '?';
	}
}
