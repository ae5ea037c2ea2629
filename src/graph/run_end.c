/* SPDX-License-Identifier: MIT
 *
 * How a run ends: by itself, or because the user wants it to.
 */
#include <stdlib.h>

#include "base/strbuf.h"
#include "graph/jobs.h"
#include "graph/run_internal.h"
#include "os/clock.h"
#include "os/process.h"

enum { END_GRACE_MS = 3000 }; /* for a compiler to clean up after SIGTERM */

/* --- by itself ------------------------------------------------------------------------------------------------ */

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
			report_file(g->s->report, goal->recipe->id,
				    node_path(goal->recipe->s, n, &a), o->size);
		}
	}
}

/* The plan as a whole: how long it takes, and how much of that was never measured. */
static void tell_time(struct run *r)
{
	struct report *report = r->s->report;

	for (size_t i = 0; i < r->g->steps.count; i++) {
		const struct step *step = r->g->steps.items[i];

		report->guessed += step->state == STEP_WOULD_RUN && !step->estimate_ms;
	}
	report->jobs = session_jobs(r->s);
	report->estimate_ms = order_time(&r->order, report->jobs, clock_ms());
}

/* Appends the failures' messages, each on a line of its own. */
static void add_failures(const struct run *r, struct strbuf *out)
{
	for (size_t i = 0; i < r->failures.count; i++)
		strbuf_addf(out, "\n%s", r->failures.items[i].msg);
}

bool run_sum_up(struct run *r, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct err *first = r->failures.items;

	if (r->s->opt->dry_run)
		tell_time(r);
	else if (r->s->report->run)
		tell_files(r->g);
	if (!r->failures.count)
		return true;
	if (r->failures.count > 1) {
		strbuf_addf(&text, "%zu steps failed", r->failures.count);
		add_failures(r, &text);
		free(first->msg);
		first->msg = strbuf_detach(&text);
	}
	err_move(e, first);
	return false;
}

/* --- interrupted ---------------------------------------------------------------------------------------------- */

static bool is_ended_at_once(const struct step *step)
{
	return step->kind->takes_jobs || step->kind->can_be_ended;
}

static void end_compilers(const struct run *r)
{
	pid_t *pids = xcalloc(r->running.count + 1, sizeof(*pids));

	for (size_t i = 0; i < r->running.count; i++)
		if (is_ended_at_once(r->running.items[i]))
			pids[i] = r->running.items[i]->pid;
	process_end_groups(pids, r->running.count, END_GRACE_MS);
	free(pids);
}

void run_stopped(struct run *r, struct step *step, const char *why)
{
	step->state = STEP_CANCELLED;
	step->stopped = true;
	run_about(r, step);
	if (why)
		report_note(r->s->report, "%s", why);
	report_stop(r->s->report, step->recipe->id, step->label);
}

static void killed(struct run *r, struct step *step)
{
	AUTO_ERR ignored = ERR_INIT;

	step->kind->finish(step->recipe->s, step, NULL, &ignored);
	run_stopped(r, step, NULL);
}

/* Once, so that all of them come to their ends meanwhile. */
static void ask_to_stop(struct run *r, struct step *step)
{
	bool stops = step->kind->stop && step->kind->stop(step->recipe->s, step);

	report_note(
		r->s->report,
		stops ? "%s: it stops where that is safe; to end it now, interrupt again"
		      : "%s: waiting until it is done; to end it now, interrupt again (the device may be left half written)",
		step->id);
}

/* A device that is being written is waited for, so that it is left in one piece; unless the user asks twice. */
static void wait_for_device(struct run *r, struct step *step, int before)
{
	struct process_exit x;

	while (step->pid > 0) {
		if (process_wait_end(step->pid, before, &x)) {
			run_ended(r, step, &x);
			if (step->pid <= 0)
				return;
		} else {
			process_end_gently(step->pid, END_GRACE_MS);
			killed(r, step);
			return;
		}
	}
}

/* What had failed before is not to be lost: nobody told more than its name. */
static bool set_interrupted(const struct run *r, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (r->failures.count)
		strbuf_adds(&text, "; before that failed:");
	add_failures(r, &text);
	err_set(e, "interrupted%s", text.buf);
	err_hint(e, "what was finished is kept; the same command goes on from here");
	e->kind = ERR_INTERRUPTED;
	return false;
}

bool run_give_up(struct run *r, struct err *e)
{
	VEC(struct step *) running = { 0 };
	int before = process_interrupts();

	for (size_t i = 0; i < r->running.count; i++) {
		struct step *step = r->running.items[i];

		vec_push(&running, step);
		if (!is_ended_at_once(step))
			ask_to_stop(r, step);
	}
	end_compilers(r);
	for (size_t i = 0; i < running.count; i++)
		if (is_ended_at_once(running.items[i]))
			killed(r, running.items[i]);
		else
			wait_for_device(r, running.items[i], before);
	vec_free(&running);
	r->s->report->interrupted = true;
	r->s->report->left = 0;
	for (size_t i = 0; i < r->g->steps.count; i++)
		r->s->report->left += r->g->steps.items[i]->state == STEP_WAITING;
	return set_interrupted(r, e);
}
