/* SPDX-License-Identifier: MIT
 *
 * What a change touches: of the steps of a graph those that would not make the same at a commit and in the work tree as it
 * is. A compile step is judged by its closure in the store: each file, link, listing and absent path of it is compared between
 * the two, and so are the rules and board.json's mcu, which choose the words that make gets. Exact where a closure is known
 * that holds in the work tree; where none is, or the one that is known is out of date at both, the step counts as touched.
 * What lies outside the tree has no REF: it counts as touched when it is not what the last build read.
 */
#ifndef GRAPH_TOUCHED_H
#define GRAPH_TOUCHED_H

#include "board/board_json.h"
#include "graph/graph.h"
#include "source/since.h"

struct touched {
	struct session *s;
	struct since since;
	struct map verdicts; /* step id -> struct verdict */
	const char *rules;   /* the change of a rule file in the tree; NULL: none */
	struct board_json json;
	/* by path number and kind of a manifest's entry: what is known of it */
	unsigned char *known;
	size_t known_count;
};

/* Reads what changed since `ref`. touched_close in any case. */
bool touched_open(struct touched *t, struct session *s, const char *ref, struct err *e);
void touched_close(struct touched *t);

/*
 * Whether the step, or one that it needs, is touched; *why (in the session's arena) names the path, or says why that is not
 * known. The graph's steps must have their needs, and none of them may have run.
 */
bool touched_step(struct touched *t, struct step *step, bool *is, const char **why, struct err *e);

#endif
