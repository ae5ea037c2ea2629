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
#include "graph/device_step.h"
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

const struct step *results_failed_need(const struct step *step)
{
	for (size_t i = 0; i < step->needs.count; i++) {
		const struct step *need = step->needs.items[i], *found;

		if (need->state == STEP_FAILED)
			return need;
		found = need->state == STEP_CANCELLED ? results_failed_need(need) : NULL;
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
	const struct step *need = results_failed_need(step);

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

/* `d` NULL: of the steps that are for no device in particular. */
static bool make_result(struct session *s, const struct recipe *recipe, const struct device *d,
			const struct node_list *files, struct result *r, struct err *e)
{
	const struct rules_scope *scope = &recipe->env.board; /* also of a board without sources */

	*r = (struct result){
		.id = recipe->id,
		.target = recipe->id,
		.group = scope->port && scope->board ? scope->port : recipe->id,
		.name = recipe->name,
		.outcome = OUTCOME_FRESH,
	};
	for (size_t i = 0; i < recipe->steps.count; i++)
		if (recipe->steps.items[i]->in_graph &&
		    device_step_device(recipe->steps.items[i]) == d)
			take_step(s, recipe->steps.items[i], r);
	return take_size(recipe, files, r, e);
}

static void push_result(struct results *out, const struct result *r)
{
	vec_push(&out->items, *r);
	out->counts[r->outcome]++;
}

/* `device` NULL: for itself, or for any of its devices. */
static bool has_result(const struct results *r, const char *target, const char *device)
{
	for (size_t i = 0; i < r->items.count; i++) {
		const struct result *one = &r->items.items[i];

		if (strcmp(one->target, target) == 0 &&
		    (!device || (one->device && strcmp(one->device, device) == 0)))
			return true;
	}
	return false;
}

/* One of a fleet: `step` is its first. */
static bool add_device(struct graph *g, const struct step *step, const struct node_list *files,
		       struct results *out, struct err *e)
{
	const struct recipe *recipe = step->recipe;
	struct arena *a = &g->s->arena;
	const struct device *d = device_step_device(step);
	struct result r;

	if (has_result(out, recipe->id, d->id))
		return true;
	if (!make_result(g->s, recipe, d, files, &r, e))
		return false;
	r.id = arena_printf(a, "%s on %s", recipe->id, step->where);
	r.name = arena_printf(a, "%s on %s", recipe->name, step->where);
	r.device = d->id;
	push_result(out, &r);
	return true;
}

static bool add_result(struct graph *g, const struct recipe *recipe, const struct node_list *files,
		       struct results *out, struct err *e)
{
	struct result own;
	bool fleet = false;

	for (size_t i = 0; i < recipe->steps.count; i++)
		fleet = fleet || device_step_device(recipe->steps.items[i]);
	if (!make_result(g->s, recipe, NULL, files, &own, e))
		return false;
	if (!fleet || own.outcome != OUTCOME_FRESH)
		push_result(out, &own);
	for (size_t i = 0; i < recipe->steps.count; i++) {
		const struct step *step = recipe->steps.items[i];

		if (step->in_graph && device_step_device(step) &&
		    !add_device(g, step, files, out, e))
			return false;
	}
	return true;
}

bool results_collect(struct graph *g, struct results *out, struct err *e)
{
	static const struct node_list none;

	*out = (struct results){ 0 };
	for (size_t i = 0; i < g->goals.count; i++) {
		const struct goal *goal = &g->goals.items[i];

		if (!has_result(out, goal->recipe->id, NULL) &&
		    !add_result(g, goal->recipe, &goal->files, out, e))
			return false;
	}
	/* mpy-cross, which nobody asked for, but all wait for. */
	for (size_t i = 0; i < g->steps.count; i++) {
		const struct step *step = g->steps.items[i];

		if (step->state == STEP_FAILED && !has_result(out, step->recipe->id, NULL) &&
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
					      .target = one->target,
					      .device = one->device,
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
