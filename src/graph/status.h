/* SPDX-License-Identifier: MIT
 *
 * The status line: on a terminal, the last line tells how far the run is, what runs and how long it may take; below it is one for each
 * device that is worked on. It is gone before anything else is printed, and at the end.
 */
#ifndef GRAPH_STATUS_H
#define GRAPH_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

struct status_step {
	const char *label, *target; /* "compile", "stm32/PYBV11" */
	int64_t ms;                 /* since it began */
};

struct status_facts {
	size_t done, total; /* steps */
	int64_t left_ms;    /* until all is done; negative: not known */
	const struct status_step *running;
	size_t count;
	const char *const
		*lines; /* more lines below that one, "flash stm32/PYBV11 on ttyACM0: write 45 %" */
	size_t line_count;
};

/* Appends the first line, at most `columns` wide: "[3/12] 1:05 left: compile stm32/PYBV11 12 s, +2". */
void status_text(const struct status_facts *f, int columns, struct strbuf *out);

struct status;

/* NULL: fd is no terminal, or one that cannot erase a line (TERM is not set, or "dumb"). */
struct status *status_create(int fd, int64_t now_ms);
void status_destroy(struct status *st); /* clears; takes NULL */

/* Makes room for other output; takes NULL. */
void status_clear(struct status *st);

/*
 * How long the line stays as it is, whatever happens: at most ten are drawn in a second. 0: it may be drawn; -1 for NULL.
 */
int status_wait_ms(const struct status *st, int64_t now_ms);

/* Draws it, if it says anything else than what is there. */
void status_show(struct status *st, const struct status_facts *f, int64_t now_ms);

#endif
