/* SPDX-License-Identifier: MIT
 *
 * Choosing among the goals; see select.h.
 */
#include "graph/select.h"

#include <stdlib.h>
#include <string.h>

#include "board/catalogue.h"
#include "graph/kinds.h"
#include "graph/shard.h"
#include "graph/touched.h"

/* --- boards: several goals may be of one ------------------------------------------------------------------------------ */

/* The first goal of the same recipe. */
static size_t first_of(const struct graph *g, size_t i)
{
	size_t k = 0;

	while (g->goals.items[k].recipe != g->goals.items[i].recipe)
		k++;
	return k;
}

static size_t count_boards(const struct graph *g)
{
	size_t count = 0;

	for (size_t i = 0; i < g->goals.count; i++)
		count += first_of(g, i) == i;
	return count;
}

/* "1 board", "3 boards" */
static const char *boards_text(struct session *s, size_t count)
{
	return arena_printf(&s->arena, "%zu board%s", count, count == 1 ? "" : "s");
}

/* --- --exclude ---------------------------------------------------------------------------------------------------------- */

static bool fits(const struct goal *goal, const char *pattern)
{
	const struct board_choice b = { goal->recipe->board, goal->recipe->variant };

	return b.board && catalogue_fits(&b, pattern);
}

static bool exclude(struct graph *g, struct err *e)
{
	const struct strv *patterns = &g->s->opt->excludes;
	bool *keep = xcalloc(g->goals.count + 1, sizeof(*keep));

	for (size_t i = 0; i < g->goals.count; i++)
		keep[i] = true;
	for (size_t k = 0; k < patterns->count; k++) {
		bool used = false;

		for (size_t i = 0; i < g->goals.count; i++)
			if (fits(&g->goals.items[i], patterns->items[k])) {
				used = true;
				keep[i] = false;
			}
		if (!used)
			report_note(g->s->report,
				    "--exclude %s: no board that was asked for fits it",
				    patterns->items[k]);
	}
	graph_keep(g, keep);
	free(keep);
	if (g->goals.count)
		return true;
	err_set(e, "--exclude leaves none of the boards that were asked for");
	return err_hint(e, "`mpflash make -n` without it shows them");
}

/* --- --since ------------------------------------------------------------------------------------------------------------ */

/* A goal without a file to be made (clean-, halt-) is not judged: it is what was asked for. */
static bool judge_goal(struct touched *t, const struct goal *goal, bool *is, const char **why,
		       struct err *e)
{
	*is = goal->recipe->s != t->s;
	*why = *is ? "it is another version of the tree" : NULL;
	for (size_t i = 0; i < goal->files.count && !*is; i++) {
		struct step *const makers[] = { goal->files.items[i]->maybe_maker,
						goal->files.items[i]->maker };

		for (size_t m = 0; m < ARRAY_SIZE(makers) && !*is; m++)
			if (makers[m] && !touched_step(t, makers[m], is, why, e))
				return false;
	}
	if (!goal->files.count) {
		*is = true;
		*why = "it is not something that is built";
	}
	return true;
}

static bool select_since(struct graph *g, struct touched *t, bool *keep, struct err *e)
{
	for (size_t i = 0; i < g->goals.count; i++) {
		const struct goal *goal = &g->goals.items[i];
		const char *why;

		if (!judge_goal(t, goal, &keep[i], &why, e))
			return false;
		if (first_of(g, i) == i)
			report_select(g->s->report, goal->recipe->id, keep[i],
				      keep[i] ? why : "nothing that its build reads changed");
	}
	return true;
}

static bool since(struct graph *g, struct err *e)
{
	bool *keep = xcalloc(g->goals.count + 1, sizeof(*keep));
	size_t asked = count_boards(g);
	struct touched t;
	bool ok = touched_open(&t, g->s, g->s->opt->since, e) && select_since(g, &t, keep, e);

	touched_close(&t);
	if (ok) {
		graph_keep(g, keep);
		report_note(g->s->report, "since %s: %zu of %s touched", g->s->opt->since,
			    count_boards(g), boards_text(g->s, asked));
	}
	free(keep);
	return ok;
}

/* --- --shard ------------------------------------------------------------------------------------------------------------ */

static int by_step(const void *key, const void *item)
{
	return strcmp(key, ((const struct store_time *)item)->step);
}

static int64_t time_named(const struct store_times *times, const char *step)
{
	const struct store_time *found =
		times->count ? bsearch(step, times->items, times->count, sizeof(*found), by_step)
			     : NULL;

	return found ? found->ms : 0;
}

/* What the board's own steps took, in whatever tree: machines have their checkouts at different paths. */
static int64_t time_of(const struct recipe *r, const struct store_times *times)
{
	AUTO_ARENA a = ARENA_INIT;
	int64_t sum = 0;

	for (size_t i = 0; i < r->steps.count; i++) {
		const struct step *step = r->steps.items[i];
		int64_t ms;

		if (!step->in_graph || !step->kind->parts)
			continue;
		ms = time_named(times, step->id);
		/* A version that was never built takes about as long as the others. */
		if (!ms && r->s->ref)
			ms = time_named(times, arena_printf(&a, "%s%s", r->key_id,
							    step->id + strlen(r->id)));
		sum += ms;
	}
	return sum;
}

static bool list_items(struct graph *g, struct shard_item *items, size_t *count, struct err *e)
{
	struct store_times times;
	bool ok = store_list_times(g->s->store, &g->s->arena, &times, e);

	*count = 0;
	for (size_t i = 0; ok && i < g->goals.count; i++) {
		const struct recipe *r = g->goals.items[i].recipe;

		if (first_of(g, i) == i)
			items[(*count)++] = (struct shard_item){
				.name = r->id,
				.group = r->board && r->board->port ? r->board->port : "",
				.ms = time_of(r, &times),
			};
	}
	vec_free(&times);
	return ok;
}

static void keep_shard(const struct graph *g, const struct shard_item *items, size_t count,
		       int shard, bool *keep)
{
	for (size_t i = 0; i < g->goals.count; i++)
		for (size_t k = 0; k < count; k++)
			if (strcmp(items[k].name, g->goals.items[i].recipe->id) == 0)
				keep[i] = items[k].shard == shard;
}

static bool shard(struct graph *g, struct err *e)
{
	struct shard_item *items = xcalloc(g->goals.count + 1, sizeof(*items));
	bool *keep = xcalloc(g->goals.count + 1, sizeof(*keep)), ok;
	char split[DIGEST_HEX_SIZE];
	struct digest d;
	size_t count;
	int number, shards;

	ok = shard_parse(g->s->opt->shard, &number, &shards, e) && list_items(g, items, &count, e);
	if (ok) {
		shard_split(items, count, shards);
		d = shard_digest(items, count);
		digest_hex(&d, split);
		keep_shard(g, items, count, number - 1, keep);
		graph_keep(g, keep);
		report_note(g->s->report,
			    "shard %s: %zu of %s (split %.8s: the same on each machine, or boards "
			    "are left out)",
			    g->s->opt->shard, count_boards(g), boards_text(g->s, count), split);
	}
	free(items);
	free(keep);
	return ok;
}

bool graph_select(struct graph *g, struct err *e)
{
	const struct make_options *opt = g->s->opt;

	if (!graph_has_goals(g, e))
		return false;
	if (opt->excludes.count && !exclude(g, e))
		return false;
	if (opt->since && !since(g, e))
		return false;
	return !opt->shard || shard(g, e);
}
