/* SPDX-License-Identifier: MIT
 *
 * The child process of a device step, and what its parent hears of it.
 */
#include <string.h>
#include <unistd.h>

#include "board/device.h"
#include "graph/device_job.h"
#include "os/shared.h"

struct child {
	struct device_job *job;
	device_work_fn *work;
	pid_t parent;
};

/* --- in the child ------------------------------------------------------------------------------------------------ */

/* Methods that go sector by sector have places where they can stop; the others are better not disturbed. */
static bool can_stop(const struct device_job *job)
{
	return job->method->plan != NULL;
}

/* What a board's USB says of itself where it is now; false: it has none. */
static bool find_place(const struct flash_result *r, struct devices *list, struct device_place *out)
{
	static const struct device_query all = { 0 };
	AUTO_ERR ignored = ERR_INIT;

	if (!r->has_identity || !r->device || !devices_find(&all, list, &ignored))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct device *d = &list->items[i];
		const struct serial_port *p = d->port_count ? d->ports[0] : NULL;

		if (strcmp(d->id, r->device) != 0)
			continue;
		*out = (struct device_place){ d->usb_path, NULL, 0, 0 };
		if (d->usb)
			*out = (struct device_place){ d->usb_path, d->usb->serial, d->usb->vid,
						      d->usb->pid };
		else if (p && p->usb)
			*out = (struct device_place){ d->usb_path, p->serial, p->vid, p->pid };
		if (!usb_serial_is_own((unsigned)out->vid, (unsigned)out->pid, out->usb_serial))
			out->usb_serial = NULL;
		return true;
	}
	return false;
}

static int run_child(void *ctx, int fd)
{
	struct child *child = ctx;
	AUTO_FLASH_RESULT result = FLASH_RESULT_INIT;
	AUTO_DEVICES list = DEVICES_INIT;
	AUTO_ERR e = ERR_INIT;
	struct device_place place;
	bool ok;

	process_follow(child->parent, can_stop(child->job));
	child->job->notes_fd = fd;
	ok = child->work(child->job, &result, &e);
	device_result_write(
		fd, &result,
		child->job->device && find_place(&result, &list, &place) ? &place : NULL, &e);
	return ok ? 0 : 1;
}

/* --- its parent -------------------------------------------------------------------------------------------------- */

bool device_job_start(struct device_job *job, device_work_fn *work, struct err *e)
{
	struct child child = { job, work, getpid() };

	if (!job->shared)
		job->shared = shared_alloc(sizeof(*job->shared));
	strbuf_reset(&job->said);
	job->said_at = 0;
	job->progress = (struct device_progress){ .phase = -1 };
	job->step->pid = process_fork(run_child, &child, &job->step->result_fd, e);
	return job->step->pid > 0;
}

/* Of several boards, only when it is asked for: what all of them tell would bury how they come out. */
static void tell_notes(struct device_job *job, bool all)
{
	struct step *step = job->step;
	const char *text;

	if (job->chosen && job->s->top->devices_taken > 1 && !all && !job->s->opt->explain &&
	    !job->s->report->json)
		return;
	while ((text = device_said_note(&job->said, &job->said_at)))
		report_note(job->s->report, "%s%s%s: %s", step->recipe->id,
			    step->where ? " on " : "", step->where ? step->where : "", text);
}

void device_job_tick(struct session *s, struct step *step, int64_t now_ms, struct strbuf *text,
		     int *permille)
{
	struct device_job *job = device_job_of(s, step);
	struct device_progress *p = &job->progress;

	device_said_read(step->result_fd, &job->said);
	tell_notes(job, false);
	if (job->shared)
		device_progress_read(p, job->shared, now_ms);
	if (s->report->json && device_progress_is_news(p, now_ms))
		report_progress(s->report, step->recipe->id, step->label,
				device_phase_name((enum device_phase)p->phase), p->done, p->total);
	device_progress_text(p, now_ms, text);
	*permille = device_progress_permille(p);
}

bool device_job_stop(struct session *s, struct step *step)
{
	if (!can_stop(device_job_of(s, step)))
		return false;
	process_ask_to_end(step->pid);
	return true;
}

bool device_job_result(struct device_job *job, const struct process_exit *x,
		       struct device_result *result, struct err *e)
{
	struct step *step = job->step;
	bool ok;

	step->pid = 0;
	ok = device_result_read(step->result_fd, &job->said, result, e);
	close(step->result_fd);
	step->result_fd = -1;
	ok = ok && x && x->code == 0;
	tell_notes(job, !ok);
	if (ok) {
		job->came_back = *result->device ? result->device : NULL;
		return true;
	}
	if (!e->msg) {
		AUTO_STRBUF how = STRBUF_INIT;

		if (x)
			process_exit_text(x, &how);
		err_set(e, "the flash process ended with %s", x ? how.buf : "an interrupt");
	}
	return err_wrap(e, "%s", step->id);
}
