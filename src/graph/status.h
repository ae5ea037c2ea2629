/* SPDX-License-Identifier: MIT
 *
 * The status area: on a terminal, the last lines tell how far the run is and how long it may take, and below that one line each what
 * goes on. It is gone before anything else is printed, and at the end.
 */
#ifndef GRAPH_STATUS_H
#define GRAPH_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

/* One thing that goes on, each with a line of its own. */
struct status_line {
	const char *name; /* "flash stm32/PYBV11 on ttyACM0" */
	const char
		*text; /* "write 45 %, 182 kB/s, 0:03 left": what says most first, up to a comma */
	int permille;  /* how far it is: a bar; negative: not known, and there is none */
};

struct status_facts {
	size_t done,
		total; /* steps, or files; total 0: they are not counted, and there is no first line */
	int64_t left_ms; /* until all is done; negative: not known */
	const struct status_line *lines;
	size_t line_count;
};

/* Appends the first line, at most `columns` wide: "[3/12] 1:05 left". */
void status_text(const struct status_facts *f, int columns, struct strbuf *out);

/* How wide the names are together, so that what stands behind them begins in one column. */
int status_name_columns(const struct status_line *lines, size_t count);

/*
 * Appends a line, at most `columns` wide: the name, filled up to `name_columns`, a bar where there is room for it, the text. On a narrow
 * terminal first the filling goes, then the bar, then the name's beginning, then the text's end: what it is at and how far stays.
 */
void status_line_text(const struct status_line *l, int name_columns, int columns,
		      struct strbuf *out);

/* Appends "1:05", or "2:03:04". */
void status_add_time(struct strbuf *out, int64_t ms);

/* Appends "182 kB/s", from what came in that time (more than 0). */
void status_add_rate(struct strbuf *out, uint64_t bytes, int64_t ms);

struct status;

/* NULL: fd is no terminal, or one that cannot erase a line (TERM is not set, or "dumb"). */
struct status *status_create(int fd, int64_t now_ms);
void status_destroy(struct status *st); /* clears; takes NULL */

/*
 * Where there is no status area: how long what goes on is silent before a line tells of it. MPFLASH_PROGRESS has the seconds (30); 0: it is
 * never told.
 */
int64_t status_lines_ms(void);

/* Makes room for other output; takes NULL. */
void status_clear(struct status *st);

/*
 * How long the line stays as it is, whatever happens: at most ten are drawn in a second. 0: it may be drawn; -1 for NULL.
 */
int status_wait_ms(const struct status *st, int64_t now_ms);

/* Draws it, if it says anything else than what is there. */
void status_show(struct status *st, const struct status_facts *f, int64_t now_ms);

#endif
