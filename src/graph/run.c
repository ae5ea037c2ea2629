/* SPDX-License-Identifier: MIT
 *
 * Running the graph: each step is judged when what it needs is settled, so that a step whose inputs turn out the
 * same is skipped even after a rebuild. One loop waits for all processes. Each event costs what it touches, not a look
 * at every step: `all` has more than a thousand.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "graph/action.h"
#include "graph/jobs.h"
#include "graph/run_internal.h"
#include "graph/tally.h"
#include "os/clock.h"
#include "os/process.h"

enum {
	RETRY_MS = 50,       /* between looks at what another process holds */
	TALK_LIMIT = 20,     /* up to so many steps, those with nothing to do are told too */
	END_GRACE_MS = 1000, /* for what a killed make left behind */
};

/* The first need that is in that state; NULL: none. */
static const struct step *need_in(const struct step *step, enum step_state state)
{
	for (size_t i = 0; i < step->needs.count; i++)
		if (step->needs.items[i]->state == state)
			return step->needs.items[i];
	return NULL;
}

void run_over(struct run *r, struct step *step)
{
	const struct order *o = &r->order;

	r->over++;
	for (size_t k = o->first[step->number]; k < o->first[step->number + 1]; k++) {
		size_t user = o->users[k];

		if (--r->waits[user] == 0)
			heap_push(&r->judge, (int64_t)user, user);
	}
}

/* What is told next is of this step. */
void run_about(struct run *r, const struct step *step)
{
	r->s->report->device = step->device;
	r->s->report->where = step->where;
}

/* --- how steps come out --------------------------------------------------------------------------------------- */

static void fail(struct run *r, struct step *step, struct err *e)
{
	struct err kept = ERR_INIT;

	step->state = STEP_FAILED;
	step->took_ms = step->started_ms ? clock_ms() - step->started_ms : 0;
	step->error = arena_strdup(&r->s->arena, e->msg);
	run_about(r, step);
	report_fail(r->s->report, step->recipe->id, step->label, e->msg, e->hint);
	err_move(&kept, e);
	vec_push(&r->failures, kept);
	r->stop = r->stop || !r->s->opt->keep_going;
	run_over(r, step);
}

static void cancel(struct run *r, struct step *step)
{
	step->state = STEP_CANCELLED;
	r->s->report->left++;
	run_over(r, step);
}

/* Puts the files in their places and tells how the step came out. */
static bool place(struct step *step, enum step_state state, struct err *e)
{
	struct session *s = step->recipe->s;
	const char *placed = NULL, *target = step->recipe->id;

	step->state = state;
	if (step->kind->parts && !action_place(s, step, s->opt->dry_run, &placed, e))
		return false;
	if (state == STEP_RAN) {
		step->took_ms = clock_ms() - step->started_ms;
		report_done(s->report, target, step->label, step->reason, step->took_ms);
	} else if (placed) {
		const char *text =
			arena_printf(&s->arena, "%s, %s from the store", step->reason, placed);

		step->placed = true;
		if (s->opt->dry_run)
			report_plan(s->report, target, step->label, text, 0, NULL);
		else
			report_done(s->report, target, step->label, text, 0);
	} else {
		report_skip(s->report, target, step->label, step->reason);
	}
	return true;
}

static void settle(struct run *r, struct step *step, enum step_state state)
{
	AUTO_ERR e = ERR_INIT;

	run_about(r, step);
	if (place(step, state, &e))
		run_over(r, step);
	else
		fail(r, step, &e);
}

/* --- judging -------------------------------------------------------------------------------------------------- */

/* Something has to run: now it matters how long each step takes. */
static bool expect(struct run *r, struct err *e)
{
	if (r->expected)
		return true;
	r->expected = true;
	for (size_t i = 0; i < r->g->steps.count; i++) {
		struct step *step = r->g->steps.items[i];

		if (!step->estimate_ms && step->kind->parts &&
		    !action_estimate(step->recipe->s, step, e))
			return false;
	}
	order_expect(&r->order);
	return true;
}

