/* SPDX-License-Identifier: MIT
 *
 * What is told while steps run: the status area on a terminal, a line or an event now and then where there is none.
 */
#include <unistd.h>

#include "base/log.h"
#include "graph/jobs.h"
#include "graph/run_internal.h"
#include "graph/status.h"
#include "graph/step_progress.h"
#include "os/clock.h"
#include "os/process.h"

enum {
	TICK_MS = 100,   /* so often a step that tells how far it is is listened to */
	CLOCK_MS = 1000, /* the status area tells times: so often, though nothing happened */
};

void run_status_begin(struct run *r)
{
	struct report *report = r->s->report;

	/* What -V tells comes from everywhere, also from other processes: it would stand in the middle of the lines. */
	if (!report->json && !report->dry_run && !log_is_quiet() && !log_shows(LOG_LEVEL_DEBUG))
		report->status = status_create(STDERR_FILENO, clock_ms());
	if (report->status)
		process_catch_resize();
	else if (report->json || !log_is_quiet())
		r->lines_ms = status_lines_ms();
}

void run_status_end(struct run *r)
{
	status_destroy(r->s->report->status);
	r->s->report->status = NULL;
}

static int shorter(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int64_t wait_for_line(const struct run *r, const struct step *step, int64_t now)
{
	int64_t last = step->said_ms ? step->said_ms : step->started_ms;

	return last + r->lines_ms - now;
}

/* A step of which nothing was heard for long is told again. */
static int tell_line(struct run *r, struct step *step, const struct status_line *line, int64_t now)
{
	if (!r->lines_ms)
		return -1;
	if (wait_for_line(r, step, now) <= 0) {
		step->said_ms = now;
		report_going(r->s->report, step->recipe->id, step->label, line->text,
			     now - step->started_ms, step->estimate_ms);
	}
	return (int)wait_for_line(r, step, now);
}

static int listen_to(struct run *r, struct step *step, struct arena *a, struct status_line *line,
		     int64_t now)
{
	AUTO_STRBUF text = STRBUF_INIT;

	line->permille = -1;
	run_about(r, step);
	if (step->kind->tick)
		step->kind->tick(step->recipe->s, step, now, &text, &line->permille);
	else
		step_progress(step, now, &text, &line->permille);
	line->name = arena_printf(a, "%s %s%s%s", step->label, step->recipe->id,
				  step->where ? " on " : "", step->where ? step->where : "");
	line->text = arena_strdup(a, text.buf);
	return shorter(step->kind->tick ? TICK_MS : -1, tell_line(r, step, line, now));
}

static int show(struct run *r, const struct status_line *lines, size_t count, int64_t now)
{
	struct status *st = r->s->report->status;
	int wait_ms = status_wait_ms(st, now);

	if (wait_ms)
		return wait_ms;
	status_show(
		st,
		&(struct status_facts){ .done = r->over,
					.total = r->g->steps.count,
					.left_ms = order_time(&r->order, session_jobs(r->s), now),
					.lines = lines,
					.line_count = count },
		now);
	return CLOCK_MS;
}

int run_status_tell(struct run *r)
{
	AUTO_ARENA a = ARENA_INIT;
	size_t count = r->running.count;
	struct status_line *lines = ARENA_ARRAY(&a, struct status_line, count + 1);
	int64_t now = clock_ms();
	int wait_ms = -1;

	for (size_t i = 0; i < count; i++)
		wait_ms = shorter(wait_ms, listen_to(r, r->running.items[i], &a, &lines[i], now));
	return shorter(wait_ms, show(r, lines, count, now));
}
