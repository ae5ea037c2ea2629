/* SPDX-License-Identifier: MIT
 *
 * Collecting and ordering the steps that the targets need.
 */
#include "graph/graph.h"

#include <string.h>

#include "base/path.h"
#include "graph/builder_choice.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "graph/target.h"
#include "graph/version.h"

const struct store_output *node_output(const struct node *n)
{
	struct step *const makers[] = { n->maybe_maker, n->maker };

	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		const struct step *m = makers[i];

		if (!m || !step_is_settled(m))
			continue;
		for (size_t k = 0; k < m->result.outputs.count; k++)
			if (strcmp(m->result.outputs.items[k].name, n->name) == 0)
				return &m->result.outputs.items[k];
	}
	return NULL;
}

const char *node_stamp(const struct node *n)
{
	const struct step *m = n->maker && step_is_settled(n->maker) ? n->maker : n->maybe_maker;

	return m && m->result.stamp ? m->result.stamp : "";
}

char *node_path(const struct session *s, const struct node *n, struct arena *a)
{
	const char *dir = n->recipe ? n->recipe->out_dir : s->tree.root;

	return path_join(a, dir ? dir : "", n->name);
}

static bool add_step(struct graph *g, struct step *step, struct err *e);

static bool need_node(struct graph *g, struct step *step, struct node *n, struct err *e)
{
	struct step *const makers[] = { n->maybe_maker, n->maker };

	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		if (!makers[i] || makers[i] == step)
			continue;
		vec_push(&step->needs, makers[i]);
		if (!add_step(g, makers[i], e))
			return false;
	}
	return true;
}

static bool need_mpy_cross(struct graph *g, struct step *step, struct err *e)
{
	const struct builder_choice *choice;
	const char *wanted;
	struct recipe *r;

	if (!recipe_var(step->recipe->s, step->recipe, "mpy-cross", &wanted, e))
		return false;
	if (!wanted || strcmp(wanted, "yes") != 0)
		return true;
	if (!builder_choose(step->recipe->s, step->recipe, &choice, e) ||
	    !recipe_mpy_cross(step->recipe->s, choice, &r, e))
		return false;
	if (!r->compile)
		return err_set(e, "the rules of 'mpy-cross' have no compile step");
	vec_push(&step->needs, r->compile);
	return add_step(g, r->compile, e);
}

static bool need_submodules(struct graph *g, struct step *step, struct err *e)
{
	struct step *bring;

	if (!submodules_step_of(step, &bring, e) || !bring)
		return !e->msg;
	vec_push(&step->needs, bring);
	return add_step(g, bring, e);
}

static bool need_image(struct graph *g, struct step *step, struct err *e)
{
	struct step *pull;

	if (!builder_image_step(step, &pull, e) || !pull)
		return !e->msg;
	vec_push(&step->needs, pull);
	return add_step(g, pull, e);
}

/* A source that lies in a board's folder is that board's file: "build-mpflash/PYBV11/firmware.hex". */
static bool resolve_source(struct session *s, struct node **slot, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct node *n = *slot, *made;
	struct board_choice choice;
	struct recipe *r;
	/* The name that rule files use for a board's folder, wherever -o puts the files this time. */
	const char *below = path_below(n->name, "build-mpflash");
	char *dir;

	if (n->recipe || !below || !strchr(below, '/'))
		return true;
	dir = arena_strndup(&a, below, strcspn(below, "/"));
	if (!catalogue_find(s->catalogue, dir, &choice, e) ||
	    !recipe_get(s, choice.board, choice.variant, &r, e))
		return err_wrap(e, "%s", n->name);
	made = recipe_find(r, below + strlen(dir) + 1);
	if (!made) {
		err_set(e, "no step makes %s", n->name);
		return err_hint(e, "the rules of %s name other files", r->id);
	}
	made->wanted = true;
	*slot = made;
	return true;
}

static bool need_list(struct graph *g, struct step *step, struct node_list *list, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		struct node *n;

		if (!resolve_source(step->recipe->s, &list->items[i], e))
			return false;
		n = list->items[i];
		if (n->maker == step || n->maybe_maker == step) {
			err_set(e, "'%s' is made from itself", n->name);
			return err_hint(e, "look at the build statements of %s in the rules",
					step->recipe->id);
		}
		/* A command opens files: what it reads has to be in its place. */
		n->wanted = n->wanted || step->kind == &command_step;
		if (!need_node(g, step, n, e))
			return false;
	}
	return true;
}

static bool add_step(struct graph *g, struct step *step, struct err *e)
{
	if (step->in_graph)
		return true;
	step->in_graph = true;
	vec_push(&g->steps, step);
	if (step->kind == &compile_step && (!need_submodules(g, step, e) ||
					    !need_image(g, step, e) || !need_mpy_cross(g, step, e)))
		return false;
	/* A derived file may turn out to be made by the port: the compile step has to be asked first. */
	for (size_t i = 0; i < step->outs.count; i++)
		if (step->outs.items[i]->maybe_maker && !need_node(g, step, step->outs.items[i], e))
			return false;
	return need_list(g, step, &step->ins, e) && need_list(g, step, &step->implicit_ins, e);
}

static bool want_file(struct graph *g, struct goal *goal, struct node *n, struct err *e)
{
	struct step *const makers[] = { n->maybe_maker, n->maker };

	n->wanted = true;
	vec_push(&goal->files, n);
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (makers[i] && !add_step(g, makers[i], e))
			return false;
	return true;
}

static bool is_of_device(const struct step *step)
{
	return step && (step->kind == &flash_step || step->kind == &verify_step ||
			step->kind == &halt_step || step->kind == &read_step);
}

