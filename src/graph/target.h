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

/*
 * The recipe of [PORT/]BOARD[-VARIANT] of the tree, or of another version of it (ref NULL: as it is). *out is NULL when that is not
 * on this machine and nothing may be written (-n).
 */
bool target_recipe(struct session *s, const char *name, const char *ref, struct recipe **out,
		   struct err *e);

/* The node of the file that the port ships for flashing. */
bool target_reference(struct session *s, struct recipe *r, struct node **out, struct err *e);
/* Adds the firmware in that format to the goal's files: as the port's make leaves it, else derived. */
bool target_add_format(struct session *s, struct goal *goal, const char *format, struct err *e);

/* What may stand before a board: the verbs of this version ("flash") and "mboot", and the formats that a target may ask for ("hex"); NULL behind the last. */
const char *target_verb(size_t i);
const char *target_format(size_t i);

/* True for a target that acts on something instead of making files: "flash-X". */
bool target_is_action(const char *text);

/* True when the target can do without a source tree (flash- and verify- with --image, halt-). */
bool target_needs_tree(const char *text, bool has_image);

#endif
