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
	/* Digests as hex, a tool's path and digest, a flag's whole word; NULL: it was not there, or is not there now. */
	const char *old, *new;
};

struct causes {
	VEC(struct cause) items; /* files first, then parts, each in the order of their lists */
	size_t parts, files;     /* how many were compared (of now) */
	bool no_record;          /* the record of the last success is not in the store */
};

/*
 * Compares step->parts with those of `last`. `skip`: the name of a part that is not known yet and does not count, NULL:
 * none. Strings live in the session's arena; causes_free frees the list.
 */
void causes_collect(struct session *s, const struct step *step, const struct store_last *last,
		    const char *skip, struct causes *out);
void causes_free(struct causes *c);

/* How many files the step's declared inputs are; false when it has none, or their list is not known. */
bool causes_count_inputs(struct session *s, const struct step *step, size_t *count);

#endif
