/* SPDX-License-Identifier: MIT
 *
 * A graph as text for people: by board, each step with what it reads and makes.
 */
#include <string.h>

#include "graph/view_internal.h"

enum { TEXT_INDENT = 14, TEXT_WIDTH = 96 };

/* One line "    reads      a b c", folded; begun by its first word. */
struct line {
	struct strbuf *out;
	const char *title;
	size_t column; /* 0: not begun */
};

static void line_word(struct line *l, const char *word)
{
	size_t len = strlen(word);

	if (!l->column) {
		strbuf_addf(l->out, "    %-*s", TEXT_INDENT - 4, l->title);
		l->column = TEXT_INDENT;
	} else if (l->column + len + 1 > TEXT_WIDTH) {
		strbuf_addf(l->out, "\n%*s", TEXT_INDENT, "");
		l->column = TEXT_INDENT;
	}
	strbuf_addf(l->out, " %s", word);
	l->column += len + 1;
}

static void line_end(struct line *l)
{
	if (l->column)
		strbuf_addch(l->out, '\n');
}

/* A file of another board goes by its board too. */
static void line_nodes(struct line *l, const struct recipe *r, const struct node_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct node *n = list->items[i];
		AUTO_STRBUF name = STRBUF_INIT;

		if (n->recipe && n->recipe != r)
			strbuf_addf(&name, "%s/", n->recipe->id);
		strbuf_adds(&name, n->name);
		line_word(l, name.buf);
	}
}

static void line_of_outputs(const struct step *step, const char *title,
			    const struct node_list *list, struct strbuf *out)
{
	struct line l = { .out = out, .title = title };

	line_nodes(&l, step->recipe, list);
	line_end(&l);
}

static bool line_of_inputs(struct session *s, const struct step *step, struct strbuf *out,
			   struct err *e)
{
	struct line l = { .out = out, .title = "reads" };
	struct strv sources = { 0 };
	bool ok = view_sources(s, step, &sources, e);

	for (size_t i = 0; i < step->needs.count; i++) {
		const struct step *need = view_bare_need(step, i);

		if (need && view_hands_over(step, need))
			line_nodes(&l, step->recipe, &need->outs);
	}
	line_nodes(&l, step->recipe, &step->ins);
	line_nodes(&l, step->recipe, &step->implicit_ins);
	for (size_t i = 0; i < sources.count; i++)
		line_word(&l, sources.items[i]);
	line_end(&l);
	vec_free(&sources);
	return ok;
}

static bool add_step(struct session *s, const struct step *step, struct strbuf *out, struct err *e)
{
	struct line after = { .out = out, .title = "after" };

	strbuf_addf(out, "  %s\n", step->label);
	for (size_t i = 0; i < step->needs.count; i++) {
		const struct step *need = view_bare_need(step, i);

		if (need && !view_hands_over(step, need))
			line_word(&after, need->id);
	}
	line_end(&after);
	if (!line_of_inputs(s, step, out, e))
		return false;
	line_of_outputs(step, "makes", &step->outs, out);
	line_of_outputs(step, "may leave", &step->maybe_outs, out);
	return true;
}

static bool places_files(const struct recipe *r)
{
	for (size_t i = 0; i < r->nodes.count; i++)
		if (r->nodes.items[i]->wanted)
			return true;
	return false;
}

bool view_text(const struct graph *g, struct strbuf *out, struct err *e)
{
	struct recipe_list recipes = { 0 };
	bool ok = true;

	view_recipes(g, &recipes);
	for (size_t i = 0; ok && i < recipes.count; i++) {
		const struct recipe *r = recipes.items[i];

		strbuf_addf(out, "%s%s", i ? "\n" : "", r->id);
		if (r->out_dir && places_files(r))
			strbuf_addf(out, " in %s", r->out_dir);
		strbuf_addch(out, '\n');
		for (size_t k = 0; ok && k < g->steps.count; k++)
			if (g->steps.items[k]->recipe == r)
				ok = add_step(g->steps.items[k]->recipe->s, g->steps.items[k], out,
					      e);
	}
	vec_free(&recipes);
	return ok;
}
