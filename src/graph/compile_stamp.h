/* SPDX-License-Identifier: MIT
 *
 * The version stamp of one board's build: the tree's, and a word for settings of its own. With --stamp content (the
 * default) it is an effect of the build; with --stamp exact it is part of the key, so that each commit has its own build.
 */
#ifndef GRAPH_COMPILE_STAMP_H
#define GRAPH_COMPILE_STAMP_H

#include "graph/session.h"
#include "graph/step.h"

/*
 * A configuration that is not the plain one (graph/configuration.h), and a board outside the tree (by its files), add ".c<8 hex>"
 * to the tree's tag, so that the board itself can tell which build it runs. Not for mpy-cross.
 */
bool compile_read_stamp(struct session *s, const struct step *step, struct stamp *out,
			struct err *e);

/* With --stamp exact: appends "stamp tag", "stamp hash", "stamp date" to the step's parts; else nothing. */
bool compile_stamp_parts(struct session *s, const struct step *step, struct strbuf *out,
			 struct err *e);

#endif
