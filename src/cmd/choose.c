/* SPDX-License-Identifier: MIT
 *
 * A list with the keyboard: what is typed narrows it, Enter takes what the bar is on. It is drawn on standard error, since
 * standard output has results.
 */
#include "cmd/choose.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "cmd/choose_list.h"
#include "cmd/global.h"
#include "os/terminal.h"

enum { MOST_ROWS = 15, MAX_LINE = 512 };

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define REVERSE "\033[7m"
#define PLAIN "\033[0m"
#define CLEAR_BELOW "\033[J"

struct picture {
	const struct choose_question *q;
	struct choose_list list;
	size_t top;         /* among the shown: what the first line shows */
	VEC(size_t) widths; /* of the lines that were drawn, in characters */
};

bool choose_can_ask(void)
{
	return global.interactive && terminal_is_there();
}

static bool cancelled(struct err *e)
{
	err_set(e, "cancelled");
	e->kind = ERR_CANCELLED;
	return false;
}

/* --- drawing ------------------------------------------------------------------------------------------------- */

/* As much of the text as fits into `room` columns; how many there were is returned. */
static size_t add_cut(struct strbuf *out, const char *text, size_t room)
{
	char shown[MAX_LINE];
	size_t n = 0, len;

	utf8_printable(shown, sizeof(shown), text, strlen(text));
	for (const char *p = shown; *p; p += len) {
		size_t wide = utf8_columns((const unsigned char *)p);

		len = utf8_len((const unsigned char *)p);
		if (n + wide > room)
			return n;
		n += wide;
		strbuf_add(out, p, len);
	}
	return n;
}

static void end_line(struct picture *p, struct strbuf *out, size_t width)
{
	strbuf_adds(out, PLAIN "\r\n");
	vec_push(&p->widths, width);
}

static void add_item(struct picture *p, size_t row, size_t room, struct strbuf *out)
{
	const struct choice *c = &p->list.items[p->list.shown.items[row]];
	const char *mark = !p->q->several                             ? ""
			   : p->list.marked[p->list.shown.items[row]] ? "[x] "
								      : "[ ] ";
	size_t used;

	strbuf_adds(out, row == p->list.at ? REVERSE : "");
	used = add_cut(out, row == p->list.at ? "> " : "  ", room);
	used += add_cut(out, mark, room - used);
	used += add_cut(out, c->name, room - used);
	if (c->about && *c->about && used + 4 < room) {
		used += add_cut(out, "  ", room - used);
		used += add_cut(out, c->about, room - used);
	}
	end_line(p, out, used);
}

/* Over what was drawn before: on a terminal that got narrower, its lines are more than they were. */
static void go_back(const struct picture *p, size_t columns, struct strbuf *out)
{
	size_t lines = 0;

	for (size_t i = 0; i < p->widths.count; i++)
		lines += p->widths.items[i] ? (p->widths.items[i] + columns - 1) / columns : 1;
	strbuf_adds(out, "\r");
	if (lines)
		strbuf_addf(out, "\033[%zuA", lines);
	strbuf_adds(out, CLEAR_BELOW);
}

static void put(const struct strbuf *out)
{
	fwrite(out->buf, 1, out->len, stderr);
	fflush(stderr);
}

static size_t scroll(struct picture *p, size_t rows)
{
	size_t page = rows > 4 ? rows - 3 : 1;

	page = page > MOST_ROWS ? MOST_ROWS : page;
	/* a search may have left fewer than there were */
	if (p->top + page > p->list.shown.count)
		p->top = p->list.shown.count > page ? p->list.shown.count - page : 0;
	if (p->list.at < p->top)
		p->top = p->list.at;
	if (p->list.at >= p->top + page)
		p->top = p->list.at - page + 1;
	return page;
}

