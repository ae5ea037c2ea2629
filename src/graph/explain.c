/* SPDX-License-Identifier: MIT
 *
 * Judging all steps without running one. What a step would make is not known, so what depends on it is judged only in so
 * far as it can be.
 */
#include "graph/explain.h"

#include "graph/action.h"
#include "graph/kinds.h"

/* The first need of which the result is not known; NULL: all are. */
static const struct step *unknown_need(const struct step *step)
{
	for (size_t i = 0; i < step->needs.count; i++)
		if (!step_is_settled(step->needs.items[i]))
			return step->needs.items[i];
	return NULL;
}

static bool read_last(struct session *s, struct step *step, struct verdict *v, struct err *e)
{
	if (!action_last(s, step, &v->last, &v->has_last, e))
		return false;
	return !v->has_last ||
	       store_get_action(s->store, &v->last.key, &s->arena, &v->made, &v->has_made, e);
}

static bool judge_known(struct session *s, struct step *step, struct verdict *v, struct err *e)
{
	bool run = true;
	bool ok = step->kind->parts ? action_check(s, step, &run, e)
				    : step->kind->check(s, step, &run, e);

	if (!ok)
		return false;
	v->kind = run ? VERDICT_RUN : VERDICT_FRESH;
	v->reason = step->reason;
	step->state = run ? STEP_WOULD_RUN : STEP_FRESH;
	return run || !step->kind->parts || action_place(s, step, true, &v->place, e);
}

/* Of a compile step everything but mpy-cross is known; other steps are made of what the need makes. */
static bool judge_in_part(struct session *s, struct step *step, struct verdict *v, struct err *e)
{
	bool known;

	v->kind = VERDICT_AFTER;
	step->state = STEP_WOULD_RUN;
	strbuf_reset(&step->parts);
	if (step->kind != &compile_step)
		return true;
	/* What it finds is not for this mpy-cross; whether builds are traced decides about the parts. */
	return step->kind->parts(s, step, &step->parts, e) && step->kind->find(s, step, &known, e);
}

/* Made before, elsewhere or from what it was made of once: what changed since the last success does not ask for work. */
static void say_where_from(struct verdict *v)
{
	if (v->kind != VERDICT_FRESH || !v->step->kind->parts)
		return;
	v->from_store = !v->has_last || !digest_equal(&v->last.key, &v->step->key);
	if (v->from_store)
		v->reason = "the store has what it makes now";
}

static bool judge(struct session *s, struct step *step, struct verdict *v, struct err *e)
{
	v->after = unknown_need(step);
	if (v->after && v->after->state == STEP_FAILED) {
		step->state = STEP_FAILED;
		v->kind = VERDICT_AFTER;
		return true;
	}
	if (step->kind->parts && !read_last(s, step, v, e))
		return false;
	if (!(v->after ? judge_in_part(s, step, v, e) : judge_known(s, step, v, e)))
		return false;
	if (v->has_last && step->parts.len)
		causes_collect(s, step, &v->last, v->after ? "mpy-cross" : NULL, &v->causes);
	say_where_from(v);
	return true;
}

void explain_graph(struct graph *g, struct verdicts *out)
{
	*out = (struct verdicts){ 0 };
	for (size_t i = 0; i < g->steps.count; i++) {
		struct step *step = g->steps.items[i];
		struct verdict v = { .step = step };

		if (!judge(step->recipe->s, step, &v, &v.error)) {
			v.kind = VERDICT_ERROR;
			step->state = STEP_FAILED;
		}
		vec_push(&out->items, v);
	}
}

void verdicts_free(struct verdicts *v)
{
	for (size_t i = 0; i < v->items.count; i++) {
		causes_free(&v->items.items[i].causes);
		err_free(&v->items.items[i].error);
	}
	vec_free(&v->items);
}
