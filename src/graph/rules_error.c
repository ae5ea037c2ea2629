/* SPDX-License-Identifier: MIT
 *
 * Errors that show their place: file, line, column, the line itself and a caret below the
 * character.
 */
#include <stdarg.h>
#include <string.h>

#include "graph/rules_internal.h"

enum {
	SHOWN_MAX = 90,   /* characters of a line that are shown */
	SHOWN_BEFORE = 60 /* of them before the caret, when the line is longer */
};

static const struct rules_source *source_of(const struct rules *r, const char *file)
{
	for (size_t i = r->sources.count; i-- > 0;)
		if (r->sources.items[i]->name == file)
			return r->sources.items[i];
	return NULL;
}

/* Where a line starts; the text's end when there is none. */
static const char *find_line(const struct rules_source *src, int line)
{
	const char *p = src->text, *end = src->text + src->len;

	if (src->len >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	for (; line > 1; line--) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			return end;
		p++;
	}
	return p;
}

static bool at_end(const char *p, const char *end)
{
	return p == end || *p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n');
}

/* The line on one line of a terminal: what a terminal would act on is shown as '?'. */
static void show_line(struct strbuf *sb, const struct rules_source *src, struct rules_pos pos)
{
	const char *p = find_line(src, pos.line), *end = src->text + src->len;
	int first = pos.column > SHOWN_MAX ? pos.column - SHOWN_BEFORE : 1;
	AUTO_STRBUF pad = STRBUF_INIT;

	strbuf_adds(sb, first > 1 ? "\n  ..." : "\n  ");
	strbuf_adds(&pad, first > 1 ? "\n     " : "\n  ");
	for (int column = 1; !at_end(p, end) && column < first + SHOWN_MAX; column++) {
		size_t len = rules_utf8(p, end);
		bool plain = len && ((unsigned char)*p >= 0x20 || *p == '\t') && *p != 0x7f;

		if (column >= first)
			strbuf_add(sb, plain ? p : "?", plain ? len : 1);
		if (column >= first && column < pos.column)
			strbuf_addch(&pad, *p == '\t' ? '\t' : ' ');
		p += len ? len : 1;
	}
	if (!at_end(p, end))
		strbuf_adds(sb, "...");
	strbuf_addf(sb, "%s^", pad.buf);
}

bool rules_err_at(const struct rules *r, struct rules_pos pos, struct err *e, const char *fmt, ...)
{
	AUTO_STRBUF sb = STRBUF_INIT;
	const struct rules_source *src = r && pos.file ? source_of(r, pos.file) : NULL;
	va_list ap;

	if (pos.file)
		strbuf_addf(&sb, "%s:%d:%d: ", pos.file, pos.line, pos.column);
	va_start(ap, fmt);
	strbuf_vaddf(&sb, fmt, ap);
	va_end(ap);
	if (src)
		show_line(&sb, src, pos);
	return err_set(e, "%s", sb.buf);
}
