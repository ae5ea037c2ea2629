/* SPDX-License-Identifier: MIT
 *
 * The table of results.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/size.h"
#include "base/utf8.h"
#include "graph/results.h"

enum {
	LINE_MAX_BYTES = 2000, /* of an error, where no terminal cuts it */
	NAME_MAX_COLUMNS = 40,
	LEAST_ERROR_COLUMNS = 20, /* with less room for it, an error stands on a line of its own */
};

/* Appends up to `columns` characters of one line, ending in "..." when it was cut; 0: all. */
static void add_cut(struct strbuf *out, const char *text, int columns)
{
	char line[LINE_MAX_BYTES];
	size_t shown = 0, cut = 0;

	utf8_printable(line, sizeof(line), text, strlen(text));
	for (size_t i = 0; line[i]; i++) {
		if (((unsigned char)line[i] & 0xc0) == 0x80)
			continue;
		if (columns && shown == (size_t)columns - 3)
			cut = i;
		shown++;
	}
	if (columns && shown > (size_t)columns)
		strbuf_addf(out, "%.*s...", (int)cut, line);
	else
		strbuf_adds(out, line);
}

static void add_padded(struct strbuf *out, const char *text, size_t width)
{
	strbuf_addf(out, "%-*s", (int)width, text);
}

static void time_text(int64_t ms, char *out, size_t size)
{
	int64_t s = (ms + 500) / 1000;

	if (!ms)
		*out = '\0';
	else if (s >= 60)
		snprintf(out, size, "%" PRId64 ":%02d min", s / 60, (int)(s % 60));
	else
		snprintf(out, size, "%.1f s", (double)ms / 1000);
}

static bool is_shown(const struct result *one, bool all)
{
	return all || one->outcome == OUTCOME_FAILED;
}

static size_t name_width(const struct results *r, bool all)
{
	size_t width = strlen("board");

	for (size_t i = 0; i < r->items.count; i++) {
		size_t len = strlen(r->items.items[i].id);

		if (is_shown(&r->items.items[i], all) && len > width)
			width = len;
	}
	return width > NAME_MAX_COLUMNS ? NAME_MAX_COLUMNS : width;
}

static void end_line(struct strbuf *out)
{
	while (out->len && out->buf[out->len - 1] == ' ')
		strbuf_set_len(out, out->len - 1);
	strbuf_addch(out, '\n');
}

static void add_row(struct strbuf *out, const struct result *one, size_t width, int columns)
{
	AUTO_STRBUF size = STRBUF_INIT;
	char time[32];
	int room;

	if (one->has_size)
		size_text(one->size, &size);
	time_text(one->ms, time, sizeof(time));
	add_padded(out, one->id, width);
	strbuf_addf(out, "  %-10s  %9s  %9s", outcome_name(one->outcome), time, size.buf);
	room = columns ? columns - (int)width - 36 : 0;
	if (one->brief && columns && room < LEAST_ERROR_COLUMNS) {
		strbuf_adds(out, "\n  ");
		room = columns > LEAST_ERROR_COLUMNS ? columns - 2 : LEAST_ERROR_COLUMNS;
	} else if (one->brief) {
		strbuf_adds(out, "  ");
	}
	if (one->brief)
		add_cut(out, one->brief, room);
	end_line(out);
	if (!one->log)
		return;
	/* Half a path is of no use. */
	if (columns && strlen(one->log) + strlen("  log: ") > (size_t)columns)
		strbuf_addf(out, "  log: `mpflash log %s`\n", one->target);
	else
		strbuf_addf(out, "  log: %s\n", one->log);
}

static void add_counts(struct strbuf *out, const struct results *r)
{
	const char *between = ": ", *noun = "board";

	for (size_t i = 0; i < r->items.count; i++)
		if (strcmp(r->items.items[i].group, r->items.items[i].id) == 0)
			noun = "target";
	strbuf_addf(out, "%zu %s%s", r->items.count, noun, r->items.count == 1 ? "" : "s");
	for (int o = 0; o < OUTCOMES; o++) {
		if (!r->counts[o])
			continue;
		strbuf_addf(out, "%s%zu %s", between, r->counts[o], outcome_name((enum outcome)o));
		between = ", ";
	}
	strbuf_addch(out, '\n');
}

void results_text(const struct results *r, int columns, bool all, struct strbuf *out)
{
	size_t width = name_width(r, all);
	bool any = false;

	for (size_t i = 0; i < r->items.count; i++) {
		if (!is_shown(&r->items.items[i], all))
			continue;
		if (!any) {
			add_padded(out, "board", width);
			strbuf_addf(out, "  %-10s  %9s  %9s\n", "result", "time", "size");
		}
		any = true;
		add_row(out, &r->items.items[i], width, columns);
	}
	add_counts(out, r);
}
