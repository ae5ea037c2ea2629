/* SPDX-License-Identifier: MIT
 *
 * A list with the keyboard: what is typed narrows it, Enter takes what the bar is on. It is drawn on standard error, since
 * standard output has results.
 */
#include "cmd/choose.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "os/terminal.h"

enum { MOST_ROWS = 15, MAX_SEARCH = 60, MAX_LINE = 512 };

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define REVERSE "\033[7m"
#define PLAIN "\033[0m"
#define CLEAR_BELOW "\033[J"

struct list {
	const struct choose_question *q;
	const struct choice *items;
	size_t count;
	struct strbuf search;
	VEC(size_t) shown; /* those that fit the search */
	bool *marked;
	size_t at, top;     /* among shown: where the bar is, what the first line shows */
	VEC(size_t) widths; /* of the lines that were drawn, in characters */
};

bool choose_by_default(void)
{
	const char *ci = getenv("CI"), *github = getenv("GITHUB_ACTIONS");

	return !(ci && strcasecmp(ci, "true") == 0) && !(github && *github);
}

bool choose_can_ask(bool interactive)
{
	return interactive && terminal_is_there();
}

static bool cancelled(struct err *e)
{
	err_set(e, "cancelled");
	e->kind = ERR_CANCELLED;
	return false;
}

/* --- the search ---------------------------------------------------------------------------------------------- */

static bool contains(const char *text, const char *word, size_t len)
{
	for (; text && *text; text++)
		if (strncasecmp(text, word, len) == 0)
			return true;
	return false;
}

/* Every word of the search is in its name or in what is said about it. */
static bool fits(const struct choice *c, const char *search)
{
	while (*(search += strspn(search, " "))) {
		size_t len = strcspn(search, " ");

		if (!contains(c->name, search, len) && !contains(c->about, search, len))
			return false;
		search += len;
	}
	return true;
}

/* The bar goes to the first whose name begins with what was typed, else to the first. */
static void search(struct list *l)
{
	l->shown.count = l->at = l->top = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (!fits(&l->items[i], l->search.buf))
			continue;
		vec_push(&l->shown, i);
	}
	for (size_t i = 0; l->search.len && i < l->shown.count; i++)
		if (strncasecmp(l->items[l->shown.items[i]].name, l->search.buf, l->search.len) ==
		    0) {
			l->at = i;
			return;
		}
}

/* --- drawing ------------------------------------------------------------------------------------------------- */

/* At most `room` characters of the text; how many there were is returned. */
static size_t add_cut(struct strbuf *out, const char *text, size_t room)
{
	char shown[MAX_LINE];
	size_t n = 0;

	utf8_printable(shown, sizeof(shown), text, strlen(text));
	for (const char *p = shown; *p; p++) {
		n += ((unsigned char)*p & 0xc0) != 0x80;
		if (n > room)
			return room;
		strbuf_addch(out, *p);
	}
	return n;
}

static void end_line(struct list *l, struct strbuf *out, size_t width)
{
	strbuf_adds(out, PLAIN "\r\n");
	vec_push(&l->widths, width);
}

static void add_item(struct list *l, size_t row, size_t room, struct strbuf *out)
{
	const struct choice *c = &l->items[l->shown.items[row]];
	const char *mark = !l->q->several ? "" : l->marked[l->shown.items[row]] ? "[x] " : "[ ] ";
	size_t used;

	strbuf_adds(out, row == l->at ? REVERSE : "");
	used = add_cut(out, row == l->at ? "> " : "  ", room);
	used += add_cut(out, mark, room - used);
	used += add_cut(out, c->name, room - used);
	if (c->about && *c->about && used + 4 < room) {
		used += add_cut(out, "  ", room - used);
		used += add_cut(out, c->about, room - used);
	}
	end_line(l, out, used);
}

/* Over what was drawn before: on a terminal that got narrower, its lines are more than they were. */
static void go_back(const struct list *l, size_t columns, struct strbuf *out)
{
	size_t lines = 0;

	for (size_t i = 0; i < l->widths.count; i++)
		lines += l->widths.items[i] ? (l->widths.items[i] + columns - 1) / columns : 1;
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

static size_t scroll(struct list *l, size_t rows)
{
	size_t page = rows > 4 ? rows - 3 : 1;

	page = page > MOST_ROWS ? MOST_ROWS : page;
	if (l->at < l->top)
		l->top = l->at;
	if (l->at >= l->top + page)
		l->top = l->at - page + 1;
	return page;
}

/* Returns how many lines a page has. */
static size_t draw(struct list *l)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF line = STRBUF_INIT;
	int columns, rows;
	size_t page, room, used;

	terminal_size(&columns, &rows);
	room = columns > 1 ? (size_t)columns - 1 : 1;
	go_back(l, (size_t)columns, &out);
	l->widths.count = 0;
	strbuf_addf(&line, "%s %s", l->q->prompt, l->search.buf);
	used = add_cut(&out, line.buf, room);
	end_line(l, &out, used);
	page = scroll(l, (size_t)rows);
	for (size_t i = l->top; i < l->shown.count && i < l->top + page; i++)
		add_item(l, i, room, &out);
	strbuf_reset(&line);
	strbuf_addf(&line, "%zu of %zu; %sEnter: %s, Esc: cancel", l->shown.count, l->count,
		    l->q->several ? "Space: mark, " : "type to search, ",
		    l->q->several ? "take the marked" : "take");
	used = add_cut(&out, line.buf, room);
	end_line(l, &out, used);
	put(&out);
	return page;
}

