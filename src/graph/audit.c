/* SPDX-License-Identifier: MIT
 *
 * The proof of exactness: whatever a work folder was gone on with, and whatever came from the store, must be what a
 * build from nothing makes. Where that is not so, build/renew.h or the closures are wrong.
 */
#include "graph/audit.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "build/builder.h"
#include "build/workdir.h"
#include "graph/action.h"
#include "graph/compile.h"
#include "graph/compile_key.h"
#include "graph/configuration.h"
#include "graph/jobs.h"
#include "graph/kinds.h"
#include "graph/project.h"
#include "graph/recipe.h"
#include "graph/builder_choice.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/process.h"

enum { LOOK_MS = 50, END_GRACE_MS = 3000 };

struct audit {
	struct session *s;
	struct step *step;
	const char *dir, *log;
	struct strbuf same;                /* ", firmware.bin" of each file that was compared */
	struct build_container *container; /* NULL: of the host */
	int alive_fd;
	struct strbuf other; /* "\n  firmware.bin: ..." of each that differs */
};

/* --- the build ------------------------------------------------------------------------------------------------ */

/* A word with the audit's folder in place of the step's. */
static const char *moved(const struct audit *a, const char *word)
{
	const char *from = a->step->recipe->work_dir, *at;
	AUTO_STRBUF out = STRBUF_INIT;

	while ((at = strstr(word, from))) {
		strbuf_add(&out, word, (size_t)(at - word));
		strbuf_adds(&out, a->dir);
		word = at + strlen(from);
	}
	strbuf_adds(&out, word);
	return arena_strdup(&a->s->arena, out.buf);
}

static bool job_argv(const struct audit *a, struct strv *out, struct err *e)
{
	struct strv words = { 0 };
	const char *folder;
	bool ok = recipe_var(a->s, a->step->recipe, "make", &folder, e) &&
		  compile_make_words(a->s, a->step, &words, e);

	if (ok) {
		vec_push(out, "make");
		vec_push(out, "-C");
		vec_push(out, folder);
		for (size_t i = 0; i < words.count; i++)
			vec_push(out, moved(a, words.items[i]));
		vec_push(out, NULL);
	}
	vec_free(&words);
	return ok;
}

static bool job_env(const struct audit *a, const char *makeflags, struct strv *out, struct err *e)
{
	const struct store_action *made = &a->step->result;
	struct compile_stamp stamp = { made->stamp, made->stamp_hash, made->stamp_epoch };
	struct strv env = { 0 };
	bool ok = compile_stamped_env(a->s, a->step, &stamp, makeflags, &env, e);

	for (size_t i = 0; ok && i < env.count; i++)
		vec_push(out, env.items[i] ? moved(a, env.items[i]) : NULL);
	vec_free(&env);
	return ok;
}

static bool interrupted(struct err *e)
{
	err_set(e, "interrupted");
	e->kind = ERR_INTERRUPTED;
	return false;
}

static bool wait_for(const struct audit *a, pid_t pid, struct err *e)
{
	struct process_exit x;
	AUTO_STRBUF how = STRBUF_INIT;

	if (process_wait_any(&pid, 1, -1, &x) < 0) {
		process_end_group(pid, END_GRACE_MS);
		return interrupted(e);
	}
	if (x.code == 0)
		return true;
	process_exit_text(&x, &how);
	err_set(e, "%s: make from nothing ended with %s, and that in the work folder did not",
		a->step->id, how.buf);
	return err_hint(e, "its log is %s", a->log);
}

static bool share_jobs(struct audit *a, const char **makeflags, const int **jobs, struct err *e)
{
	static const int none[] = { -1 };

	if (!a->step->recipe->choice->builder->contains)
		return session_share_jobs(a->s, makeflags, jobs, e);
	*jobs = none;
	return session_share_jobs_inside(a->s, makeflags, &a->container->fifo, e);
}

static bool start(struct audit *a, pid_t *pid, struct err *e)
{
	struct build_job job = { .cwd = a->s->tree.root, .work_dir = a->dir, .log_path = a->log };
	struct strv argv = { 0 }, env = { 0 };
	const char *makeflags;
	bool inside = a->step->recipe->choice->builder->contains;
	bool ok = (!inside || compile_container(a->s, a->step, a->dir, &a->container, e)) &&
		  workdir_reset(a->dir, e) && config_place(a->s, a->step, a->dir, e) &&
		  share_jobs(a, &makeflags, &job.keep_fds, e) && job_argv(a, &argv, e) &&
		  job_env(a, makeflags, &env, e) &&
		  (!inside || compile_container_show(a->s, a->step, a->container, a->dir, NULL, e));

	if (ok) {
		job.argv = argv.items;
		job.env = env.items;
		job.container = a->container;
		job.alive_fd = &a->alive_fd;
		*pid = a->step->recipe->choice->builder->start(&job, e);
		ok = *pid > 0;
	}
	vec_free(&argv);
	vec_free(&env);
	return ok;
}

/* Lets a moment pass; false when the user has enough. */
static bool pause_a_moment(struct err *e)
{
	struct process_exit x;

	process_wait_any(NULL, 0, LOOK_MS, &x);
	return !process_interrupted() || interrupted(e);
}

