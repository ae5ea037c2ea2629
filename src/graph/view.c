/* SPDX-License-Identifier: MIT
 *
 * Graphs as DOT and JSON. Both are made from one list of nodes and edges, so that they always tell the same.
 */
#include "graph/view.h"

#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/path.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "graph/view_internal.h"

struct view_node {
	const char *id;
	const struct recipe *recipe; /* NULL: a source */
	const struct step *step;     /* of a step */
	const struct node *file;     /* of a file */
	const char *name;            /* of a source */
};

struct view_edge {
	const char *from, *to, *type;
};

struct view {
	struct session *s;
	struct map seen; /* by id: the nodes that are there */
	VEC(struct view_node) nodes;
	VEC(struct view_edge) edges;
};

static void view_free(struct view *v)
{
	map_free(&v->seen);
	vec_free(&v->nodes);
	vec_free(&v->edges);
}

/* --- what the views share ------------------------------------------------------------------------------------- */

void view_recipes(const struct graph *g, struct recipe_list *out)
{
	struct map seen = MAP_INIT;

	for (size_t i = 0; i < g->steps.count; i++) {
		struct recipe *r = g->steps.items[i]->recipe;

		if (map_get(&seen, r->id))
			continue;
		map_put(&seen, r->id, r);
		vec_push(out, r);
	}
	map_free(&seen);
}

bool view_sources(struct session *s, const struct step *step, struct strv *out, struct err *e)
{
	const struct board *board = step->recipe->board;

	if (step->kind != &compile_step)
		return true;
	if (!recipe_words(s, step->recipe, "inputs", out, e))
		return false;
	if (board && board->outside)
		vec_push(out, board->dir);
	return true;
}

static bool list_has_output_of(const struct node_list *list, const struct step *maker)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->maker == maker || list->items[i]->maybe_maker == maker)
			return true;
	return false;
}

const struct step *view_bare_need(const struct step *step, size_t i)
{
	const struct step *need = step->needs.items[i];

	for (size_t k = 0; k < i; k++)
		if (step->needs.items[k] == need)
			return NULL;
	if (list_has_output_of(&step->ins, need) || list_has_output_of(&step->implicit_ins, need))
		return NULL;
	return need;
}

bool view_hands_over(const struct step *step, const struct step *need)
{
	return step->kind == &compile_step && need->kind == &compile_step;
}

/* --- nodes and edges -------------------------------------------------------------------------------------------- */

static const char *step_id(struct view *v, const struct step *step)
{
	return arena_printf(&v->s->arena, "step:%s", step->id);
}

static const char *file_id(struct view *v, const struct node *n)
{
	return n->recipe ? arena_printf(&v->s->arena, "file:%s/%s", n->recipe->id, n->name)
			 : arena_printf(&v->s->arena, "source:%s", n->name);
}

static void add_node(struct view *v, struct view_node n)
{
	if (map_get(&v->seen, n.id))
		return;
	map_put(&v->seen, n.id, v);
	vec_push(&v->nodes, n);
}

static const char *add_file(struct view *v, const struct node *n)
{
	const char *id = file_id(v, n);

	if (n->recipe)
		add_node(v, (struct view_node){ .id = id, .recipe = n->recipe, .file = n });
	else
		add_node(v, (struct view_node){ .id = id, .name = n->name });
	return id;
}

static void add_edge(struct view *v, const char *from, const char *to, const char *type)
{
	vec_push(&v->edges, (struct view_edge){ from, to, type });
}

static void add_reads(struct view *v, const char *id, const struct node_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		add_edge(v, add_file(v, list->items[i]), id, "reads");
}

static void add_outputs(struct view *v, const char *id, const struct node_list *list,
			const char *type)
{
	for (size_t i = 0; i < list->count; i++)
		add_edge(v, id, add_file(v, list->items[i]), type);
}

static bool add_sources(struct view *v, const struct step *step, const char *id, struct err *e)
{
	struct strv sources = { 0 };
	bool ok = view_sources(step->recipe->s, step, &sources, e);

	for (size_t i = 0; i < sources.count; i++) {
		const struct node n = { .name = sources.items[i] };

		add_edge(v, add_file(v, &n), id, "reads");
	}
	vec_free(&sources);
	return ok;
}

static bool add_step(struct view *v, const struct step *step, struct err *e)
{
	const char *id = step_id(v, step);

	add_node(v, (struct view_node){ .id = id, .recipe = step->recipe, .step = step });
	for (size_t i = 0; i < step->needs.count; i++) {
		const struct step *need = view_bare_need(step, i);

		if (need && view_hands_over(step, need))
			add_reads(v, id, &need->outs);
		else if (need)
			add_edge(v, step_id(v, need), id, "after");
	}
	add_reads(v, id, &step->ins);
	add_reads(v, id, &step->implicit_ins);
	if (!add_sources(v, step, id, e))
		return false;
	add_outputs(v, id, &step->outs, "makes");
	add_outputs(v, id, &step->maybe_outs, "may-leave");
	return true;
}

