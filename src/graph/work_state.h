/* SPDX-License-Identifier: MIT
 *
 * What a work folder was left with: the parts and the closure of the last run in it that ended by itself. It lies beside
 * the folder and is taken away before make runs: a folder without it is started from nothing.
 */
#ifndef GRAPH_WORK_STATE_H
#define GRAPH_WORK_STATE_H

#include "graph/closure.h"

struct work_state {
	struct strbuf parts;
	struct closure closure;
	int64_t epoch; /* SOURCE_DATE_EPOCH of that run */
};
#define WORK_STATE_INIT              \
	{                            \
		.parts = STRBUF_INIT \
	}

/* False: there is none, it is damaged, or the folder was moved since: make's dependency files name it by its path. */
bool work_state_read(const char *work_dir, struct work_state *out);
bool work_state_write(const char *work_dir, const struct work_state *state, struct err *e);
bool work_state_remove(const char *work_dir, struct err *e);
void work_state_free(struct work_state *state);

/*
 * Whether a run with these parts can go on in the folder: all are the same but for the stamp, which make looks at itself,
 * and for mpy-cross (*other_mpy_cross). *why: the part that differs; in the arena.
 */
bool work_state_fits(const struct work_state *state, const struct strbuf *parts,
		     bool *other_mpy_cross, const char **why, struct arena *a);

#endif
