/* SPDX-License-Identifier: MIT
 *
 * Running the graph: each step is judged when what it needs is settled, so that a step whose inputs turn out the
 * same is skipped even after a rebuild. One loop waits for all processes.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/action.h"
#include "graph/graph.h"
#include "os/clock.h"
#include "os/process.h"

enum {
	RETRY_MS = 50,       /* between looks at what another process holds */
	TALK_LIMIT = 20,     /* up to so many steps, those with nothing to do are told too */
	END_GRACE_MS = 3000, /* for a compiler to clean up after SIGTERM */
};

struct run {
	struct graph *g;
	struct session *s;
	int running, running_jobs;
	VEC(struct err) failures;
	bool stop;    /* start nothing more */
	bool blocked; /* some step waits for another process */
};

static bool needs_are_over(const struct step *step)
{
	for (size_t i = 0; i < step->needs.count; i++)
		if (step->needs.items[i]->state <= STEP_RUNNING)
			return false;
	return true;
}

/* The first need that is in that state; NULL: none. */
static const struct step *need_in(const struct step *step, enum step_state state)
{
	for (size_t i = 0; i < step->needs.count; i++)
		if (step->needs.items[i]->state == state)
			return step->needs.items[i];
	return NULL;
}

static void leave_queue(struct run *r, const struct step *step)
{
	if (step->kind->takes_jobs)
		r->s->compiles--;
}

static void fail(struct run *r, struct step *step, struct err *e)
{
	struct err kept = ERR_INIT;

	leave_queue(r, step);
	step->state = STEP_FAILED;
	report_fail(&r->s->report, step->recipe->id, step->label, e->msg, e->hint);
	err_move(&kept, e);
	vec_push(&r->failures, kept);
	r->stop = r->stop || !r->s->opt->keep_going;
}

/* Puts the files in their places and tells how the step came out. */
static bool settle(struct run *r, struct step *step, enum step_state state, struct err *e)
{
	struct session *s = r->s;
	const char *placed = NULL, *target = step->recipe->id;

	step->state = state;
	if (step->kind->parts && !action_place(s, step, s->opt->dry_run, &placed, e))
		return false;
	leave_queue(r, step);
	if (state == STEP_RAN) {
		report_done(&s->report, target, step->label, step->reason,
			    clock_ms() - step->started_ms);
	} else if (placed) {
		const char *text =
			arena_printf(&s->arena, "%s, %s from the store", step->reason, placed);

		if (s->opt->dry_run)
			report_plan(&s->report, target, step->label, text, 0);
		else
			report_done(&s->report, target, step->label, text, 0);
	} else {
		report_skip(&s->report, target, step->label, step->reason);
	}
	return true;
}

static bool start(struct run *r, struct step *step, struct err *e)
{
	struct session *s = r->s;

	step->started_ms = clock_ms();
	if (step->kind->finish && !step->told)
		report_start(&s->report, step->recipe->id, step->label, step->reason,
			     step->estimate_ms);
	step->blocked = false;
	if (!step->kind->start(s, step, e))
		return false;
	step->told = true;
	r->blocked = r->blocked || step->blocked;
	if (step->blocked)
		return true;
	if (step->pid <= 0)
		return settle(r, step, STEP_RAN, e);
	step->state = STEP_RUNNING;
	r->running++;
	r->running_jobs += step->kind->takes_jobs;
	return true;
}

static bool plan(struct run *r, struct step *step, const char *reason)
{
	leave_queue(r, step);
	step->state = STEP_WOULD_RUN;
	report_plan(&r->s->report, step->recipe->id, step->label, reason, step->estimate_ms);
	return true;
}

/* Judges a step whose needs are over, and starts it when it has to run and may. *moved: something happened. */
static bool consider(struct run *r, struct step *step, bool *moved, struct err *e)
{
	struct session *s = r->s;
	const struct step *unknown = need_in(step, STEP_WOULD_RUN);
	bool has_to_run = true, ok = true;

	if (unknown) {
		*moved = true;
		return plan(r, step, arena_printf(&s->arena, "after %s", unknown->id));
	}
	if (!step->checked) {
		ok = step->kind->parts ? action_check(s, step, &has_to_run, e)
				       : step->kind->check(s, step, &has_to_run, e);
		step->checked = true;
	}
	if (!ok || !has_to_run) {
		*moved = true;
		return ok && settle(r, step, STEP_FRESH, e);
	}
	if (s->opt->dry_run) {
		*moved = true;
		return plan(r, step, step->reason);
	}
	if (step->kind->takes_jobs && r->running_jobs >= session_jobs(s))
		return true;
	if (!start(r, step, e))
		return false;
	*moved = *moved || !step->blocked;
	return true;
}

