/* SPDX-License-Identifier: MIT
 *
 * How far a step is whose process tells nothing by itself: by the time that it took before, and by the last words of its log.
 */
#ifndef GRAPH_STEP_PROGRESS_H
#define GRAPH_STEP_PROGRESS_H

#include "graph/step.h"

/* What the last words of a log say of how far it is. */
struct log_words {
	int permille;   /* negative: nothing */
	char what[200]; /* "Receiving objects"; or the last line as it is, printable; "" */
	char rate[64];  /* git's: "12.30 MiB, 3.20 MiB/s"; "" */
};

/*
 * Reads the words of git ("Receiving objects:  45% (450/1000), 12.30 MiB | 3.20 MiB/s"), of ninja ("[12/300] ...") and of CMake's
 * makefiles ("[ 45%] ..."), in the last line of `text` that has one; lines end with a line break or a carriage return.
 */
void log_words_read(struct log_words *w, const char *text, size_t len);

/*
 * Appends "12 s, 0:08 left" (estimate_ms is what it took last time), "12 s, 12 of 300", "Receiving objects 45 %, 3.2 MiB/s"; nothing in
 * the first second. *permille as of step_kind.tick.
 */
void step_progress(const struct step *step, int64_t now_ms, struct strbuf *text, int *permille);

#endif
