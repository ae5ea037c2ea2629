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

static unsigned long code_point(const unsigned char *s, size_t n)
{
	unsigned long c = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (s[i] & 0x3f);
	return c;
}

struct range {
	unsigned long from, to;
};

static bool is_in(const struct range *ranges, size_t count, unsigned long c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

size_t utf8_columns(const unsigned char *s)
{
	/* Unicode's EastAsianWidth.txt, W and F, in blocks; the C library's wcwidth() knows them in UTF-8 locales only */
	static const struct range wide[] = {
		{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },
		{ 0xa960, 0xa97c },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
		{ 0xfe30, 0xfe6f },   { 0xff01, 0xff60 },   { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff },
		{ 0x20000, 0x3fffd },
	};
	static const struct range joining[] = {
		{ 0x300, 0x36f },   { 0x1ab0, 0x1aff }, { 0x200b, 0x200d }, { 0x20d0, 0x20ff },
		{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff },
	};
	size_t n = utf8_len(s);
	unsigned long c = n ? code_point(s, n) : '?';

	if (c < 0x300)
		return 1;
	if (is_in(joining, sizeof(joining) / sizeof(*joining), c))
		return 0;
	return is_in(wide, sizeof(wide) / sizeof(*wide), c) ? 2 : 1;
}

/* What a terminal acts on: controls (0x80 to 0x9f are some too), ends of lines, and the marks that turn text round. */
static bool is_acted_on(const unsigned char *s, size_t n)
{
	static const struct range acting[] = {
		{ 0, 0x1f },        { 0x7f, 0x9f },     { 0x61c, 0x61c },
		{ 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2066, 0x2069 },
	};

	return is_in(acting, sizeof(acting) / sizeof(*acting), code_point(s, n));
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

		if (n && !is_acted_on(s, n))
			s += n;
		else
			*s++ = '?';
	}
}