static void plan(struct run *r, struct step *step, const char *reason)
{
	step->state = STEP_WOULD_RUN;
	run_about(r, step);
	report_plan(r->s->report, step->recipe->id, step->label, reason, step->estimate_ms,
		    step->plan);
	run_over(r, step);
}

static void enqueue(struct run *r, struct step *step)
{
	heap_push(step->kind->takes_jobs ? &r->make : &r->here, r->order.ranks[step->number],
		  step->number);
}

/* Whether the step has to run, and why. */
static bool check(struct step *step, bool *run, struct err *e)
{
	struct session *s = step->recipe->s;

	*run = true;
	return step->kind->parts ? action_check(s, step, run, e)
				 : step->kind->check(s, step, run, e);
}

static void judge(struct run *r, struct step *step)
{
	const struct step *unknown = need_in(step, STEP_WOULD_RUN);
	AUTO_ERR e = ERR_INIT;
	bool has_to_run = true;

	if (r->stop || need_in(step, STEP_FAILED) || need_in(step, STEP_CANCELLED)) {
		cancel(r, step);
		return;
	}
	if ((!unknown && !check(step, &has_to_run, &e)) || (has_to_run && !expect(r, &e)))
		fail(r, step, &e);
	else if (!has_to_run)
		settle(r, step, STEP_FRESH);
	else if (unknown)
		plan(r, step, arena_printf(&r->s->arena, "after %s", unknown->id));
	else if (r->s->opt->dry_run)
		plan(r, step, step->reason);
	else {
		enqueue(r, step);
		r->replan = r->replan || step->kind->takes_jobs;
	}
}

static void judge_all(struct run *r)
{
	while (r->judge.count && !process_interrupted())
		judge(r, r->g->steps.items[heap_pop(&r->judge).number]);
}

/* --- starting ------------------------------------------------------------------------------------------------- */

static void start(struct run *r, struct step *step)
{
	struct session *s = step->recipe->s;
	AUTO_ERR e = ERR_INIT;

	step->started_ms = clock_ms();
	run_about(r, step);
	if (step->kind->finish && !step->told)
		report_start(s->report, step->recipe->id, step->label, step->reason,
			     step->estimate_ms);
	step->blocked = false;
	if (!step->kind->start(s, step, &e)) {
		fail(r, step, &e);
		return;
	}
	step->told = true;
	if (step->blocked) {
		heap_push(&r->blocked, 0, step->number);
	} else if (step->pid <= 0) {
		settle(r, step, STEP_RAN);
	} else {
		step->state = STEP_RUNNING;
		vec_push(&r->running, step);
	}
}

static void replan(struct run *r)
{
	struct heap queue = HEAP_INIT;

	if (!r->replan)
		return;
	r->replan = false;
	order_plan(&r->order, session_jobs(r->s), clock_ms());
	for (size_t i = 0; i < r->make.count; i++)
		heap_push(&queue, r->order.ranks[r->make.items[i].number], r->make.items[i].number);
	heap_free(&r->make);
	r->make = queue;
}

static void start_jobs(struct run *r)
{
	replan(r);
	r->starved = false;
	while (r->make.count && !r->stop && !process_interrupted()) {
		struct step *step;

		r->starved = !session_take_job(r->s);
		if (r->starved)
			return;
		step = r->g->steps.items[heap_pop(&r->make).number];
		start(r, step);
		if (step->state != STEP_RUNNING)
			session_put_job(r->s);
	}
}

/* What runs in process delays everything else: one at a time. */
static bool start_one_here(struct run *r)
{
	if (!r->here.count || process_interrupted())
		return false;
	start(r, r->g->steps.items[heap_pop(&r->here).number]);
	return true;
}

static void cancel_queue(struct run *r, struct heap *queue)
{
	while (queue->count)
		cancel(r, r->g->steps.items[heap_pop(queue).number]);
}

/* Starts what can be started. True: more may be possible at once. */
static bool start_some(struct run *r)
{
	if (!r->stop) {
		start_jobs(r);
		if (start_one_here(r))
			return true;
	}
	/* Also when one failed just now, before it ran: nobody else will come by. */
	if (r->stop) {
		cancel_queue(r, &r->make);
		cancel_queue(r, &r->here);
		cancel_queue(r, &r->blocked);
	}
	return r->judge.count > 0;
}

