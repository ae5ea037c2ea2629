/* SPDX-License-Identifier: MIT
 *
 * Steps, closures and changes since a commit; see touched.h.
 */
#include "graph/touched.h"

#include <string.h>

#include "base/path.h"
#include "graph/action.h"
#include "graph/closure.h"
#include "graph/compile_key.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "graph/touched_internal.h"
#include "os/dirs.h"

/* --- compile steps -------------------------------------------------------------------------------------------------- */

/* What the store knows of the mpy-cross that a step would use now; false in *known: nothing. */
static bool find_mpy_cross(struct touched *t, const struct step *step, struct digest *out,
			   bool *wanted, bool *known, struct err *e)
{
	*wanted = *known = false;
	for (size_t i = 0; i < step->needs.count; i++) {
		struct step *cross = step->needs.items[i];
		AUTO_STRBUF parts = STRBUF_INIT;
		struct store_action made;
		struct digest weak, key;
		size_t count;

		if (!compile_is_mpy_cross(cross))
			continue;
		*wanted = true;
		if (!compile_parts(t->s, cross, &parts, e))
			return false;
		weak = closure_weak_key(&parts);
		if (!closure_find(t->s, &weak, &key, known, &count, e))
			return false;
		if (*known && !store_get_action(t->s->store, &key, &t->s->arena, &made, known, e))
			return false;
		*known = *known && made.outputs.count;
		if (*known)
			*out = made.outputs.items[0].blob;
		return true;
	}
	return true;
}

/* The key under which closures of the step are; that of its last build when the mpy-cross of now is not known. */
static bool find_weak_key(struct touched *t, struct step *step, struct digest *weak, bool *known,
			  struct err *e)
{
	AUTO_STRBUF parts = STRBUF_INIT;
	struct digest cross;
	struct store_last last;
	bool wants_cross, has_cross;

	if (!find_mpy_cross(t, step, &cross, &wants_cross, &has_cross, e))
		return false;
	*known = true;
	if (!wants_cross || has_cross) {
		if (!compile_parts_with(t->s, step, has_cross ? &cross : NULL, &parts, e))
			return false;
		*weak = closure_weak_key(&parts);
		return true;
	}
	if (!action_last(t->s, step, &last, known, e))
		return false;
	*weak = last.weak;
	*known = *known && !digest_is_zero(weak);
	return true;
}

/* Without a trace the inputs are what the rules say. */
static bool judge_declared(struct touched *t, struct step *step, struct verdict *v, struct err *e)
{
	struct strv roots = { 0 };
	bool ok = recipe_words(t->s, step->recipe, "inputs", &roots, e);

	for (size_t i = 0; ok && i < roots.count && !v->is; i++) {
		const struct since_change *c = since_find(&t->since, roots.items[i]);
		size_t from, to;

		since_below(&t->since, roots.items[i], &from, &to);
		if (!c && from < to)
			c = &t->since.changes.items[from];
		if (!c)
			c = since_whole(&t->since, roots.items[i]);
		if (c)
			*v = (struct verdict){ true, touched_text(t, c) };
	}
	vec_free(&roots);
	return ok;
}

static bool judge_compile(struct touched *t, struct step *step, struct verdict *v, struct err *e)
{
	const char *untraced;
	struct digest weak;
	bool known;

	if (session_stamp_is_exact(t->s) && (t->since.moved || t->since.changes.count)) {
		*v = (struct verdict){ true, "the version stamp is another one (--stamp exact)" };
		return true;
	}
	if (!session_traces(t->s, &untraced) || compile_was_untraceable(t->s, step))
		return judge_declared(t, step, v, e);
	if (!find_weak_key(t, step, &weak, &known, e))
		return false;
	if (known)
		return touched_closure(t, &weak, v, e);
	*v = (struct verdict){ true, "no build of it is recorded" };
	return true;
}

/* --- steps ---------------------------------------------------------------------------------------------------------- */

static void judge_source(struct touched *t, const char *path, struct verdict *v)
{
	const struct since_change *c = since_find(&t->since, path);

	if (!c)
		c = since_whole(&t->since, path);
	if (c)
		*v = (struct verdict){ true, touched_text(t, c) };
}

