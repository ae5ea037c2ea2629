/* SPDX-License-Identifier: MIT
 *
 * Targets: the words after `mpflash make`.
 */
#ifndef GRAPH_TARGET_H
#define GRAPH_TARGET_H

#include "graph/graph.h"

struct goals {
	struct goal *items;
	size_t count, cap; /* vec_free, and of each its files */
};

/* What a target asks for: one goal, or many for all and PORT/all. */
bool target_resolve(struct session *s, const char *text, struct goals *out, struct err *e);

/* True when the target can do without a source tree (flash- and verify- with --image, halt-). */
bool target_needs_tree(const char *text, bool has_image);

#endif
