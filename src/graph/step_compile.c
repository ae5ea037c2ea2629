/* SPDX-License-Identifier: MIT
 *
 * The port's own make, run by a builder in a work folder. MicroPython's make compares dates and does not notice flags:
 * what an earlier run left behind is only gone on with after build/renew.h made it ready, by content.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "build/builder.h"
#include "build/failure.h"
#include "build/workdir.h"
#include "graph/action.h"
#include "graph/builder_choice.h"
#include "graph/compile.h"
#include "graph/compile_key.h"
#include "graph/configuration.h"
#include "graph/jobs.h"
#include "graph/kinds.h"
#include "graph/project.h"
#include "graph/recipe.h"
#include "os/clock.h"
#include "os/fs.h"

enum { MAX_ATTEMPTS = 3 };

static void close_alive(struct compile_run *run)
{
	if (run->alive_fd >= 0)
		close(run->alive_fd);
	run->alive_fd = -1;
}

static void run_close(struct step *step)
{
	struct compile_run *run = step->running;

	if (!run)
		return;
	work_state_free(&run->before);
	closure_free(&run->closure);
	vec_free(&run->changes.items);
	vec_free(&run->words);
	close_alive(run);
	compile_container_free(run->container);
	step->running = NULL;
}

static struct compile_run *run_open(struct session *s, struct step *step)
{
	struct compile_run *run;

	run_close(step);
	run = ARENA_NEW(&s->arena, struct compile_run);
	run->before = (struct work_state)WORK_STATE_INIT;
	run->alive_fd = -1;
	step->running = run;
	return run;
}

/* --- the work folder -------------------------------------------------------------------------------------------- */

/* Removes from the folder what the changes touch. *why: in words, what happens with it. */
static bool renew(struct session *s, struct step *step, struct compile_run *run, bool other_cross,
		  const char **why, struct err *e)
{
	struct renew_job job = { .work_dir = step->recipe->work_dir, .tree = s->tree.root };
	VEC(struct change) list = { 0 };
	struct renew done = { 0 };
	const struct stamp *stamp;
	bool ok = recipe_var(s, step->recipe, "make", &job.make_dir, e);

	for (size_t i = 0; i < run->changes.items.count; i++)
		vec_push(&list, run->changes.items.items[i].change);
	if (other_cross)
		vec_push(&list, (struct change){ .kind = CHANGE_MPY_CROSS, .path = "mpy-cross" });
	if (ok && !compile_is_mpy_cross(step)) { /* whose stamp is always the same */
		ok = session_stamp(s, &stamp, e);
		job.epoch_changed = ok && stamp->epoch != run->before.epoch;
	}
	job.changes = list.items;
	job.count = list.count;
	ok = ok && renew_folder(&job, &s->arena, &done, e);
	run->goes_on = ok && !done.fresh;
	run->words = done.words;
	*why = done.why;
	vec_free(&list);
	return ok;
}

/* Whether the folder can be gone on with, after what changed was removed from it. */
static bool go_on(struct session *s, struct step *step, struct compile_run *run, const char **why,
		  struct err *e)
{
	bool other_cross;

	*why = "there is none that can be gone on with";
	if (action_is_forced(s, step) || step->declared || step->attempts > 1 ||
	    !work_state_read(step->recipe->work_dir, &run->before))
		return true;
	if (!work_state_fits(&run->before, &step->parts, &other_cross, why, &s->arena))
		return true;
	if (!closure_compare(s, &run->before.closure, SIZE_MAX, &run->changes, e))
		return false;
	if (!run->changes.items.count && !other_cross) {
		*why = "nothing changed, and yet it has to run";
		return true;
	}
	return renew(s, step, run, other_cross, why, e);
}

static bool prepare_folder(struct session *s, struct step *step, struct compile_run *run,
			   struct err *e)
{
	const char *dir = step->recipe->work_dir, *why;
	AUTO_ERR renewing = ERR_INIT;

	/* What cannot be renewed is started from nothing. */
	if (!go_on(s, step, run, &why, &renewing))
		run->goes_on = false;
	if (s->opt->explain && run->before.parts.len)
		report_note(s->report, "%s: %s (%s)", step->id,
			    run->goes_on ? "the work folder is gone on with"
					 : "the work folder is started from nothing",
			    why ? why : "");
	return work_state_remove(dir, e) &&
	       (run->goes_on || (fs_remove_tree(project_dir(s, dir), e) && workdir_reset(dir, e) &&
				 config_place(s, step, dir, e)));
}

