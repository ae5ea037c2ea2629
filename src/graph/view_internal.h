/* SPDX-License-Identifier: MIT
 *
 * What the views of a graph share with each other and with nobody else.
 */
#ifndef GRAPH_VIEW_INTERNAL_H
#define GRAPH_VIEW_INTERNAL_H

#include "graph/view.h"

struct recipe_list {
	const struct recipe **items;
	size_t count, cap;
};

/* The recipes of the graph's steps, in the order of their first ones. vec_free. */
void view_recipes(const struct graph *g, struct recipe_list *out);

/* What the rules say that a compile step reads, and its board's folder; nothing for other steps. vec_free. */
bool view_sources(struct session *s, const struct step *step, struct strv *out, struct err *e);

/* Need number `i`; NULL when a file that the step reads says it already, or an earlier need does. */
const struct step *view_bare_need(const struct step *step, size_t i);

/* True when `step` reads what its bare need makes: a compile step is given mpy-cross. */
bool view_hands_over(const struct step *step, const struct step *need);

#endif