static void judge_sources(struct touched *t, const struct node_list *list, struct verdict *v)
{
	for (size_t i = 0; i < list->count && !v->is; i++) {
		const struct node *n = list->items[i];

		if (!n->maker && !n->maybe_maker && !n->recipe)
			judge_source(t, n->name, v);
	}
}

/*
 * Rules have scopes for an mcu, and that is in board.json, which the ports' makefiles do not read. The other members are for
 * people.
 */
static void judge_board(struct touched *t, const struct board *b, struct verdict *v)
{
	const char *dir = b && !b->outside ? path_below(b->dir, t->s->tree.root) : NULL, *then;
	const struct since_change *c;
	AUTO_STRBUF text = STRBUF_INIT;
	const char *path;

	if (!dir)
		return;
	path = path_join(&t->s->arena, dir, "board.json");
	c = since_find(&t->since, path);
	if (!c) {
		judge_source(t, path, v);
		return;
	}
	if (c->how == SINCE_ADDED)
		then = NULL;
	else if (!since_text_then(&t->since, path, &text) ||
		 !board_json_mcu(&t->json, &text, &t->s->arena, &then))
		*v = (struct verdict){ true, touched_text(t, c) };
	if (!v->is && strcmp(then ? then : "", b->mcu ? b->mcu : "") != 0)
		*v = (struct verdict){ true,
				       arena_printf(&t->s->arena, "the mcu in %s changed", path) };
}

static bool judge_own(struct touched *t, struct step *step, struct verdict *v, struct err *e)
{
	const char *program;

	if (t->rules)
		*v = (struct verdict){ true, t->rules };
	else
		judge_board(t, step->recipe->board, v);
	if (v->is)
		return true;
	if (step->kind == &compile_step)
		return judge_compile(t, step, v, e);
	judge_sources(t, &step->ins, v);
	judge_sources(t, &step->implicit_ins, v);
	if (v->is || step->kind != &command_step)
		return true;
	if (!command_program(t->s, step, &program, e))
		return false;
	program = path_below(program, t->s->tree.root);
	if (program)
		judge_source(t, program, v);
	return true;
}

static bool judge(struct touched *t, struct step *step, const struct verdict **out, struct err *e)
{
	struct verdict *v = map_get(&t->verdicts, step->id);

	*out = v;
	if (v)
		return true;
	*out = v = ARENA_NEW(&t->s->arena, struct verdict);
	*v = (struct verdict){ 0 };
	map_put(&t->verdicts, step->id, v); /* before its needs: graph_order tells circles */
	for (size_t i = 0; i < step->needs.count && !v->is; i++) {
		const struct verdict *need;

		if (!judge(t, step->needs.items[i], &need, e))
			return false;
		v->is = need->is;
		v->why = need->is && step->needs.items[i]->recipe != step->recipe
				 ? arena_printf(&t->s->arena, "%s (%s)", need->why,
						step->needs.items[i]->recipe->id)
				 : need->why;
	}
	return v->is || judge_own(t, step, v, e);
}

/* The rules say how everything is made: those of the tree, what they include, and what --rules names in it. */
static bool look_at_rules(struct touched *t, struct err *e)
{
	struct strv files = rules_files(t->s->rules);
	struct verdict v = { 0 };
	bool ok = true;

	judge_source(t, "mpflash.rules", &v); /* also when it is gone */
	for (size_t i = 0; ok && i < files.count && !v.is; i++) {
		AUTO_STRBUF full = STRBUF_INIT;
		const char *path;

		ok = dirs_absolute(&full, files.items[i], e);
		path = ok ? path_below(full.buf, t->s->tree.root) : NULL;
		if (path)
			judge_source(t, path, &v);
	}
	t->rules = v.why;
	vec_free(&files);
	return ok;
}

bool touched_open(struct touched *t, struct session *s, const char *ref, struct err *e)
{
	*t = (struct touched){ .s = s };
	return since_read(&t->since, s->tree.root, ref, e) && look_at_rules(t, e);
}

void touched_close(struct touched *t)
{
	since_free(&t->since);
	map_free(&t->verdicts);
	board_json_close(&t->json);
	free(t->known);
	*t = (struct touched){ 0 };
}

bool touched_step(struct touched *t, struct step *step, bool *is, const char **why, struct err *e)
{
	const struct verdict *v;

	if (!judge(t, step, &v, e))
		return err_wrap(e, "%s", step->id);
	*is = v->is;
	*why = v->why;
	return true;
}
