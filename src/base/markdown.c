/* SPDX-License-Identifier: MIT
 *
 * Lines are gathered into blocks; a block is written when the next one begins. The text comes from outside: nothing of it
 * but printable characters gets through.
 */
#include "base/markdown.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

struct layout {
	struct strbuf *out;
	size_t columns;
	size_t first, hang;  /* blanks before the block's first line, and before the others */
	struct strbuf block; /* words of the paragraph or item, not yet written */
	bool fenced, after_blank, any;
};

/* --- characters ----------------------------------------------------------------------------------------------- */

static bool is_control(const unsigned char *s)
{
	return *s < 0x20 || *s == 0x7f || (*s == 0xc2 && s[1] < 0xa0);
}

static void clean(const char *text, size_t len, struct strbuf *out)
{
	for (size_t i = 0; i < len;) {
		const unsigned char *s = (const unsigned char *)text + i;
		unsigned char character[5] = { 0 }; /* the text need not end in a NUL */
		size_t n;

		memcpy(character, s, len - i < 4 ? len - i : 4);
		n = utf8_len(character);
		if (*s == '\n')
			strbuf_addch(out, '\n');
		else if (*s == '\t')
			strbuf_adds(out, "    ");
		else if (!n)
			strbuf_addch(out, '?');
		else if (!is_control(character))
			strbuf_add(out, s, n);
		i += n ? n : 1;
	}
}

/* Columns that a text takes, as if each character took one. */
static size_t width(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* "[text](url)" -> "text (url)"; *used: its length. False: it is none. */
static bool link_text(const char *s, size_t len, struct strbuf *out, size_t *used)
{
	const char *middle, *end;
	size_t start = *s == '!' ? 2 : 1;

	if (len < start + 1 || s[start - 1] != '[')
		return false;
	for (middle = s + start; middle + 1 < s + len && *middle != ']'; middle++)
		if (*middle == '[')
			return false;
	if (middle + 1 >= s + len || middle[1] != '(')
		return false;
	end = memchr(middle, ')', (size_t)(s + len - middle));
	if (!end)
		return false;
	strbuf_add(out, s + start, (size_t)(middle - s) - start);
	strbuf_adds(out, " (");
	strbuf_add(out, middle + 2, (size_t)(end - middle) - 2);
	strbuf_addch(out, ')');
	*used = (size_t)(end - s) + 1;
	return true;
}

static void plain(const char *s, size_t len, struct strbuf *out)
{
	for (size_t i = 0, used; i < len; i += used) {
		used = 1;
		if (s[i] == '*' && i + 1 < len && s[i + 1] == '*')
			used = 2;
		else if (!link_text(s + i, len - i, out, &used))
			strbuf_addch(out, s[i]);
	}
}

/* --- blocks --------------------------------------------------------------------------------------------------- */

static void blanks(struct strbuf *out, size_t n)
{
	while (n--)
		strbuf_addch(out, ' ');
}

/* Writes the words that were gathered. */
static void flush(struct layout *l)
{
	AUTO_STRBUF text = STRBUF_INIT;
	size_t column = l->first;
	bool begun = false;

	plain(l->block.buf, l->block.len, &text);
	strbuf_reset(&l->block);
	for (const char *s = text.buf + strspn(text.buf, " "); *s; s += strspn(s, " ")) {
		size_t len = strcspn(s, " "), wide = width(s, len);

		if (!begun) {
			blanks(l->out, l->first);
		} else if (column + 1 + wide > l->columns) {
			strbuf_addch(l->out, '\n');
			blanks(l->out, l->hang);
			column = l->hang;
		} else {
			strbuf_addch(l->out, ' ');
			column++;
		}
		strbuf_add(l->out, s, len);
		column += wide;
		begun = l->any = true;
		s += len;
	}
	if (begun)
		strbuf_addch(l->out, '\n');
	l->first = l->hang = 0;
}

static void verbatim(struct layout *l, const char *line, size_t len)
{
	flush(l);
	strbuf_add(l->out, line, len);
	strbuf_addch(l->out, '\n');
	l->any = true;
}

/* Empty lines between blocks, one each; none at the beginning. */
static void blank(struct layout *l)
{
	flush(l);
	if (!l->after_blank && l->any)
		strbuf_addch(l->out, '\n');
	l->after_blank = true;
}

/* Where the text of a list item begins behind its "- " or "1. "; 0: the line is none. */
static size_t marker(const char *line, size_t len, size_t indent)
{
	size_t n = indent;

	if (n < len && strchr("-*+", line[n])) {
		n++;
	} else {
		while (n < len && n < indent + 3 && isdigit((unsigned char)line[n]))
			n++;
		if (n == indent || n == len || (line[n] != '.' && line[n] != ')'))
			return 0;
		n++;
	}
	if (n == len || line[n] != ' ')
		return 0;
	return n + 1;
}

static void add_words(struct layout *l, const char *s, size_t len)
{
	strbuf_addch(&l->block, ' ');
	strbuf_add(&l->block, s, len);
}

static void heading(struct layout *l, const char *line, size_t len)
{
	size_t n = strspn(line, "#");

	flush(l);
	if (l->any && !l->after_blank)
		strbuf_addch(l->out, '\n');
	add_words(l, line + n, len - n);
	flush(l);
}

static void add_line(struct layout *l, const char *line, size_t len)
{
	size_t indent = strspn(line, " "), text = marker(line, len, indent);

	if (indent > len)
		indent = len;
	if (len - indent >= 3 && memcmp(line + indent, "```", 3) == 0) {
		flush(l);
		l->fenced = !l->fenced;
		return;
	}
	if (l->fenced || (len > indent && line[indent] == '|') ||
	    (indent >= 4 && len > indent && !text && !l->block.len)) {
		if (l->fenced)
			blanks(l->out, 4);
		verbatim(l, line, len);
	} else if (indent == len) {
		blank(l);
		return;
	} else if (*line == '#') {
		heading(l, line, len);
	} else if (text) {
		flush(l);
		l->first = indent;
		l->hang = text;
		add_words(l, line + indent, len - indent);
	} else {
		if (!l->block.len)
			l->first = l->hang = indent;
		add_words(l, line + indent, len - indent);
	}
	l->after_blank = false;
}

void markdown_text(const char *text, size_t len, int columns, struct strbuf *out)
{
	AUTO_STRBUF copy = STRBUF_INIT;
	struct layout l = { .out = out, .block = STRBUF_INIT, .columns = 20 };
	size_t start = out->len;

	if (columns > 20)
		l.columns = (size_t)columns;
	clean(text, len, &copy);
	for (const char *line = copy.buf; *line;) {
		size_t n = strcspn(line, "\n");

		add_line(&l, line, n);
		line += n + (line[n] == '\n');
	}
	flush(&l);
	strbuf_free(&l.block);
	while (out->len > start + 1 && out->buf[out->len - 1] == '\n' &&
	       out->buf[out->len - 2] == '\n')
		strbuf_set_len(out, out->len - 1);
}
