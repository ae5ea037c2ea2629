/* SPDX-License-Identifier: MIT
 *
 * Bringing the submodules that a build needs before it begins. The work is done in a child: a network may take its time. Those of a
 * worktree of ours come as source/submodules.h says; the user's tree gets them from git itself, as by hand.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "graph/action.h"
#include "graph/closure.h"
#include "graph/device_text.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "graph/report.h"
#include "graph/step_progress.h"
#include "graph/submodule_list.h"
#include "graph/version.h"
#include "os/fs.h"
#include "source/git_program.h"
#include "source/repository.h"
#include "source/submodules.h"

struct job {
	struct session *s;
	const struct step *step;
	bool known;         /* make said which it needs; else it is asked */
	struct strv paths;  /* those that are missing, as far as that is known */
	struct strbuf said; /* by the child, through its pipe */
	size_t said_at;     /* so far its notes were told */
};

/* In the user's tree only an empty folder is a submodule that was never checked out; one that is gone was taken away. */
static bool is_empty_folder(const char *tree, const char *path)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *dir = path_join(&a, tree, path);
	struct fs_list list;
	bool empty = fs_is_dir(dir) && fs_list(&list, dir, &ignored);

	if (empty) {
		empty = !list.count;
		fs_list_free(&list);
	}
	return empty;
}

static bool missing_submodules(const struct session *s, const struct strv *names, struct strv *out,
			       struct err *e)
{
	struct strv empty = { 0 };
	bool ok;

	if (s->ref)
		return submodules_missing(s->tree.root, names, out, e);
	for (size_t i = 0; i < names->count; i++)
		if (is_empty_folder(s->tree.root, names->items[i]))
			vec_push(&empty, names->items[i]);
	ok = submodules_missing(s->tree.root, &empty, out, e);
	vec_free(&empty);
	return ok;
}

/* A version has the step whenever it has submodules; the user's tree only when some are missing. */
static bool is_needed(const struct session *s, const struct strv *names, bool *needed,
		      struct err *e)
{
	struct strv missing = { 0 };
	bool ok = s->ref || missing_submodules(s, names, &missing, e);

	*needed = s->ref ? names->count > 0 : missing.count > 0;
	vec_free(&missing);
	return ok;
}

bool submodules_step_of(struct step *compile, struct step **out, struct err *e)
{
	struct recipe *r = compile->recipe;
	struct strv names = { 0 };
	bool needed, ok;

	*out = NULL;
	for (size_t i = 0; i < r->steps.count; i++)
		if (r->steps.items[i]->kind == &submodules_step)
			*out = r->steps.items[i];
	if (*out)
		return true;
	if (!recipe_words(r->s, r, "submodules", &names, e))
		return false;
	ok = is_needed(r->s, &names, &needed, e);
	vec_free(&names);
	if (ok && needed)
		*out = recipe_add_step(r->s, r, &submodules_step, "submodules");
	return ok;
}

