/* SPDX-License-Identifier: MIT
 *
 * Escapes, and characters that XML does not have.
 */
#include "base/xml.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* The bytes of the character at `s`, of which `len` are there; 0: none that XML has. */
static size_t char_len(const unsigned char *s, size_t len)
{
	unsigned char room[5] = { 0 };
	size_t n;

	memcpy(room, s, len < 4 ? len : 4);
	n = room[0] ? utf8_len(room) : 0;
	if (n == 1 && s[0] < ' ' && s[0] != '\t' && s[0] != '\n' && s[0] != '\r')
		return 0;
	/* U+FFFE and U+FFFF are no characters. */
	return n == 3 && s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe ? 0 : n;
}

static const char *escape(unsigned char c, bool attribute)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\r':
		return "&#13;"; /* a reader would make it the end of a line */
	case '\n':
		return attribute ? "&#10;" : NULL;
	case '\t':
		return attribute ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void add(struct strbuf *out, const void *text, size_t len, bool attribute)
{
	const unsigned char *s = text, *end = s + len;

	while (s < end) {
		size_t n = char_len(s, (size_t)(end - s));
		const char *escaped = escape(*s, attribute);

		if (!n)
			strbuf_adds(out, replacement);
		else if (escaped)
			strbuf_adds(out, escaped);
		else
			strbuf_add(out, s, n);
		s += n ? n : 1;
	}
}

void xml_text(struct strbuf *out, const void *text, size_t len)
{
	add(out, text, len, false);
}

void xml_attribute(struct strbuf *out, const char *name, const char *value)
{
	strbuf_addf(out, " %s=\"", name);
	add(out, value, strlen(value), true);
	strbuf_addch(out, '"');
}
