/* SPDX-License-Identifier: MIT
 *
 * From a wish to a goal: one flash step for each device.
 */
#include "graph/flash_wish.h"

#include <string.h>

#include "base/path.h"
#include "flash/runner.h"
#include "graph/device_job.h"
#include "graph/device_step.h"
#include "graph/kinds.h"
#include "graph/target.h"
#include "image/image.h"

/* What the method is handed: a tool a file in its own format, whatever is flashed; our own methods read them all. */
static const char *format_for(const struct flash_method *m, const char *have)
{
	if (m->runner)
		return m->runner->format;
	return flash_method_takes(m, have) ? have : m->formats[0];
}

/* The reference file is what is written, as by `make flash-`; the same in the method's format lies beside it. */
static bool add_built(struct session *s, struct goal *goal, struct flash_added *out, struct err *e)
{
	const struct image_format *f;
	struct node *reference;

	if (!target_reference(s, goal->recipe, &reference, e))
		return false;
	vec_push(&goal->action->ins, reference);
	vec_push(&goal->files, reference);
	out->file = reference->name;
	out->built = reference;
	out->format = format_for(out->method, path_ext(reference->name));
	f = image_format_by_name(out->format);
	if (strcmp(out->format, path_ext(reference->name)) == 0 || !f || !f->write)
		return true;
	return target_add_format(s, goal, out->format, e);
}

/* A tool that erases all would erase a bootloader, too. */
static bool can_erase(const struct device_job *job, struct err *e)
{
	const struct flash_method *m = job->method;

	if (m->erases && !(m->runner && job->target.protect_count))
		return true;
	err_set(e, "--erase: %s %s", m->name,
		m->erases ? "would also erase what the board's rules protect"
			  : "writes what the image has, and erases nothing else");
	return err_hint(e,
			"leave --erase out; `mpflash erase` erases the files of a board that runs");
}

/* A step that cannot be made is none of the recipe's. */
static void drop_last_step(struct recipe *r)
{
	struct step *step = r->steps.items[--r->steps.count];

	step->kind->close(step);
	vec_free(&step->ins);
}

bool graph_add_flash(struct graph *g, const struct flash_wish *w, struct flash_added *out,
		     struct err *e)
{
	struct session *s = w->recipe->s;
	struct goal goal = { .text = w->text, .recipe = w->recipe };
	struct device_job *job;

	goal.action = recipe_add_step(s, w->recipe, &flash_step, "flash");
	if (w->device)
		device_step_take(s, goal.action, w->device);
	job = device_job_of(s, goal.action);
	job->image_path = w->image;
	if (!device_job_open(job, e)) {
		drop_last_step(w->recipe);
		return false;
	}
	if (s->opt->erase && !can_erase(job, e)) {
		drop_last_step(w->recipe);
		return false;
	}
	*out = (struct flash_added){ .step = goal.action, .method = job->method };
	if (w->image) {
		out->file = w->image;
		out->format = format_for(job->method, path_ext(w->image));
	} else if (!add_built(s, &goal, out, e)) {
		vec_free(&goal.files);
		drop_last_step(w->recipe);
		return false;
	}
	return graph_add_goal(g, &goal, e);
}