static void close_job(struct step *step)
{
	struct job *job = step->running;

	if (job) {
		vec_free(&job->paths);
		strbuf_free(&job->said);
	}
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
	job->step = step;
	job->said = (struct strbuf)STRBUF_INIT;
	step->running = job;
	ok = submodule_list(s, step, &names, &job->known, e) &&
	     missing_submodules(s, &names, &job->paths, e);
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
	*run = job->paths.count > 0 || (s->ref && !job->known);
	for (size_t i = 0; i < job->paths.count; i++)
		strbuf_addf(&list, " %s", job->paths.items[i]);
	step->reason = "all that it needs are checked out";
	if (s->ref && !job->known)
		step->reason = "the port's make was not asked yet which it needs";
	else if (*run)
		step->reason = arena_printf(&s->arena, "not checked out:%s", list.buf);
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

/* As people do it by hand: into .git/modules, with the user's credentials and addresses. */
static bool update_users_tree(const struct job *job, struct err *e)
{
	AUTO_STRBUF said = STRBUF_INIT;
	struct strv words = { 0 };
	bool ok;

	vec_push(&words, "submodule");
	vec_push(&words, "update");
	vec_push(&words, "--init");
	vec_push(&words, "--");
	for (size_t i = 0; i < job->paths.count; i++)
		vec_push(&words, job->paths.items[i]);
	vec_push(&words, NULL);
	ok = git_program_work(job->s->tree.root, words.items, (struct git_work){ .foreign = true },
			      &said, e);
	vec_free(&words);
	return ok || err_wrap(e, "submodules");
}

static bool bring_list(struct session *s, const struct strv *paths, struct err *e)
{
	for (size_t i = 0; i < paths->count; i++)
		if (!submodule_bring(s->top->repository, s->tree.root, paths->items[i], e))
			return false;
	return true;
}

/* Those that are missing, and then those inside of them. */
static bool bring_missing(void *ctx, const struct strv *paths, bool *some, struct err *e)
{
	const struct job *job = ctx;
	struct strv missing = { 0 };
	bool ok = true;

	*some = false;
	do {
		missing.count = 0;
		ok = submodules_missing(job->s->tree.root, paths, &missing, e) &&
		     bring_list(job->s, &missing, e);
		*some = *some || missing.count;
	} while (ok && missing.count);
	vec_free(&missing);
	return ok;
}

static bool bring_all(struct job *job, struct err *e)
{
	if (!job->s->ref)
		return update_users_tree(job, e);
	return job->known ? bring_list(job->s, &job->paths, e)
			  : submodule_list_ask(job->s, job->step, bring_missing, job, e);
}

static void say(void *ctx, const char *text)
{
	device_note_write(*(const int *)ctx, text);
}

static void write_log(void *ctx, const char *data, size_t len)
{
	(void)!write(*(const int *)ctx, data, len);
}

/* The error goes back as its message and, behind a form feed, its hint; before it come notes. What git says is in the log. */
static int bring(void *ctx, int fd)
{
	struct job *job = ctx;
	struct repository *r = job->s->top->repository;
	AUTO_FD log = open(job->step->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	AUTO_ERR e = ERR_INIT;

	git_program_watch(log >= 0 ? write_log : NULL, &log);
	if (r) {
		r->say = say;
		r->ctx = &fd;
	}
	if (bring_all(job, &e))
		return 0;
	write_all(fd, e.msg);
	write_all(fd, "\f");
	write_all(fd, e.hint ? e.hint : "");
	return 1;
}

/* Nothing of ours is put beside the user's tree. */
static const char *lock_name(struct session *s)
{
	return s->ref ? arena_printf(&s->arena, "%s.submodules", s->tree.root)
		      : arena_printf(&s->arena, "%s/%s.submodules", s->work_root, s->tree_key);
}

static bool refuse_offline(struct session *s, struct step *step, struct err *e)
{
	const struct job *job = step->running;

	err_set(e, "%s: submodules are missing, and --offline fetches nothing: %s%s",
		step->recipe->id, job->paths.items[0], job->paths.count > 1 ? " and more" : "");
	return err_hint(e, "git -C %s submodule update --init %s", s->tree.root,
			job->paths.items[0]);
}

static bool submodules_start(struct session *s, struct step *step, struct err *e)
{
	if (!s->ref && s->opt->offline)
		return refuse_offline(s, step, e);
	if (!action_lock_folder(s, step, lock_name(s), e))
		return false;
	if (step->blocked)
		return true;
	if (!find_missing(s, step, e) || !action_log_path(s, step, e)) {
		lock_release(&step->lock);
		return false;
	}
	step->pid = process_fork(bring, step->running, &step->result_fd, e);
	if (step->pid <= 0)
		lock_release(&step->lock);
	return step->pid > 0;
}

static void tell_notes(struct session *s, struct step *step)
{
	struct job *job = step->running;
	const char *text;

	device_said_read(step->result_fd, &job->said);
	while ((text = device_said_note(&job->said, &job->said_at)))
		report_note(s->report, "%s", text);
}

static void submodules_tick(struct session *s, struct step *step, int64_t now_ms,
			    struct strbuf *text, int *permille)
{
	tell_notes(s, step);
	step_progress(step, now_ms, text, permille);
}

static bool child_failed(struct step *step, const struct process_exit *x, struct err *e)
{
	const struct job *job = step->running;
	char *text = job->said.buf + job->said_at, *hint = strchr(text, '\f');
	AUTO_STRBUF how = STRBUF_INIT;

	if (hint)
		*hint++ = '\0';
	process_exit_text(x, &how);
	err_set(e, "%s: %s", step->recipe->id, *text ? text : how.buf);
	return hint && *hint ? err_hint(e, "%s", hint) : false;
}

static bool submodules_finish(struct session *s, struct step *step, const struct process_exit *x,
			      struct err *e)
{
	bool ok;

	step->pid = 0;
	tell_notes(s, step);
	ok = x && (x->code == 0 || child_failed(step, x, e));
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
	.tick = submodules_tick,
};
