/* SPDX-License-Identifier: MIT
 *
 * From the states of steps to the counts of the last line.
 */
#include "graph/tally.h"

#include "graph/device_step.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "graph/report.h"

/* What became of one board's steps. */
struct sums {
	int steps, done; /* all; those that did something */
	int made, converted, placed;
	int flashes; /* its devices have counts of their own */
};

static void add_step(const struct step *step, struct sums *sums)
{
	bool ran = step->state == STEP_RAN;

	sums->steps++;
	sums->done += step->state != STEP_FRESH || step->placed;
	sums->flashes += step->kind == &flash_step;
	sums->placed += step->placed;
	if (ran && step->kind->parts && step->kind->takes_jobs)
		sums->made++;
	else if (ran && step->kind->parts)
		sums->converted++;
}

static void add_device(const struct step *step, struct report_boards *b)
{
	bool wrote = step->state == STEP_RAN && !device_step_had_image(step);

	if (step->kind != &flash_step)
		return;
	b->flashed += wrote;
	b->skipped += step_is_settled(step) && !wrote;
}

static void add_board(const struct recipe *r, struct report_boards *b)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < r->steps.count; i++) {
		if (!r->steps.items[i]->in_graph)
			continue;
		add_step(r->steps.items[i], &sums);
		add_device(r->steps.items[i], b);
	}
	b->built += sums.made > 0;
	b->stored += !sums.made && sums.placed;
	b->converted += !sums.made && !sums.placed && sums.converted;
	b->skipped += sums.steps && !sums.done && !sums.flashes;
}

/* One that several words stand for counts once. */
static bool is_counted(const struct graph *g, size_t number)
{
	for (size_t i = 0; i < number; i++)
		if (g->goals.items[i].recipe == g->goals.items[number].recipe)
			return true;
	return false;
}

void tally_boards(const struct graph *g)
{
	struct report_boards *b = &g->s->report->boards;

	for (size_t i = 0; i < g->goals.count; i++)
		if (!is_counted(g, i))
			add_board(g->goals.items[i].recipe, b);
}
