/* SPDX-License-Identifier: MIT
 *
 * Deploy notes: what a board's people write about getting firmware onto it, shown after its first build.
 */
#ifndef CMD_NOTES_H
#define CMD_NOTES_H

#include "base/vec.h"
#include "board/catalogue.h"
#include "graph/graph.h"

/* Appends a loaded board's notes under a heading, as plain text; nothing when it has none. columns 0: no terminal, 80. */
void notes_text(const struct board *b, int columns, struct strbuf *out);

/* The boards of a run that were never built in this tree before. */
struct notes {
	VEC(struct recipe *) first;
};

/* Before the run; only boards that were named count, not those of `all`. */
bool notes_before(struct notes *n, struct graph *g, struct err *e);
/* After it: the notes of those that are built now go to stderr; of several boards, only where they are to be had. */
void notes_after(struct notes *n);
void notes_free(struct notes *n);

#endif
