/* SPDX-License-Identifier: MIT
 *
 * Breaking text into lines. Markdown for people's notes has its own, since it knows lists and code (markdown.c).
 */
#include "base/wrap.h"

#include <string.h>

/* Characters of UTF-8: all bytes but those that continue one. */
static size_t count_chars(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static void add_blanks(struct strbuf *out, size_t count)
{
	while (count--)
		strbuf_addch(out, ' ');
}

void wrap_add(struct strbuf *out, const char *text, size_t column, size_t indent, size_t width)
{
	bool first = true;

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t len = strcspn(text, " \n"), wide = count_chars(text, len);

		if (!first && column + 1 + wide > width) {
			strbuf_addch(out, '\n');
			add_blanks(out, indent);
			column = indent;
		} else if (!first) {
			strbuf_addch(out, ' ');
			column++;
		}
		strbuf_add(out, text, len);
		column += wide;
		text += len;
		first = false;
	}
}

void wrap_row(struct strbuf *out, const char *left, const char *text, size_t margin, size_t indent,
	      size_t width)
{
	size_t column = margin + count_chars(left, strlen(left));

	add_blanks(out, margin);
	strbuf_adds(out, left);
	if (*text && column + 1 > indent) {
		strbuf_addch(out, '\n');
		column = 0;
	}
	if (*text) {
		add_blanks(out, indent - column);
		wrap_add(out, text, indent, indent, width);
	}
	strbuf_addch(out, '\n');
}
