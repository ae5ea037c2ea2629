/* SPDX-License-Identifier: MIT
 *
 * Bringing the submodules of another version before it is built. The work is done in a child: a network may take its time.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/action.h"
#include "graph/closure.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "graph/version.h"
#include "source/repository.h"
#include "source/submodules.h"

struct job {
	struct session *s;
	struct strv paths; /* those that are missing */
};

bool version_submodules_step(struct step *compile, struct step **out, struct err *e)
{
	struct recipe *r = compile->recipe;
	struct strv names = { 0 };
	bool needed;

	*out = NULL;
	if (!r->s->ref)
		return true;
	for (size_t i = 0; i < r->steps.count; i++)
		if (r->steps.items[i]->kind == &submodules_step)
			*out = r->steps.items[i];
	if (*out)
		return true;
	if (!recipe_words(r->s, r, "submodules", &names, e))
		return false;
	needed = names.count;
	vec_free(&names);
	if (needed)
		*out = recipe_add_step(r->s, r, &submodules_step, "submodules");
	return true;
}

static void close_job(struct step *step)
{
	struct job *job = step->running;

	if (job)
		vec_free(&job->paths);
	step->running = NULL;
	if (step->result_fd >= 0)
		close(step->result_fd);
	step->result_fd = -1;
}

/* What is missing now: another process may have brought some. */
static bool find_missing(struct session *s, struct step *step, struct err *e)
{
	struct strv names = { 0 };
	struct job *job;
	bool ok;

	close_job(step);
	job = ARENA_NEW(&s->arena, struct job);
	job->s = s;
	step->running = job;
	ok = recipe_words(s, step->recipe, "submodules", &names, e) &&
	     submodules_missing(s->tree.root, &names, &job->paths, e);
	vec_free(&names);
	return ok;
}

static bool submodules_check(struct session *s, struct step *step, bool *run, struct err *e)
{
	const struct job *job;
	AUTO_STRBUF list = STRBUF_INIT;

	if (!find_missing(s, step, e))
		return false;
	job = step->running;
	*run = job->paths.count > 0;
	for (size_t i = 0; i < job->paths.count; i++)
		strbuf_addf(&list, " %s", job->paths.items[i]);
	step->reason = *run ? arena_printf(&s->arena, "not checked out:%s", list.buf)
			    : "all that it needs are checked out";
	return true;
}

static void write_all(int fd, const char *text)
{
	for (size_t left = strlen(text); left;) {
		ssize_t n = write(fd, text, left);

		if (n <= 0)
			return;
		text += n;
		left -= (size_t)n;
	}
}

/* The error goes back as its message and, behind a form feed, its hint. */
static int bring(void *ctx, int fd)
{
	const struct job *job = ctx;
	AUTO_ERR e = ERR_INIT;

	for (size_t i = 0; i < job->paths.count; i++) {
		if (submodule_bring(job->s->top->repository, job->s->tree.root, job->paths.items[i],
				    &e))
			continue;
		write_all(fd, e.msg);
		write_all(fd, "\f");
		write_all(fd, e.hint ? e.hint : "");
		return 1;
	}
	return 0;
}

static bool submodules_start(struct session *s, struct step *step, struct err *e)
{
	if (!action_lock_folder(s, step, arena_printf(&s->arena, "%s.submodules", s->tree.root), e))
		return false;
	if (step->blocked)
		return true;
	if (!find_missing(s, step, e))
		return false;
	step->pid = process_fork(bring, step->running, &step->result_fd, e);
	if (step->pid <= 0)
		lock_release(&step->lock);
	return step->pid > 0;
}

static bool child_failed(struct step *step, const struct process_exit *x, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT, how = STRBUF_INIT;
	char buf[1024], *hint;
	ssize_t n;

	while (text.len < 65536 && (n = read(step->result_fd, buf, sizeof(buf))) > 0)
		strbuf_add(&text, buf, (size_t)n);
	hint = strchr(text.buf, '\f');
	if (hint)
		*hint++ = '\0';
	process_exit_text(x, &how);
	err_set(e, "%s: %s", step->recipe->id, text.len ? text.buf : how.buf);
	return hint && *hint ? err_hint(e, "%s", hint) : false;
}

static bool submodules_finish(struct session *s, struct step *step, const struct process_exit *x,
			      struct err *e)
{
	bool ok = x && (x->code == 0 || child_failed(step, x, e));

	step->pid = 0;
	closure_forget_looks(s);
	close_job(step);
	lock_release(&step->lock);
	return ok;
}

const struct step_kind submodules_step = {
	.name = "submodules",
	.check = submodules_check,
	.start = submodules_start,
	.finish = submodules_finish,
	.close = close_job,
};