static void erase_picture(struct list *l)
{
	AUTO_STRBUF out = STRBUF_INIT;
	int columns, rows;

	terminal_size(&columns, &rows);
	go_back(l, (size_t)columns, &out);
	put(&out);
}

/* --- keys ---------------------------------------------------------------------------------------------------- */

static void move_to(struct list *l, size_t at)
{
	if (l->shown.count)
		l->at = at < l->shown.count ? at : l->shown.count - 1;
}

static void drop_character(struct list *l)
{
	size_t len = l->search.len;

	while (len && ((unsigned char)l->search.buf[len - 1] & 0xc0) == 0x80)
		len--;
	strbuf_set_len(&l->search, len ? len - 1 : 0);
	search(l);
}

static void type(struct list *l, const char *text)
{
	if (l->q->several && strcmp(text, " ") == 0) {
		if (l->shown.count) {
			bool *mark = &l->marked[l->shown.items[l->at]];

			*mark = !*mark;
			move_to(l, l->at + 1);
		}
	} else if (l->search.len + strlen(text) <= MAX_SEARCH) {
		strbuf_adds(&l->search, text);
		search(l);
	}
}

static void press(struct list *l, enum terminal_key key, const char *text, size_t page)
{
	switch (key) {
	case KEY_TEXT:
		type(l, text);
		break;
	case KEY_UP:
		move_to(l, l->at ? l->at - 1 : 0);
		break;
	case KEY_DOWN:
		move_to(l, l->at + 1);
		break;
	case KEY_PAGE_UP:
		move_to(l, l->at > page ? l->at - page : 0);
		break;
	case KEY_PAGE_DOWN:
		move_to(l, l->at + page);
		break;
	case KEY_HOME:
		move_to(l, 0);
		break;
	case KEY_END:
		move_to(l, l->count);
		break;
	case KEY_BACKSPACE:
		drop_character(l);
		break;
	case KEY_CLEAR:
		strbuf_reset(&l->search);
		search(l);
		break;
	default:
		break;
	}
}

/* The marked ones, else the one that the bar is on. */
static size_t take(const struct list *l, size_t *chosen)
{
	size_t n = 0;

	for (size_t i = 0; l->q->several && i < l->count; i++)
		if (l->marked[i])
			chosen[n++] = i;
	if (!n && l->shown.count)
		chosen[n++] = l->shown.items[l->at];
	return n;
}

/* 0: cancelled. */
static size_t ask(struct list *l, size_t *chosen)
{
	search(l);
	for (;;) {
		size_t page = draw(l), n;
		char text[5];
		enum terminal_key key = terminal_key(text);

		if (key == KEY_ESCAPE || key == KEY_INTERRUPT || key == KEY_GONE)
			return 0;
		n = key == KEY_ENTER ? take(l, chosen) : 0;
		if (n)
			return n;
		press(l, key, text, page);
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
	struct list l = { .q = q, .items = items, .count = count, .search = STRBUF_INIT };
	bool ok;

	*number = 0;
	if (!count)
		return err_set(e, "%s there is nothing to choose from", q->prompt);
	if (!choose_can_ask(q->interactive))
		return nobody_answers(q, items, count, e);
	if (!terminal_begin(SHOW_CURSOR, e))
		return false;
	fputs(HIDE_CURSOR, stderr);
	l.marked = xcalloc(count, sizeof(*l.marked));
	*number = ask(&l, chosen);
	erase_picture(&l);
	terminal_end();
	ok = *number > 0;
	for (size_t i = 0; ok && i < *number; i++)
		fprintf(stderr, "%s%s%s", i ? ", " : q->prompt, i ? "" : " ",
			items[chosen[i]].name);
	if (ok)
		fputc('\n', stderr);
	strbuf_free(&l.search);
	vec_free(&l.shown);
	vec_free(&l.widths);
	free(l.marked);
	return ok || cancelled(e);
}

/* --- yes or no ----------------------------------------------------------------------------------------------- */

bool choose_yes(const char *question, const char *instead, bool interactive, struct err *e)
{
	char line[16] = "";

	if (!choose_can_ask(interactive)) {
		err_usage(e, "%s nobody can be asked here", question);
		return err_hint(e, "%s says yes", instead);
	}
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin)) {
		fputc('\n', stderr);
		return cancelled(e);
	}
	line[strcspn(line, "\r\n")] = '\0';
	return strcasecmp(line, "y") == 0 || strcasecmp(line, "yes") == 0 || cancelled(e);
}