/* What a failed make left can be gone on with when only compilers failed: they leave no half-made file. */
static void keep_after_failure(struct session *s, struct step *step, struct compile_run *run)
{
	AUTO_ERR ignored = ERR_INIT; /* then the next run starts from nothing */
	struct work_state after = WORK_STATE_INIT;
	enum compile_verdict verdict;

	if (step->declared || !failure_is_compilers_only(step->log_path) ||
	    !compile_judge(s, step, run, &verdict, &ignored) || verdict != COMPILE_HELD)
		return;
	for (size_t i = 0; i < run->closure.entries.count; i++)
		for (size_t k = 0; run->goes_on && k < run->changes.items.count; k++)
			if (strcmp(run->closure.entries.items[i].path,
				   run->changes.items.items[k].change.path) == 0)
				run->closure.entries.items[i].stale = true;
	strbuf_add(&after.parts, step->parts.buf, step->parts.len);
	after.closure = run->closure;
	after.epoch = step->result.stamp_epoch;
	work_state_write(step->recipe->work_dir, &after, &ignored);
	strbuf_free(&after.parts);
}

static bool leave_folder(struct session *s, struct step *step, struct compile_run *run,
			 enum compile_verdict verdict, struct err *e)
{
	struct work_state after = WORK_STATE_INIT;
	bool ok;

	/* What it said is in the store by now. */
	if (!s->opt->keep_work && !fs_remove_tree(compile_trace_path(s, step), e))
		return false;
	if (!step->recipe->keep_work && !s->opt->keep_work)
		return fs_remove_tree(project_dir(s, step->recipe->work_dir), e) &&
		       fs_remove_tree(step->recipe->work_dir, e);
	if (verdict != COMPILE_HELD || step->declared)
		return true;
	strbuf_add(&after.parts, step->parts.buf, step->parts.len);
	after.closure = run->closure;
	after.epoch = step->result.stamp_epoch;
	ok = work_state_write(step->recipe->work_dir, &after, e);
	strbuf_free(&after.parts);
	return ok;
}

/* --- running ------------------------------------------------------------------------------------------------------ */

/*
 * What the build inherits: the run's jobs; and the lock, which goes on until its last process has ended. (The tracer holds
 * it for the build; without one every process of it does.)
 */
static const int *files_to_keep(struct session *s, const struct step *step, const int *jobs)
{
	int *keep = ARENA_ARRAY(&s->arena, int, 4);
	size_t n = 0;

	while (*jobs >= 0)
		keep[n++] = *jobs++;
	keep[n++] = step->lock.fd;
	keep[n] = -1;
	return keep;
}

/* What an earlier container does in the folder ends before the folder is made ready. */
static bool open_container(struct session *s, struct step *step, struct compile_run *run,
			   struct err *e)
{
	return !step->recipe->choice->builder->contains ||
	       compile_container(s, step, step->recipe->work_dir, &run->container, e);
}

static bool show_container(struct session *s, struct step *step, struct compile_run *run,
			   struct err *e)
{
	const char *trace = step->declared ? NULL : compile_trace_path(s, step);

	return !run->container ||
	       compile_container_show(s, step, run->container, step->recipe->work_dir, trace, e);
}

/* A container has the jobs' pipe by its name, the host's make as open files. */
static bool share_jobs(struct session *s, const struct compile_run *run, const char **makeflags,
		       const int **jobs, struct err *e)
{
	static const int none[] = { -1 };

	*jobs = none;
	return run->container ? session_share_jobs_inside(s, makeflags, &run->container->fifo, e)
			      : session_share_jobs(s, makeflags, jobs, e);
}

static void tell_builder(struct session *s, const struct step *step)
{
	const struct builder_choice *c = step->recipe->choice;

	/* Who did not ask is told of what is not this machine. */
	if (step->attempts == 1 && (s->opt->explain || c->image))
		report_builder(s->report, step->recipe->id, step->label, c->builder->name, c->image,
			       c->why);
}

static bool compile_launch(struct session *s, struct step *step, struct err *e)
{
	struct build_job job = { .cwd = s->tree.root, .work_dir = step->recipe->work_dir };
	struct compile_run *run = run_open(s, step);
	struct strv argv = { 0 }, env = { 0 };
	const struct builder *builder = step->recipe->choice->builder;
	const char *makeflags;
	const int *jobs;
	bool ok;

	step->attempts++;
	step->result = (struct store_action){ .stamp = "" };
	step->started_file_ns = clock_file_begin();
	session_forget_stamp(s);
	ok = open_container(s, step, run, e) && prepare_folder(s, step, run, e) &&
	     action_log_path(s, step, e) && share_jobs(s, run, &makeflags, &jobs, e) &&
	     compile_job_env(s, step, makeflags, &env, e) &&
	     compile_job_argv(s, step, &run->words, &argv, e) && show_container(s, step, run, e);
	if (ok) {
		job.argv = argv.items;
		job.env = env.items;
		job.log_path = step->log_path;
		job.keep_fds = files_to_keep(s, step, jobs);
		job.container = run->container;
		job.alive_fd = &run->alive_fd;
		tell_builder(s, step);
		step->pid = builder->start(&job, e);
		ok = step->pid > 0;
	}
	vec_free(&argv);
	vec_free(&env);
	if (!ok)
		run_close(step);
	return ok;
}

