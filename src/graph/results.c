/* SPDX-License-Identifier: MIT
 *
 * From the states of steps to one result a board.
 */
#include "graph/results.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "graph/action.h"
#include "graph/recipe.h"
#include "graph/report.h"
#include "os/fs.h"
#include "os/tty.h"

enum { LONG_LIST = 20 };

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = {
		[OUTCOME_BUILT] = "built",      [OUTCOME_DONE] = "done",
		[OUTCOME_FRESH] = "up to date", [OUTCOME_FAILED] = "failed",
		[OUTCOME_LEFT] = "not tried",
	};

	return names[o];
}

/* --- one board ------------------------------------------------------------------------------------------------------ */

/* A step that failed, among those that `step` waits for; NULL: none. */
static const struct step *failed_need(const struct step *step)
{
	for (size_t i = 0; i < step->needs.count; i++) {
		const struct step *need = step->needs.items[i], *found;

		if (need->state == STEP_FAILED)
			return need;
		found = need->state == STEP_CANCELLED ? failed_need(need) : NULL;
		if (found)
			return found;
	}
	return NULL;
}

/* The line that says most: the first error in a log's excerpt (build/failure.h), else the first line. */
static const char *brief(struct session *s, const char *error)
{
	static const char mark[] = "\n  the first error:\n";
	const char *found = strstr(error, mark);

	if (found)
		error = found + strlen(mark);
	error += strspn(error, " ");
	return arena_strndup(&s->arena, error, strcspn(error, "\n"));
}

static void take_failure(struct session *s, const struct step *step, struct result *r)
{
	r->outcome = OUTCOME_FAILED;
	r->step = step->label;
	r->error = step->error ? step->error : "";
	r->brief = brief(s, r->error);
	r->log = step->log_path && fs_exists(step->log_path) ? step->log_path : NULL;
}

static void take_left(struct session *s, const struct step *step, struct result *r)
{
	const struct step *need = failed_need(step);

	r->outcome = OUTCOME_LEFT;
	if (r->error)
		return;
	if (need)
		r->error = arena_printf(&s->arena, "%s failed", need->recipe->id);
	else if (s->report->interrupted)
		r->error = step->stopped ? "interrupted while it ran" : "interrupted";
	else
		r->error = "another one failed before (-k goes on)";
	r->brief = r->error;
}

/* What failed says more than what was left for it, and that more than what went well. */
static void take_step(struct session *s, const struct step *step, struct result *r)
{
	r->ms += step->took_ms;
	switch (step->state) {
	case STEP_FAILED:
		if (r->outcome != OUTCOME_FAILED)
			take_failure(s, step, r);
		break;
	case STEP_CANCELLED:
	case STEP_WAITING:
	case STEP_RUNNING:
		if (r->outcome != OUTCOME_FAILED)
			take_left(s, step, r);
		break;
	case STEP_RAN:
		if (step->kind->parts &&
		    (r->outcome == OUTCOME_FRESH || r->outcome == OUTCOME_DONE))
			r->outcome = OUTCOME_BUILT;
		else if (r->outcome == OUTCOME_FRESH)
			r->outcome = OUTCOME_DONE;
		break;
	case STEP_FRESH:
	case STEP_WOULD_RUN:
		break;
	}
}

static bool take_size(const struct recipe *recipe, const struct node_list *files, struct result *r,
		      struct err *e)
{
	const struct store_output *o = NULL;
	const char *reference = NULL;
	const struct node *n = NULL;

	if (recipe->board && !recipe_var(recipe->s, recipe, "reference", &reference, e))
		return false;
	if (reference)
		n = recipe_find(recipe, reference);
	if (n)
		o = node_output(n);
	for (size_t i = 0; i < files->count && !o; i++)
		o = node_output(files->items[i]);
	r->has_size = o && r->outcome != OUTCOME_FAILED && r->outcome != OUTCOME_LEFT;
	r->size = o ? o->size : 0;
	return true;
}

static bool add_result(struct graph *g, const struct recipe *recipe, const struct node_list *files,
		       struct results *out, struct err *e)
{
	struct result r = {
		.id = recipe->id,
		.group = recipe->board && recipe->board->port ? recipe->board->port : recipe->id,
		.name = recipe->name,
		.outcome = OUTCOME_FRESH,
	};

	for (size_t i = 0; i < recipe->steps.count; i++)
		if (recipe->steps.items[i]->in_graph)
			take_step(g->s, recipe->steps.items[i], &r);
	if (!take_size(recipe, files, &r, e))
		return false;
	vec_push(&out->items, r);
	out->counts[r.outcome]++;
	return true;
}

static bool has_result(const struct results *r, const char *id)
{
	for (size_t i = 0; i < r->items.count; i++)
		if (strcmp(r->items.items[i].id, id) == 0)
			return true;
	return false;
}

bool results_collect(struct graph *g, struct results *out, struct err *e)
{
	static const struct node_list none;

	*out = (struct results){ 0 };
	for (size_t i = 0; i < g->goals.count; i++) {
		const struct goal *goal = &g->goals.items[i];

		if (!has_result(out, goal->recipe->id) &&
		    !add_result(g, goal->recipe, &goal->files, out, e))
			return false;
	}
	/* mpy-cross, which nobody asked for, but all wait for. */
	for (size_t i = 0; i < g->steps.count; i++) {
		const struct step *step = g->steps.items[i];

		if (step->state == STEP_FAILED && !has_result(out, step->recipe->id) &&
		    !add_result(g, step->recipe, &none, out, e))
			return false;
	}
	return true;
}

void results_free(struct results *r)
{
	vec_free(&r->items);
}

/* --- telling --------------------------------------------------------------------------------------------------------- */

void results_tell(struct graph *g, const struct results *r)
{
	struct report *report = g->s->report;
	AUTO_STRBUF text = STRBUF_INIT;

	if (report->dry_run || r->items.count < 2)
		return;
	for (size_t i = 0; report->json && i < r->items.count; i++) {
		const struct result *one = &r->items.items[i];

		report_result(report, &(struct report_result){
					      .target = one->id,
					      .outcome = outcome_name(one->outcome),
					      .ms = one->ms,
					      .size = one->has_size ? (int64_t)one->size : -1,
					      .step = one->step,
					      .error = one->brief,
					      .log = one->log,
				      });
	}
	if (report->json || log_is_quiet())
		return;
	results_text(r, tty_columns(STDERR_FILENO),
		     g->s->opt->explain || r->items.count <= LONG_LIST, &text);
	fflush(stdout); /* the files stand before the table */
	fputs(text.buf, stderr);
}
