/* SPDX-License-Identifier: MIT
 *
 * How many boards a run built, took from the store, flashed and left alone.
 */
#ifndef GRAPH_TALLY_H
#define GRAPH_TALLY_H

#include "graph/graph.h"

/*
 * After graph_run, however it ended: fills the report's `boards`. Only what was asked for counts: mpy-cross, which others need, is no board.
 */
void tally_boards(const struct graph *g);

#endif
