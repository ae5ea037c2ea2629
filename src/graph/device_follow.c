/* SPDX-License-Identifier: MIT
 *
 * Several things are asked of one device: what is known of it was true before the first. A board that was flashed may be at another
 * port, and says another thing: it is looked for again, by what the work on it told, and asked again.
 */
#include <string.h>

#include "board/probe.h"
#include "graph/attached.h"
#include "graph/device_job.h"

enum {
	WAIT_MS = 3000
}; /* the work has waited for it: only what the system still has to make of it */

/* The work that came before, on the same device; NULL: this is the first. */
static struct device_job *job_before(const struct device_job *job)
{
	const struct step *step = job->step;

	for (size_t i = 0; i < step->needs.count; i++) {
		struct step *need = step->needs.items[i];
		struct device_job *before = need->kind->close == device_job_close && need->detail
						    ? device_job_of(job->s, need)
						    : NULL;

		if (before && need->recipe == step->recipe && before->device)
			return before;
	}
	return NULL;
}

/* --- again ----------------------------------------------------------------------------------------------------- */

static bool is_named(const struct device_job *before, const struct device *d)
{
	return before->came_back && strcmp(d->id, before->came_back) == 0;
}

static bool is_it(void *ctx, const struct device *d)
{
	const struct device_job *before = ctx;

	return is_named(before, d) || device_is_same(before->device, d);
}

/* Its name says more than its place. */
static struct device *best(struct devices *list, const struct device_job *before,
			   struct device *found)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_named(before, &list->items[i]))
			return &list->items[i];
	return found;
}

static bool is_this(void *ctx, const struct device *d)
{
	return d == ctx;
}

static bool find_again(struct device_job *job, struct device_job *before, struct err *e)
{
	const struct device_query query = { .again = before->device };
	struct probe_options ask = { .after = PROBE_RESTORE, .wanted = is_this };
	AUTO_ERR late = ERR_INIT;
	struct device *found;

	if (!device_wait(&query, is_it, before, WAIT_MS, &job->again, &found, &late)) {
		if (late.kind == ERR_INTERRUPTED) {
			err_move(e, &late);
			return false;
		}
		err_set(e, "%s: %s is not there any more", job->step->id,
			device_label(before->device));
		return err_hint(e, "`mpflash list` shows what is there");
	}
	found = best(&job->again, before, found);
	attached_recall(&job->again);
	ask.wanted_ctx = found;
	if (!attached_ask(&job->again, job->s->opt->probe ? &ask : NULL, job->s->opt->library_dir,
			  e))
		return false;
	device_job_set_device(job, found);
	return true;
}

bool device_job_follow(struct device_job *job, struct err *e)
{
	struct device_job *before = job_before(job);

	if (!before)
		return true;
	if (before->step->state == STEP_RAN)
		return find_again(job, before, e);
	device_job_set_device(job, before->device);
	return true;
}
