/* SPDX-License-Identifier: MIT
 *
 * What a run tells: lines for people on stderr, or JSON events on stdout, one object a line.
 */
#ifndef GRAPH_REPORT_H
#define GRAPH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

struct status;

/* How many boards came to what, for the summary: graph/tally.h. A board that was built and flashed counts for both. */
struct report_boards {
	int built;     /* the port's make ran */
	int stored;    /* what it makes came out of the store */
	int converted; /* neither; a format was made of a file that was there */
	int flashed;   /* devices */
	int skipped; /* devices that have their firmware, and boards for which nothing had to be done */
};

struct report {
	bool json;
	bool explain; /* also tell what did not run */
	bool dry_run;
	int run, skipped, failed, flashed; /* counted here, for the summary */
	struct report_boards boards;
	int stopped; /* steps that were ended; counted here too */
	int left;    /* steps that were not begun */
	bool interrupted;
	struct status *status; /* is cleared before each line; NULL: none */
	/* Of a plan: how long it takes, `jobs` at once (0: no plan), and how many of its steps were never timed. */
	int64_t estimate_ms;
	int jobs, guessed;
	/* Of the step that is told next, where it is one on a real device: its id (for events), what people call it; NULL: none. */
	const char *device, *where;
};

/*
 * `target` is a recipe's id, `step` its label; reason may be NULL. ms: how long it took, or will (0: not known). plan: what a flash would
 * do, as JSON; NULL: not known.
 */
void report_plan(struct report *r, const char *target, const char *step, const char *reason,
		 int64_t ms, const char *plan);
void report_start(struct report *r, const char *target, const char *step, const char *reason,
		  int64_t estimate_ms);
void report_done(struct report *r, const char *target, const char *step, const char *reason,
		 int64_t ms);
void report_skip(struct report *r, const char *target, const char *step, const char *reason);
void report_fail(struct report *r, const char *target, const char *step, const char *message,
		 const char *hint);

/* Whether a board that was asked for is among those of --since; with --explain, and as an event. */
void report_select(struct report *r, const char *target, bool taken, const char *reason);

/* Where a step's make runs and why; with --explain, and as an event. image NULL: on this machine. */
void report_builder(struct report *r, const char *target, const char *step, const char *builder,
		    const char *image, const char *reason);

/* The step was begun, and ended because the user wanted that. */
void report_stop(struct report *r, const char *target, const char *step);

/* How far a step on a device is, as an event; people see it in the status area. `what`: "write". */
void report_progress(struct report *r, const char *target, const char *step, const char *what,
		     uint64_t done, uint64_t total);

/* A step that takes long still goes on; `text`: how ("12 s, 0:08 left"). A line, or an event. */
void report_going(struct report *r, const char *target, const char *step, const char *text,
		  int64_t ms, int64_t estimate_ms);

/* With -V, what the programs of a step that has ended said: its log as it is, on stderr. */
void report_output(struct report *r, const char *path);

/* Something worth knowing that is no failure. */
void report_note(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A file that a target asked for is in its place. */
void report_file(struct report *r, const char *target, const char *path, uint64_t size);
/* What a device said of itself after a flash, or when it was asked. */
void report_device(struct report *r, const char *target, const char *text, const char *address);

/* How a board came out, as an event; for people there is a table (graph/results.h). */
struct report_result {
	const char *target, *outcome;
	const char *device;             /* of one of a fleet: its id; NULL */
	int64_t ms, size;               /* size: negative: none */
	const char *step, *error, *log; /* NULL: none */
};
void report_result(struct report *r, const struct report_result *result);

void report_summary(struct report *r, int64_t ms);

#endif