/*
 * A board of two versions is one device: it does one thing after the other, in the order of the words, and is not written
 * twice. (Within one version add_action sees to that.)
 */
static bool order_versions(struct graph *g, const struct goal *goal, struct err *e)
{
	struct step *action = goal->action;

	if (!goal->recipe || !is_of_device(action))
		return true;
	for (size_t i = 0; i < g->goals.count; i++) {
		const struct goal *other = &g->goals.items[i];

		if (!other->recipe || !is_of_device(other->action) ||
		    other->recipe == goal->recipe ||
		    strcmp(other->recipe->key_id, goal->recipe->key_id) != 0)
			continue;
		if (action->kind == &flash_step && other->action->kind == &flash_step) {
			err_usage(e, "'%s' and '%s' are two versions for one board", other->text,
				  goal->text);
			return err_hint(
				e, "flash one of them, or one after the other in two commands");
		}
		vec_push(&action->needs, other->action);
	}
	return true;
}

bool graph_add_goal(struct graph *g, struct goal *goal, struct err *e)
{
	struct node_list files = goal->files;
	bool ok = true;

	goal->files = (struct node_list){ 0 };
	if (goal->recipe && !goal->many && !goal->recipe->never_keep_work &&
	    !goal->recipe->s->ref) /* a commit has no next edit */
		goal->recipe->keep_work = true;
	for (size_t k = 0; ok && k < files.count; k++)
		ok = want_file(g, goal, files.items[k], e);
	if (ok && goal->action)
		ok = add_step(g, goal->action, e) && order_versions(g, goal, e);
	vec_free(&files);
	vec_push(&g->goals, *goal);
	return ok;
}

bool graph_add_target(struct graph *g, const char *text, struct err *e)
{
	struct goals found = { 0 };
	bool ok = target_resolve(g->s, text, &found, e);

	for (size_t i = 0; i < found.count; i++) {
		if (ok)
			ok = graph_add_goal(g, &found.items[i], e);
		else
			vec_free(&found.items[i].files);
	}
	vec_free(&found);
	return ok;
}

bool graph_has_goals(const struct graph *g, struct err *e)
{
	if (g->goals.count || !g->s->top->left_out.count)
		return true;
	err_set(e, "there is nothing that could be built");
	return err_hint(e, "`mpflash boards` lists what the tree has");
}

/* --- leaving some out --------------------------------------------------------------------------------------- */

static void keep_step(struct step *step)
{
	if (step->in_graph)
		return;
	step->in_graph = true;
	for (size_t i = 0; i < step->needs.count; i++)
		keep_step(step->needs.items[i]);
}

void graph_keep(struct graph *g, const bool *keep)
{
	size_t goals = 0, steps = 0;

	for (size_t i = 0; i < g->steps.count; i++)
		g->steps.items[i]->in_graph = false;
	for (size_t i = 0; i < g->goals.count; i++) {
		struct goal *goal = &g->goals.items[i];

		if (!keep[i]) {
			vec_free(&goal->files);
			continue;
		}
		if (goal->action)
			keep_step(goal->action);
		for (size_t k = 0; k < goal->files.count; k++) {
			struct step *const makers[] = { goal->files.items[k]->maybe_maker,
							goal->files.items[k]->maker };

			for (size_t m = 0; m < ARRAY_SIZE(makers); m++)
				if (makers[m])
					keep_step(makers[m]);
		}
		g->goals.items[goals++] = *goal;
	}
	g->goals.count = goals;
	for (size_t i = 0; i < g->steps.count; i++)
		if (g->steps.items[i]->in_graph)
			g->steps.items[steps++] = g->steps.items[i];
	g->steps.count = steps;
}

/* --- order ----------------------------------------------------------------------------------------------- */

enum { UNSEEN, OPEN, CLOSED };

static bool cycle(const struct step *from, const struct step *to, struct err *e)
{
	err_set(e, "steps wait for each other: '%s' needs '%s', which needs it in turn", from->id,
		to->id);
	return err_hint(e, "look at the build statements of these files in the rules");
}

static bool visit(struct graph *sorted, struct step *step, struct err *e)
{
	step->mark = OPEN;
	for (size_t i = 0; i < step->needs.count; i++) {
		struct step *need = step->needs.items[i];

		if (need->mark == OPEN)
			return cycle(step, need, e);
		if (need->mark == UNSEEN && !visit(sorted, need, e))
			return false;
	}
	step->mark = CLOSED;
	vec_push(&sorted->steps, step);
	return true;
}

/* `make clean-X X` in any order of words: clean first, else it would take away what was just made. */
static void clean_first(struct graph *g)
{
	for (size_t i = 0; i < g->steps.count; i++)
		for (size_t k = 0; g->steps.items[i]->kind == &clean_step && k < g->steps.count;
		     k++)
			if (k != i && g->steps.items[k]->recipe == g->steps.items[i]->recipe)
				vec_push(&g->steps.items[k]->needs, g->steps.items[i]);
}

bool graph_order(struct graph *g, struct err *e)
{
	struct graph sorted = { 0 };
	bool ok = true;

	clean_first(g);
	for (size_t i = 0; ok && i < g->steps.count; i++)
		if (g->steps.items[i]->mark == UNSEEN)
			ok = visit(&sorted, g->steps.items[i], e);
	vec_free(&g->steps);
	g->steps.items = sorted.steps.items;
	g->steps.count = sorted.steps.count;
	g->steps.cap = sorted.steps.cap;
	return ok;
}

void graph_free(struct graph *g)
{
	for (size_t i = 0; i < g->goals.count; i++)
		vec_free(&g->goals.items[i].files);
	vec_free(&g->goals);
	vec_free(&g->steps);
}
