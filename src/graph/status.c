/* SPDX-License-Identifier: MIT
 *
 * Drawing the status area with three control codes that every terminal but "dumb" has.
 */
#include "graph/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/tty.h"

enum {
	LEAST_MS = 100,
	MAX_LINES = 16, /* below the first */
	LINES_S = 30,
	LINES_MAX_S = 86400,
};

static const char erase[] = "\r\033[K", erase_below[] = "\r\033[J";

struct status {
	int fd;
	bool drawn;        /* it is on the terminal now */
	int64_t drawn_ms;  /* when it was drawn last (or begun) */
	struct strbuf now; /* what is there */
};

struct status *status_create(int fd, int64_t now_ms)
{
	struct status *st;

	if (!tty_is_able(fd))
		return NULL;
	st = xcalloc(1, sizeof(*st));
	*st = (struct status){ .fd = fd, .drawn_ms = now_ms, .now = STRBUF_INIT };
	return st;
}

/* One write, so that a line is never seen in parts. A terminal that is gone is no reason to stop. */
static void put(int fd, const struct strbuf *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->buf + done, text->len - done);

		if (n < 0 && errno != EINTR)
			return;
		done += n > 0 ? (size_t)n : 0;
	}
}

/*
 * Lines, whatever rows a terminal that was made narrower since has made of them: not all do, and then what stands above would go.
 */
static int lines_above(const struct status *st)
{
	int lines = 0;

	for (const char *line = st->now.buf; (line = strchr(line, '\n')); line++)
		lines++;
	return lines;
}

/* To the first line, and nothing from there on. */
static void add_erase(const struct status *st, struct strbuf *text)
{
	int lines = st->drawn ? lines_above(st) : 0;

	if (lines)
		strbuf_addf(text, "\033[%dA%s", lines, erase_below);
	else
		strbuf_adds(text, erase);
}

void status_clear(struct status *st)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (!st || !st->drawn)
		return;
	add_erase(st, &text);
	put(st->fd, &text);
	st->drawn = false;
}

int64_t status_lines_ms(void)
{
	const char *value = getenv("MPFLASH_PROGRESS");
	char *end;
	long s;

	if (!value || !*value)
		return LINES_S * 1000;
	s = strtol(value, &end, 10);
	return (*end || s < 0 || s > LINES_MAX_S ? LINES_S : s) * 1000;
}

void status_destroy(struct status *st)
{
	if (!st)
		return;
	status_clear(st);
	strbuf_free(&st->now);
	free(st);
}

int status_wait_ms(const struct status *st, int64_t now_ms)
{
	int64_t passed;

	if (!st)
		return -1;
	passed = now_ms - st->drawn_ms;
	return passed >= LEAST_MS ? 0 : (int)(LEAST_MS - passed);
}

/* Appends the lines below the first, at most `most`: what has scrolled off the terminal cannot be drawn again. */
static void add_lines(const struct status_facts *f, int columns, size_t most, struct strbuf *out)
{
	size_t shown = f->line_count <= most ? f->line_count : most ? most - 1 : 0;
	int names = status_name_columns(f->lines, shown);

	for (size_t i = 0; i < shown; i++) {
		if (out->len)
			strbuf_addch(out, '\n');
		status_line_text(&f->lines[i], names, columns, out);
	}
	if (shown < f->line_count && most)
		strbuf_addf(out, "\n+%zu", f->line_count - shown);
}

void status_show(struct status *st, const struct status_facts *f, int64_t now_ms)
{
	AUTO_STRBUF text = STRBUF_INIT, line = STRBUF_INIT;
	int columns = tty_columns(st->fd) - 1, rows = tty_rows(st->fd) - 1;

	/* The last column stays free: a full line would make some terminals begin another. */
	if (f->total)
		status_text(f, columns, &line);
	add_lines(f, columns, rows < MAX_LINES ? (size_t)(rows > 0 ? rows : 0) : MAX_LINES, &line);
	if (st->drawn && strcmp(line.buf, st->now.buf) == 0)
		return;
	add_erase(st, &text);
	strbuf_add(&text, line.buf, line.len);
	put(st->fd, &text);
	strbuf_reset(&st->now);
	strbuf_add(&st->now, line.buf, line.len);
	st->drawn = true;
	st->drawn_ms = now_ms;
}
