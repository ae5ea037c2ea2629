/* SPDX-License-Identifier: MIT
 *
 * Causes: what differs between what a step is made of now and what its last success was made of.
 */
#ifndef GRAPH_CAUSE_H
#define GRAPH_CAUSE_H

#include "graph/session.h"
#include "graph/step.h"

struct cause {
	const char *kind; /* "file", "argument", "environment", "tool", "output", "part" */
	const char *name; /* "py/obj.c", "argument DEBUG", "tool make" */
	const char *
		change; /* "changed", "is new", "is gone", "was removed": reads on after the name */
	/*
	 * Digests as hex, a tool's path and digest, a flag's whole word, a link's text; "absent": it was looked for in
	 * vain; NULL: it was not there, or is not there now, or (a name) nobody looked at what it holds.
	 */
	const char *old, *new;
};

struct causes {
	VEC(struct cause) items; /* files first, then parts, each in the order of their lists */
	size_t parts;            /* how many were compared (of now) */
	size_t files, absent, folders; /* what the closure, or the list of declared inputs, held */
	bool traced;                   /* they are the closure of the last success */
	bool no_record;                /* the record of the last success is not in the store */
	bool no_closure;               /* ... its parts are, but not what it read */
};

/*
 * Compares step->parts with those of `last`, and what that read with what is there now. `skip`: the name of a part that is not known yet and does not count, NULL:
 * none. Strings live in the session's arena; causes_free frees the list.
 */
void causes_collect(struct session *s, const struct step *step, const struct store_last *last,
		    const char *skip, struct causes *out);
void causes_free(struct causes *c);

/* How many files the step's declared inputs are; false when it has none, or their list is not known. */
bool causes_count_inputs(struct session *s, const struct step *step, size_t *count);

/* For causes_collect alone, in cause_closure.c: adds what differs from the closure of `last`. */
void causes_add_closure(struct session *s, const struct store_last *last, struct causes *out);

#endif
