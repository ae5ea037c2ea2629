/* SPDX-License-Identifier: MIT
 *
 * Which step goes first, and how long it all takes. What the end of the run waits for longest goes first; the time that
 * steps took before says how long that is.
 */
#ifndef GRAPH_ORDER_H
#define GRAPH_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "graph/step.h"

/* The steps of a graph, what a step needs before it, and who waits for whom. */
struct order {
	struct step *const *steps; /* the graph's, not ours */
	size_t count;
	size_t *first, *users; /* step i is needed by users[first[i]] up to users[first[i + 1]] */
	int64_t *ranks;        /* by number: of two that can start, the smaller one goes first */
};

/* Numbers the steps (step->number). The array has to live as long as the order. */
void order_init(struct order *o, struct step *const *steps, size_t count);
void order_free(struct order *o); /* takes a zeroed one too */

/*
 * Fills expected_ms of every step: what it took last time (estimate_ms); for one that never ran the median of its kind,
 * or a guess when no step of its kind ever did. Then all steps are ranked by the longest chain that begins with them.
 */
void order_expect(struct order *o);

/*
 * Ranks anew, `jobs` at once: where the longest chain first would leave jobs idle at the end, another order is looked
 * for. `now_ms`: on the clock of started_ms.
 */
void order_plan(struct order *o, int jobs, int64_t now_ms);

/*
 * How long it takes until all steps that run, wait or (with -n) would run are over, `jobs` at once, in the order of the
 * ranks.
 */
int64_t order_time(const struct order *o, int jobs, int64_t now_ms);

#endif
