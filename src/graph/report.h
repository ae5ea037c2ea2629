/* SPDX-License-Identifier: MIT
 *
 * What a run tells: lines for people on stderr, or JSON events on stdout, one object a line.
 */
#ifndef GRAPH_REPORT_H
#define GRAPH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

struct report {
	bool json;
	bool explain; /* also tell what did not run */
	bool dry_run;
	int run, skipped, failed, flashed; /* counted here, for the summary */
};

/* `target` is a recipe's id, `step` its label; reason may be NULL. ms: how long it took, or will (0: not known). */
void report_plan(struct report *r, const char *target, const char *step, const char *reason,
		 int64_t ms);
void report_start(struct report *r, const char *target, const char *step, const char *reason,
		  int64_t estimate_ms);
void report_done(struct report *r, const char *target, const char *step, const char *reason,
		 int64_t ms);
void report_skip(struct report *r, const char *target, const char *step, const char *reason);
void report_fail(struct report *r, const char *target, const char *step, const char *message,
		 const char *hint);

/* Something worth knowing that is no failure. */
void report_note(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A file that a target asked for is in its place. */
void report_file(struct report *r, const char *target, const char *path, uint64_t size);
/* What a device said of itself after a flash, or when it was asked. */
void report_device(struct report *r, const char *target, const char *text, const char *address);

void report_summary(struct report *r, int64_t ms);

#endif
