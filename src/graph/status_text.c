/* SPDX-License-Identifier: MIT
 *
 * The words of the status area, and what of them stays where there is little room.
 */
#include <inttypes.h>
#include <string.h>

#include "graph/status.h"

enum {
	BAR_CELLS = 16,
	MAX_NAME = 50, /* names are not filled up to the width of one that is longer */
	LEAST_NAME = 8,
};

/* Columns of a text: one for each character of UTF-8 (ids have no wide ones). */
static int width(const char *text, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static int width_of(const char *text)
{
	return width(text, strlen(text));
}

/* Drops whole characters at the end. */
static void cut(struct strbuf *out, size_t from, int columns)
{
	size_t len = out->len;

	while (len > from && width(out->buf + from, len - from) > columns) {
		len--;
		while (len > from && ((unsigned char)out->buf[len] & 0xc0) == 0x80)
			len--;
	}
	strbuf_set_len(out, len);
}

void status_add_time(struct strbuf *out, int64_t ms)
{
	int64_t s = (ms + 500) / 1000;

	if (s >= 3600)
		strbuf_addf(out, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60),
			    (int)(s % 60));
	else
		strbuf_addf(out, "%d:%02d", (int)(s / 60), (int)(s % 60));
}

void status_add_rate(struct strbuf *out, uint64_t bytes, int64_t ms)
{
	uint64_t rate = bytes * 1000 / (uint64_t)ms;

	if (rate >= 10000000)
		strbuf_addf(out, "%.1f MB/s", (double)rate / 1e6);
	else if (rate >= 10000)
		strbuf_addf(out, "%" PRIu64 " kB/s", rate / 1000);
	else
		strbuf_addf(out, "%.1f kB/s", (double)rate / 1000);
}

void status_text(const struct status_facts *f, int columns, struct strbuf *out)
{
	size_t from = out->len;

	strbuf_addf(out, "[%zu/%zu]", f->done, f->total);
	if (f->left_ms >= 0) {
		strbuf_addch(out, ' ');
		status_add_time(out, f->left_ms);
		strbuf_adds(out, " left");
	}
	cut(out, from, columns);
}

int status_name_columns(const struct status_line *lines, size_t count)
{
	int most = 0;

	for (size_t i = 0; i < count; i++) {
		int n = width_of(lines[i].name);

		if (n > most && n <= MAX_NAME)
			most = n;
	}
	return most;
}

static void add_bar(int permille, struct strbuf *out)
{
	int full = permille >= 1000 ? BAR_CELLS : permille * BAR_CELLS / 1000;

	strbuf_addch(out, '[');
	for (int i = 0; i < BAR_CELLS; i++)
		strbuf_addch(out, i < full ? '#' : '.');
	strbuf_addch(out, ']');
}

/* The end of a name says most: which device it is. */
static void add_name(const char *name, int columns, struct strbuf *out)
{
	int drop = width_of(name) - columns;

	if (drop > 0) {
		strbuf_adds(out, "..");
		for (drop += 2; drop > 0 && *name; drop--)
			for (name++; ((unsigned char)*name & 0xc0) == 0x80;)
				name++;
	}
	strbuf_adds(out, name);
}

void status_line_text(const struct status_line *l, int name_columns, int columns,
		      struct strbuf *out)
{
	size_t from = out->len;
	int name = width_of(l->name), text = width_of(l->text);
	int bar = l->permille >= 0 ? BAR_CELLS + 3 : 0;
	int first = width(l->text, strcspn(l->text, ",")), room = columns - first - 2;
	int fill = name_columns > name ? name_columns - name : 0;

	if (name + fill + 2 + bar + text > columns)
		fill = 0;
	if (name + 2 + bar + text > columns)
		bar = 0;
	if (room < LEAST_NAME)
		room = LEAST_NAME;
	add_name(l->name, room < name ? room : name, out);
	if (bar || text)
		strbuf_addf(out, "%*s", fill + 2, "");
	if (bar)
		add_bar(l->permille, out);
	if (bar && text)
		strbuf_addch(out, ' ');
	strbuf_adds(out, l->text);
	cut(out, from, columns);
}
