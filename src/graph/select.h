/* SPDX-License-Identifier: MIT
 *
 * Of the boards that the targets name, those that are to be built: --exclude, --since and --shard, in that order.
 */
#ifndef GRAPH_SELECT_H
#define GRAPH_SELECT_H

#include "graph/graph.h"

/*
 * Takes the others out of the graph, by the session's options. After all targets were added, before graph_order. What was
 * chosen is told in a note; with --explain (and as events) the reason for each board. No board left is no error, unless
 * nothing but --exclude was given.
 */
bool graph_select(struct graph *g, struct err *e);

#endif
