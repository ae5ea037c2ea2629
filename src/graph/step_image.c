/* SPDX-License-Identifier: MIT
 *
 * Pulling an image that is not on this machine, before the first board is built in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "graph/action.h"
#include "graph/builder_choice.h"
#include "graph/kinds.h"
#include "os/fs.h"

enum { SAID_MAX = 1 << 20 };

static bool image_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	const struct builder_choice *c = step->recipe->choice;
	struct engine_image image;

	(void)s;
	if (!builder_image(c, &image, e))
		return false;
	*run = !image.here;
	step->reason = image.here ? "it is on this machine" : "it is not on this machine";
	return true;
}

static bool image_start(struct session *s, struct step *step, struct err *e)
{
	const struct builder_choice *c = step->recipe->choice;
	struct process_spec spec = { 0 };
	struct strv argv = { 0 };

	if (s->opt->offline) {
		err_set(e, "the image %s is not on this machine, and --offline pulls nothing",
			c->image);
		return err_hint(e, "leave --offline out, or: %s pull %s", engine_name(c->engine),
				c->image);
	}
	if (!action_log_path(s, step, e))
		return false;
	spec.out_fd = open(step->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (spec.out_fd < 0)
		return err_sys(e, errno, "cannot write the log %s", step->log_path);
	engine_pull_argv(c->engine, c->image, &s->arena, &argv);
	spec.argv = argv.items;
	step->pid = process_start(&spec, e);
	close(spec.out_fd);
	vec_free(&argv);
	return step->pid > 0;
}

static bool pull_failed(const struct step *step, const struct process_exit *x, struct err *e)
{
	const struct builder_choice *c = step->recipe->choice;
	AUTO_STRBUF said = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (x->signal) {
		strbuf_addf(&said, "%s pull ended with ", engine_name(c->engine));
		process_exit_text(x, &said);
	} else {
		fs_read(&said, step->log_path, SAID_MAX, &ignored);
	}
	return engine_explain_pull(c->engine, c->image, said.buf, e);
}

static bool image_finish(struct session *s, struct step *step, const struct process_exit *x,
			 struct err *e)
{
	const struct builder_choice *c = step->recipe->choice;
	struct engine_image image;

	(void)s;
	step->pid = 0;
	engine_forget(c->engine, c->image);
	if (!x)
		return false;
	if (x->code != 0)
		return pull_failed(step, x, e);
	if (!builder_image(c, &image, e))
		return false;
	if (image.here)
		return true;
	err_set(e, "%s pulled %s and does not have it now", engine_name(c->engine), c->image);
	return err_hint(e, "`%s images` lists what it has", engine_name(c->engine));
}

const struct step_kind image_step = {
	.name = "image",
	.check = image_check,
	.start = image_start,
	.finish = image_finish,
	.can_be_ended = true,
};
