/* SPDX-License-Identifier: MIT
 *
 * Why each step of a graph would run now or not, against its last success: everything, where a reason is one line.
 */
#ifndef GRAPH_EXPLAIN_H
#define GRAPH_EXPLAIN_H

#include "graph/cause.h"
#include "graph/graph.h"

enum verdict_kind {
	VERDICT_RUN,   /* it would run */
	VERDICT_FRESH, /* there is nothing to do */
	VERDICT_AFTER, /* not known before `after` has run: what that makes may come out the same */
	VERDICT_ERROR, /* it cannot be judged: `error` */
};

struct verdict {
	const struct step *step;
	enum verdict_kind kind;
	const char *reason;       /* in one line; NULL for VERDICT_AFTER and VERDICT_ERROR */
	const struct step *after; /* what has to run, or be judged, before */
	const char *place; /* files that would be put in place from the store, "a, b"; NULL: none */
	struct err error;
	bool has_last; /* it succeeded before in this tree, and steps that make files record that */
	struct store_last last;
	bool has_made; /* what it made then is known: when, how long it took, the stamp */
	struct store_action made;
	bool from_store; /* nothing to do, because step->result was made elsewhere or earlier */
	/* What differs from the last success. Also of a fresh step: the store may know what it makes from elsewhere. */
	struct causes causes;
};

struct verdicts {
	VEC(struct verdict) items; /* in the graph's order */
};

/*
 * Judges the steps of an ordered graph; opt->dry_run has to be set, and devices are asked only with opt->probe. A step
 * that cannot be judged is a verdict, not an error. Strings live in the session's arena.
 */
void explain_graph(struct graph *g, struct verdicts *out);
void verdicts_free(struct verdicts *v);

#endif