static bool check_folder_name(const struct step *step, struct err *e)
{
	if (workdir_is_plain(step->recipe->work_dir))
		return true;
	err_set(e,
		"'%s': make cannot build in the folder %s: its name has a space or a shell character",
		step->id, step->recipe->work_dir);
	return err_hint(e, "set MPFLASH_CACHE to a folder with a plain name");
}

static bool compile_start(struct session *s, struct step *step, struct err *e)
{
	const char *untraced;
	bool done;

	if (!check_folder_name(step, e) || !action_lock_work(s, step, e))
		return false;
	if (step->blocked)
		return true;
	if (step->told) /* we waited: the one who had the lock may have changed what is known */
		closure_forget_looks(s);
	if (!action_is_done(s, step, &done, e))
		return false;
	if (done) {
		step->reason = "another process built it meanwhile";
		lock_release(&step->lock);
		return true;
	}
	/* -B comes here without a look into the store. */
	if (!step->declared && !compile_traces(s, step, &untraced) &&
	    !compile_declare(s, step, untraced, e))
		return false;
	/* Our own folder in the tree appears before make looks at the tree. */
	return compile_check_tools(s, step, e) && action_make_out_root(s, step, e) &&
	       compile_launch(s, step, e);
}

/* --- the end ---------------------------------------------------------------------------------------------------------- */

static bool run_again(struct session *s, struct step *step, struct err *e)
{
	if (step->attempts >= MAX_ATTEMPTS) {
		err_set(e, "%s: its sources changed during each of %d builds", step->id,
			step->attempts);
		return err_hint(
			e,
			"let the editor or the checkout finish, then run the same command again");
	}
	report_note(s->report, "%s: a source changed during the build; building again", step->id);
	return compile_launch(s, step, e);
}

static bool run_declared(struct session *s, struct step *step, const char *why, struct err *e)
{
	report_note(s->report,
		    "%s: what it reads cannot be followed (%s); building again by declared inputs",
		    step->id, why);
	step->attempts--;
	return compile_declare(s, step, why, e) && compile_launch(s, step, e);
}

static void tell_unrecorded(struct session *s, const struct step *step,
			    const struct compile_run *run, enum compile_verdict verdict)
{
	if (verdict == COMPILE_SPOILED)
		report_note(
			s->report,
			"%s: not recorded, because the build both wrote and read %s; it will run again",
			step->id, run->spoiled);
	else
		report_note(
			s->report,
			"%s: not recorded, because a folder of the tree changed during the build; it will run again",
			step->id);
}

static bool compile_done(struct session *s, struct step *step, struct compile_run *run,
			 enum compile_verdict verdict, struct err *e)
{
	if (!compile_collect(s, step, e))
		return false;
	if (verdict != COMPILE_HELD)
		tell_unrecorded(s, step, run, verdict);
	else if (!compile_record(s, step, run, e))
		return false;
	compile_commands_place(s, step, run->goes_on);
	return leave_folder(s, step, run, verdict, e);
}

static bool compile_end(struct session *s, struct step *step, const struct process_exit *x,
			struct err *e)
{
	struct compile_run *run = step->running;
	enum compile_verdict verdict;

	if (x->code != 0 && run->container && compile_container_untraced(s, step, run))
		return run_declared(s, step, run->untraceable, e);
	if (x->code != 0) {
		if (x->code > 0)
			keep_after_failure(s, step, run);
		return compile_describe_failure(s, step, x, e);
	}
	if (!compile_judge(s, step, run, &verdict, e))
		return false;
	switch (verdict) {
	case COMPILE_CHANGED:
		return run_again(s, step, e);
	case COMPILE_UNTRACEABLE:
		return run_declared(s, step, run->untraceable, e);
	default:
		return compile_done(s, step, run, verdict, e);
	}
}

static bool compile_finish(struct session *s, struct step *step, const struct process_exit *x,
			   struct err *e)
{
	struct compile_run *run = step->running;
	struct process_exit end;
	bool ok = true;

	step->pid = 0;
	if (run->container) {
		close_alive(run);
		ok = container_settle(run->container, compile_container_told(x), e);
		if (x) {
			end = compile_container_exit(x);
			x = &end;
		}
	}
	ok = ok && x && compile_end(s, step, x, e);
	/* That took its time: what comes next looks at the disk anew. */
	closure_forget_looks(s);
	if (!step->pid) {
		run_close(step);
		lock_release(&step->lock);
	}
	return ok;
}

const struct step_kind compile_step = {
	.name = "compile",
	.parts = compile_parts,
	.find = compile_find,
	.start = compile_start,
	.finish = compile_finish,
	.close = run_close,
	.takes_jobs = true,
};