static bool build(struct audit *a, struct err *e)
{
	AUTO_ERR ignored = ERR_INIT;
	pid_t pid;
	bool ok;

	while (!session_take_job(a->s))
		if (!pause_a_moment(e))
			return false;
	ok = start(a, &pid, e) && wait_for(a, pid, e);
	if (a->alive_fd >= 0)
		close(a->alive_fd);
	if (a->container && !container_settle(a->container, ok, ok ? e : &ignored))
		ok = false;
	compile_container_free(a->container);
	session_put_job(a->s);
	return ok;
}

/* --- the comparison --------------------------------------------------------------------------------------------- */

static bool compare_one(struct audit *a, const struct store_output *o, struct err *e)
{
	const char *fresh = path_join(&a->s->arena, a->dir, o->name);
	AUTO_STRBUF kept = STRBUF_INIT, how = STRBUF_INIT;
	bool compared;

	if (!store_check_blob(a->s->store, &o->blob, NULL))
		return err_set(e, "%s: %s is damaged in the store", a->step->id, o->name);
	store_blob_path(a->s->store, &o->blob, &kept);
	if (!fs_exists(fresh))
		strbuf_adds(&how, "a build from nothing does not make it");
	else if (audit_compare(o->name, kept.buf, fresh, &compared, &how, e))
		strbuf_addf(&a->same, "%s%s", compared ? ", " : "", compared ? o->name : "");
	if (how.len)
		strbuf_addf(&a->other, "\n  %s: %s", o->name, how.buf);
	return !e->msg;
}

static bool is_recorded(const struct store_action *action, const char *name)
{
	for (size_t i = 0; i < action->outputs.count; i++)
		if (strcmp(action->outputs.items[i].name, name) == 0)
			return true;
	return false;
}

/* What the port's make may leave: it must not depend on the folder's past. */
static void find_more(struct audit *a)
{
	for (size_t i = 0; i < a->step->maybe_outs.count; i++) {
		const char *name = a->step->maybe_outs.items[i]->name;

		if (!is_recorded(&a->step->result, name) &&
		    fs_exists(path_join(&a->s->arena, a->dir, name)))
			strbuf_addf(&a->other, "\n  %s: only a build from nothing makes it", name);
	}
}

static bool compare_all(struct audit *a, struct err *e)
{
	for (size_t i = 0; i < a->step->result.outputs.count; i++)
		if (!compare_one(a, &a->step->result.outputs.items[i], e))
			return false;
	find_more(a);
	return true;
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static bool lock(struct audit *a, struct err *e)
{
	for (;;) {
		if (!action_lock_work(a->s, a->step, e))
			return false;
		if (!a->step->blocked)
			return true;
		a->step->told = true;
		if (!pause_a_moment(e))
			return false;
	}
}

static bool has_images(const struct step *step)
{
	static const struct digest none;

	for (size_t i = 0; i < step->result.outputs.count; i++)
		if (!digest_equal(&step->result.outputs.items[i].image, &none))
			return true;
	return false;
}

/* Appends what differs to `all`. */
static bool audit_step(struct session *s, struct step *step, struct strbuf *all, struct err *e)
{
	struct audit a = {
		.s = s,
		.step = step,
		.dir = arena_printf(&s->arena, "%s.audit", step->recipe->work_dir),
		.log = arena_printf(&s->arena, "%s.audit.log", step->recipe->work_dir),
		.alive_fd = -1,
		.same = STRBUF_INIT,
		.other = STRBUF_INIT,
	};
	AUTO_ERR ignored = ERR_INIT;
	int64_t start = clock_ms();
	bool locked = lock(&a, e), built = locked && build(&a, e);
	bool ok = built && compare_all(&a, e);

	if (locked && (!fs_remove_tree(a.dir, ok ? e : &ignored) ||
		       !fs_remove_tree(project_dir(s, a.dir), ok ? e : &ignored)))
		ok = false;
	if (built && !fs_remove_tree(a.log, ok ? e : &ignored))
		ok = false;
	lock_release(&step->lock);
	if (ok && a.other.len)
		strbuf_addf(all, "\n%s: a build from nothing makes something else%s", step->id,
			    a.other.buf);
	else if (ok)
		report_done(s->report, step->recipe->id, "audit",
			    arena_printf(&s->arena, "from nothing the same: %s",
					 a.same.len ? a.same.buf + 2 : "nothing to compare"),
			    clock_ms() - start);
	strbuf_free(&a.same);
	strbuf_free(&a.other);
	return ok;
}

bool audit_run(struct graph *g, struct err *e)
{
	AUTO_STRBUF all = STRBUF_INIT;

	for (size_t i = 0; i < g->steps.count; i++) {
		struct step *step = g->steps.items[i];

		if (step->kind != &compile_step || !step_is_settled(step) || !has_images(step))
			continue;
		report_start(g->s->report, step->recipe->id, "audit", NULL, step->estimate_ms);
		if (audit_step(step->recipe->s, step, &all, e))
			continue;
		if (!e->msg)
			err_set(e, "the audit of %s failed", step->id);
		report_fail(g->s->report, step->recipe->id, "audit", e->msg, e->hint);
		return false;
	}
	if (!all.len)
		return true;
	err_set(e, "%s", all.buf + 1);
	err_hint(
		e,
		"this is a defect of mpflash: `mpflash make -B` makes it right, and whoever reads the "
		"report will want to know what changed before");
	report_fail(g->s->report, "", "audit", e->msg, e->hint);
	return false;
}