static bool pass(struct run *r)
{
	bool moved = false;

	r->blocked = false;
	for (size_t i = 0; i < r->g->steps.count; i++) {
		struct step *step = r->g->steps.items[i];
		AUTO_ERR e = ERR_INIT;

		if (step->state != STEP_WAITING || !needs_are_over(step) || process_interrupted())
			continue;
		if (r->stop || need_in(step, STEP_FAILED) || need_in(step, STEP_CANCELLED)) {
			leave_queue(r, step);
			step->state = STEP_CANCELLED;
			moved = true;
		} else if (!consider(r, step, &moved, &e)) {
			fail(r, step, &e);
			moved = true;
		}
	}
	return moved;
}

static void ended(struct run *r, struct step *step, const struct process_exit *x)
{
	AUTO_ERR e = ERR_INIT;
	bool ok = step->kind->finish(r->s, step, x, &e);

	if (ok && step->pid > 0)
		return; /* it started another process */
	r->running--;
	r->running_jobs -= step->kind->takes_jobs;
	if (!ok || !settle(r, step, STEP_RAN, &e))
		fail(r, step, &e);
}

static void wait_for_one(struct run *r)
{
	size_t count = r->g->steps.count;
	pid_t *pids = xcalloc(count, sizeof(*pids));
	struct process_exit x;
	int i;

	for (size_t k = 0; k < count; k++)
		if (r->g->steps.items[k]->state == STEP_RUNNING)
			pids[k] = r->g->steps.items[k]->pid;
	i = process_wait_any(pids, count, r->blocked ? RETRY_MS : -1, &x);
	if (i >= 0)
		ended(r, r->g->steps.items[i], &x);
	free(pids);
}

/* Compilers are ended; a device that is being written is waited for, so that it is left in one piece. */
static bool give_up(struct run *r, struct err *e)
{
	for (size_t i = 0; i < r->g->steps.count; i++) {
		struct step *step = r->g->steps.items[i];
		AUTO_ERR ignored = ERR_INIT;

		if (step->state != STEP_RUNNING)
			continue;
		if (step->kind->takes_jobs)
			process_end_group(step->pid, END_GRACE_MS);
		else
			process_wait_end(step->pid);
		step->kind->finish(r->s, step, NULL, &ignored);
		step->state = STEP_CANCELLED;
	}
	err_set(e, "interrupted");
	err_hint(e, "what was finished is kept; the same command goes on from here");
	e->kind = ERR_INTERRUPTED;
	return false;
}

static bool sum_up(struct run *r, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct err *first = r->failures.items;

	if (!r->failures.count)
		return true;
	if (r->failures.count > 1) {
		strbuf_addf(&text, "%zu steps failed", r->failures.count);
		for (size_t i = 0; i < r->failures.count; i++)
			strbuf_addf(&text, "\n%s", r->failures.items[i].msg);
		free(first->msg);
		first->msg = strbuf_detach(&text);
	}
	err_move(e, first);
	for (size_t i = 0; i < r->failures.count; i++)
		err_free(&r->failures.items[i]);
	vec_free(&r->failures);
	return false;
}

static void tell_files(struct graph *g)
{
	for (size_t i = 0; i < g->goals.count; i++) {
		const struct goal *goal = &g->goals.items[i];

		for (size_t k = 0; k < goal->files.count; k++) {
			struct node *n = goal->files.items[k];
			const struct store_output *o = node_output(n);
			AUTO_ARENA a = ARENA_INIT;

			if (!o || n->told)
				continue;
			n->told = true;
			report_file(&g->s->report, goal->recipe->id, node_path(g->s, n, &a),
				    o->size);
		}
	}
}

bool graph_run(struct graph *g, struct err *e)
{
	struct run r = { .g = g, .s = g->s };

	process_catch_interrupts();
	g->s->report.explain = g->s->report.explain || g->steps.count <= TALK_LIMIT;
	for (size_t i = 0; i < g->steps.count; i++)
		g->s->compiles += g->steps.items[i]->kind->takes_jobs;
	for (;;) {
		if (pass(&r))
			continue;
		if (process_interrupted())
			return give_up(&r, e);
		if (!r.running && !r.blocked)
			break;
		wait_for_one(&r);
	}
	if (!g->s->opt->dry_run && g->s->report.run)
		tell_files(g);
	return sum_up(&r, e);
}