static bool view_collect(struct view *v, const struct graph *g, struct err *e)
{
	*v = (struct view){ .s = g->s };
	for (size_t i = 0; i < g->steps.count; i++)
		if (!add_step(v, g->steps.items[i], e))
			return false;
	return true;
}

/* --- DOT ----------------------------------------------------------------------------------------------------------- */

/* A quoted id: in DOT only the quote is escaped, but a label gives the backslash a meaning. */
static void dot_string(struct strbuf *out, const char *text)
{
	strbuf_addch(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			strbuf_addch(out, '\\');
		strbuf_addch(out, *text);
	}
	strbuf_addch(out, '"');
}

static void dot_node(struct strbuf *out, const struct view_node *n, const char *indent)
{
	strbuf_adds(out, indent);
	dot_string(out, n->id);
	strbuf_adds(out, " [label=");
	dot_string(out, n->step ? n->step->label : n->file ? n->file->name : n->name);
	strbuf_addf(out, ", shape=%s];\n", n->step ? "box" : n->file ? "note" : "tab");
}

static void dot_edge(struct strbuf *out, const struct view_edge *edge)
{
	strbuf_adds(out, "  ");
	dot_string(out, edge->from);
	strbuf_adds(out, " -> ");
	dot_string(out, edge->to);
	if (strcmp(edge->type, "may-leave") == 0)
		strbuf_adds(out, " [style=dashed]");
	else if (strcmp(edge->type, "after") == 0)
		strbuf_adds(out, " [style=dotted]");
	strbuf_adds(out, ";\n");
}

bool view_dot(const struct graph *g, struct strbuf *out, struct err *e)
{
	struct recipe_list recipes = { 0 };
	struct view v;
	bool ok = view_collect(&v, g, e);

	strbuf_adds(out, "digraph mpflash {\n  rankdir=LR;\n");
	view_recipes(g, &recipes);
	for (size_t i = 0; i < recipes.count; i++) {
		strbuf_addf(out, "  subgraph cluster_%zu {\n    label=", i);
		dot_string(out, recipes.items[i]->id);
		strbuf_adds(out, ";\n");
		for (size_t k = 0; k < v.nodes.count; k++)
			if (v.nodes.items[k].recipe == recipes.items[i])
				dot_node(out, &v.nodes.items[k], "    ");
		strbuf_adds(out, "  }\n");
	}
	for (size_t k = 0; k < v.nodes.count; k++)
		if (!v.nodes.items[k].recipe)
			dot_node(out, &v.nodes.items[k], "  ");
	for (size_t i = 0; i < v.edges.count; i++)
		dot_edge(out, &v.edges.items[i]);
	strbuf_adds(out, "}\n");
	vec_free(&recipes);
	view_free(&v);
	return ok;
}

/* --- JSON ---------------------------------------------------------------------------------------------------------- */

static void json_node(struct json *j, const struct view *v, const struct view_node *n)
{
	json_object(j, NULL);
	json_string(j, "id", n->id);
	json_string(j, "type", n->step ? "step" : n->file ? "file" : "source");
	if (n->recipe)
		json_string(j, "board", n->recipe->id);
	if (n->step) {
		json_string(j, "label", n->step->label);
		json_string(j, "kind", n->step->kind->name);
	} else if (n->file) {
		json_string(j, "name", n->file->name);
		json_string(j, "path", node_path(v->s, n->file, &v->s->arena));
		json_bool(j, "placed", n->file->wanted);
	} else {
		json_string(j, "name", n->name);
		json_string(j, "path", path_join(&v->s->arena, v->s->tree.root, n->name));
	}
	json_object_end(j);
}

static void json_goal(struct json *j, struct view *v, const struct goal *goal)
{
	json_object(j, NULL);
	json_string(j, "target", goal->text);
	json_string(j, "board", goal->recipe->id);
	json_array(j, "files");
	for (size_t i = 0; i < goal->files.count; i++)
		json_string(j, NULL, file_id(v, goal->files.items[i]));
	json_array_end(j);
	json_string(j, "action", goal->action ? step_id(v, goal->action) : NULL);
	json_object_end(j);
}

static void json_edge(struct json *j, const struct view_edge *edge)
{
	json_object(j, NULL);
	json_string(j, "from", edge->from);
	json_string(j, "to", edge->to);
	json_string(j, "type", edge->type);
	json_object_end(j);
}

bool view_json(const struct graph *g, struct strbuf *out, struct err *e)
{
	struct json j = { .out = out };
	struct view v;
	bool ok = view_collect(&v, g, e);

	json_object(&j, NULL);
	json_array(&j, "goals");
	for (size_t i = 0; i < g->goals.count; i++)
		json_goal(&j, &v, &g->goals.items[i]);
	json_array_end(&j);
	json_array(&j, "nodes");
	for (size_t i = 0; i < v.nodes.count; i++)
		json_node(&j, &v, &v.nodes.items[i]);
	json_array_end(&j);
	json_array(&j, "edges");
	for (size_t i = 0; i < v.edges.count; i++)
		json_edge(&j, &v.edges.items[i]);
	json_array_end(&j);
	json_object_end(&j);
	strbuf_addch(out, '\n');
	view_free(&v);
	return ok;
}
