/* SPDX-License-Identifier: MIT
 *
 * How a run came out for each board that was asked for, and for each device of a fleet: a table at its end, events, JUnit XML.
 */
#ifndef GRAPH_RESULTS_H
#define GRAPH_RESULTS_H

#include "graph/graph.h"

enum outcome {
	OUTCOME_BUILT,  /* something was made for it */
	OUTCOME_DONE,   /* nothing was made, but something was done: it was flashed, cleaned, ... */
	OUTCOME_FRESH,  /* nothing had to be done */
	OUTCOME_FAILED, /* a step of its own failed */
	OUTCOME_LEFT,   /* not tried: what it needs failed, or the run ended before */
	OUTCOMES,
};

/* All strings live in the session's arena. */
struct result {
	const char *id;     /* "stm32/PYBV11-DP"; of one of a fleet "stm32/PYBV11-DP on ttyACM1" */
	const char *target; /* the id without the device */
	const char *device; /* of one of a fleet: its id; else NULL */
	const char *group;  /* "stm32"; the id of what is no board's */
	const char *name;   /* "PYBV11-DP", "PYBV11-DP on ttyACM1" */
	enum outcome outcome;
	int64_t ms;    /* what its own steps took, one after the other */
	bool has_size; /* of the file that is flashed, or the first that was asked for */
	uint64_t size;
	const char *step;  /* that failed: its label; NULL: none did */
	const char *error; /* in full; why it was not tried; NULL: nothing to say */
	const char *brief; /* one line of it */
	const char *log;   /* of the step that failed; NULL: it has none */
};

struct results {
	VEC(struct result) items; /* in the order of the goals; then what else failed */
	size_t counts[OUTCOMES];
};

/*
 * After graph_run, however it ended. A fleet's devices have a result each, and what was built for them one of its own, unless it was
 * up to date. results_free takes a zeroed one too.
 */
bool results_collect(struct graph *g, struct results *out, struct err *e);
/* A step that failed, among those that `step` waits for; NULL: none. */
const struct step *results_failed_need(const struct step *step);
void results_free(struct results *r);

/* "built", "done", "up to date", "failed", "not tried" */
const char *outcome_name(enum outcome o);

/*
 * Appends the table: a line for each, with the path of the log below those that failed, and the counts at its end. `columns`:
 * the terminal's width, to which lines are cut; 0: there is none. Of many boards only those that failed are in it, unless
 * `all`. Where other things than boards are among them (mpy-cross that failed), they are counted as targets.
 */
void results_text(const struct results *r, int columns, bool all, struct strbuf *out);

/* Tells the results of two boards or more: the table on stderr, or an event each. Nothing with -n. */
void results_tell(struct graph *g, const struct results *r);

#endif
