/* SPDX-License-Identifier: MIT
 *
 * Halt steps: what flash started (an emulated board) is ended.
 */
#include "graph/device_job.h"
#include "graph/kinds.h"

static bool halt_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	struct device_job *job = device_job_of(s, step);

	*run = true;
	step->reason = "asked for";
	if (!device_job_open(job, e))
		return false;
	return job->method->halt ||
	       err_set(e, "%s: nothing to end: the board runs by itself", step->id);
}

static bool halt_start(struct session *s, struct step *step, struct err *e)
{
	const struct device_job *job = device_job_of(s, step);
	bool was_running;

	if (!job->method->halt(&job->target, &was_running, e))
		return err_wrap(e, "%s", step->id);
	step->reason = was_running ? "it was running" : "it was not running";
	return true;
}

const struct step_kind halt_step = {
	.name = "halt",
	.check = halt_check,
	.start = halt_start,
	.close = device_job_close,
};