/* --- waiting -------------------------------------------------------------------------------------------------- */

static void leave_running(struct run *r, const struct step *step)
{
	size_t i = 0;

	while (r->running.items[i] != step)
		i++;
	r->running.count--;
	memmove(r->running.items + i, r->running.items + i + 1,
		(r->running.count - i) * sizeof(*r->running.items));
}

void run_ended(struct run *r, struct step *step, const struct process_exit *x)
{
	AUTO_ERR e = ERR_INIT;
	bool ok;

	/* A make that was killed leaves compilers behind, which write where the next one builds. */
	if (x->signal)
		process_end_group(step->pid, END_GRACE_MS);
	ok = step->kind->finish(step->recipe->s, step, x, &e);
	if (ok && step->pid > 0)
		return; /* it started another process */
	leave_running(r, step);
	if (step->log_path)
		report_output(r->s->report, step->log_path);
	if (step->kind->takes_jobs)
		session_put_job(r->s);
	if (ok)
		settle(r, step, STEP_RAN);
	else if (e.kind == ERR_INTERRUPTED && process_interrupted())
		run_stopped(r, step,
			    e.hint ? arena_printf(&r->s->arena, "%s; %s", e.msg, e.hint) : e.msg);
	else
		fail(r, step, &e);
}

static int shorter(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static void wait_for_one(struct run *r, bool at_once)
{
	size_t count = r->running.count;
	pid_t *pids = xcalloc(count + 1, sizeof(*pids));
	int wait_ms = shorter(r->blocked.count ? RETRY_MS : -1, run_status_tell(r));
	struct process_exit x;
	int i;

	if (at_once)
		wait_ms = 0;

	for (size_t k = 0; k < count; k++)
		pids[k] = r->running.items[k]->pid;
	i = process_wait_any_or(pids, count, r->starved ? session_job_fd(r->s) : -1, wait_ms, &x);
	free(pids);
	if (i >= 0)
		run_ended(r, r->running.items[i], &x);
	while (r->blocked.count && !at_once)
		enqueue(r, r->g->steps.items[heap_pop(&r->blocked).number]);
}

/* --- all of it ------------------------------------------------------------------------------------------------ */

static void run_init(struct run *r)
{
	struct graph *g = r->g;

	order_init(&r->order, g->steps.items, g->steps.count);
	r->waits = xcalloc(g->steps.count + 1, sizeof(*r->waits));
	for (size_t i = 0; i < g->steps.count; i++) {
		r->waits[i] = g->steps.items[i]->needs.count;
		if (!r->waits[i])
			heap_push(&r->judge, (int64_t)i, i);
	}
}

static void run_free(struct run *r)
{
	order_free(&r->order);
	free(r->waits);
	heap_free(&r->judge);
	heap_free(&r->make);
	heap_free(&r->here);
	heap_free(&r->blocked);
	vec_free(&r->running);
	for (size_t i = 0; i < r->failures.count; i++)
		err_free(&r->failures.items[i]);
	vec_free(&r->failures);
}

/* False: interrupted. */
static bool run_all(struct run *r)
{
	for (;;) {
		bool more;

		judge_all(r);
		more = start_some(r);
		if (process_interrupted())
			return false;
		if (!more && !r->running.count && !r->blocked.count && !r->make.count)
			return true;
		if (!more && !r->running.count && !r->blocked.count && !r->starved)
			BUG("%zu steps wait for nothing", r->make.count);
		if (!more || r->running.count)
			wait_for_one(r, more);
	}
}

bool graph_run(struct graph *g, struct err *e)
{
	struct run r = { .g = g, .s = g->s };
	struct report *report = g->s->report;
	bool ok;

	process_catch_interrupts();
	report->explain = report->explain || g->steps.count <= TALK_LIMIT;
	run_status_begin(&r);
	run_init(&r);
	ok = run_all(&r) ? run_sum_up(&r, e) : run_give_up(&r, e);
	run_status_end(&r);
	tally_boards(g);
	run_free(&r);
	return ok;
}
