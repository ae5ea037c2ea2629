/* SPDX-License-Identifier: MIT
 *
 * Verify steps: a device is compared with an image, and nothing is changed.
 */
#include "graph/device_job.h"
#include "graph/kinds.h"

static bool verify_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	struct device_job *job = device_job_of(s, step);

	*run = true;
	step->reason = "asked for";
	if (!device_job_open(job, e))
		return false;
	if (!job->method->verify)
		return err_set(e, "%s: %s cannot read the device", step->id, job->method->title);
	return device_job_load(job, e);
}

static bool work(struct device_job *job, struct flash_result *result, struct err *e)
{
	return job->method->verify(&job->target, &job->file.image, result, e);
}

static bool verify_start(struct session *s, struct step *step, struct err *e)
{
	return device_job_start(device_job_of(s, step), work, e);
}

static bool verify_finish(struct session *s, struct step *step, const struct process_exit *x,
			  struct err *e)
{
	struct device_result r = { .arena = &s->arena };

	if (!device_job_result(device_job_of(s, step), x, &r, e))
		return false;
	step->reason =
		arena_printf(&s->arena, "%llu bytes are the same", (unsigned long long)r.bytes);
	return true;
}

const struct step_kind verify_step = {
	.name = "verify",
	.check = verify_check,
	.start = verify_start,
	.finish = verify_finish,
	.close = device_job_close,
	.tick = device_job_tick,
	.stop = device_job_stop,
};