/* Returns how many lines a page has. */
static size_t draw(struct picture *p)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF line = STRBUF_INIT;
	int columns, rows;
	size_t page, room, used;

	terminal_size(&columns, &rows);
	room = columns > 1 ? (size_t)columns - 1 : 1;
	go_back(p, (size_t)columns, &out);
	p->widths.count = 0;
	strbuf_addf(&line, "%s %s", p->q->prompt, p->list.search.buf);
	used = add_cut(&out, line.buf, room);
	end_line(p, &out, used);
	page = scroll(p, (size_t)rows);
	for (size_t i = p->top; i < p->list.shown.count && i < p->top + page; i++)
		add_item(p, i, room, &out);
	strbuf_reset(&line);
	strbuf_addf(&line, "%zu of %zu; %sEnter: %s, Esc: cancel", p->list.shown.count,
		    p->list.count, p->q->several ? "Space: mark, " : "type to search, ",
		    p->q->several ? "take the marked" : "take");
	used = add_cut(&out, line.buf, room);
	end_line(p, &out, used);
	put(&out);
	return page;
}

static void erase_picture(struct picture *p)
{
	AUTO_STRBUF out = STRBUF_INIT;
	int columns, rows;

	terminal_size(&columns, &rows);
	go_back(p, (size_t)columns, &out);
	put(&out);
}

/* 0: cancelled. */
static size_t ask(struct picture *p, size_t *chosen)
{
	for (;;) {
		size_t page = draw(p), n;
		char text[5];
		enum terminal_key key = terminal_key(text);

		if (key == KEY_ESCAPE || key == KEY_INTERRUPT || key == KEY_GONE)
			return 0;
		n = key == KEY_ENTER ? choose_list_take(&p->list, chosen) : 0;
		if (n)
			return n;
		choose_list_press(&p->list, key, text, page);
	}
}

static bool nobody_answers(const struct choose_question *q, const struct choice *items,
			   size_t count, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	char shown[MAX_LINE];

	strbuf_addf(&text, "%s nobody can be asked here; the choices are", q->prompt);
	for (size_t i = 0; i < count; i++) {
		utf8_printable(shown, sizeof(shown), items[i].name, strlen(items[i].name));
		strbuf_addf(&text, "\n  %s", shown);
		if (!items[i].about)
			continue;
		utf8_printable(shown, sizeof(shown), items[i].about, strlen(items[i].about));
		strbuf_addf(&text, "  %s", shown);
	}
	err_usage(e, "%s", text.buf);
	return err_hint(e, "say which: %s", q->instead);
}

bool choose(const struct choose_question *q, const struct choice *items, size_t count,
	    size_t *chosen, size_t *number, struct err *e)
{
	struct picture p = { .q = q };
	bool ok;

	*number = 0;
	if (!count)
		return err_set(e, "%s there is nothing to choose from", q->prompt);
	if (!choose_can_ask())
		return nobody_answers(q, items, count, e);
	if (!terminal_begin(SHOW_CURSOR, e))
		return false;
	fputs(HIDE_CURSOR, stderr);
	choose_list_init(&p.list, items, count, q->several);
	*number = ask(&p, chosen);
	erase_picture(&p);
	terminal_end();
	ok = *number > 0;
	for (size_t i = 0; ok && i < *number; i++)
		fprintf(stderr, "%s%s%s", i ? ", " : q->prompt, i ? "" : " ",
			items[chosen[i]].name);
	if (ok)
		fputc('\n', stderr);
	choose_list_free(&p.list);
	vec_free(&p.widths);
	return ok || cancelled(e);
}

/* --- yes or no ----------------------------------------------------------------------------------------------- */

bool choose_yes(const char *question, const char *instead, struct err *e)
{
	char line[16] = "";

	if (!choose_can_ask()) {
		err_usage(e, "%s nobody can be asked here", question);
		return err_hint(e, "%s says yes", instead);
	}
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (!terminal_line(line, sizeof(line))) {
		fputc('\n', stderr);
		return cancelled(e);
	}
	return strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0 || cancelled(e);
}
