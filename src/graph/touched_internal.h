/* SPDX-License-Identifier: MIT
 *
 * What the judges of steps (touched.c) and of closures (touched_closure.c) share.
 */
#ifndef GRAPH_TOUCHED_INTERNAL_H
#define GRAPH_TOUCHED_INTERNAL_H

#include "base/hash.h"
#include "graph/touched.h"

struct verdict {
	bool is;
	const char *why; /* NULL: it is not; in the session's arena */
};

/* "py/obj.h changed"; in the session's arena. */
const char *touched_text(const struct touched *t, const struct since_change *c);

/*
 * Judges by the closure under that weak key that holds in the work tree; touched, when there is none. `v` is not touched
 * before.
 */
bool touched_closure(struct touched *t, const struct digest *weak, struct verdict *v,
		     struct err *e);

#endif
