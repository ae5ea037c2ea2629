/* SPDX-License-Identifier: MIT
 *
 * The port's own make, run by a builder in a fresh work folder. Always from nothing: MicroPython's make compares
 * dates and does not notice flags, so what an earlier run left behind cannot be trusted.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "build/builder.h"
#include "build/env.h"
#include "build/failure.h"
#include "build/workdir.h"
#include "graph/action.h"
#include "graph/compile_key.h"
#include "graph/inputs_digest.h"
#include "graph/kinds.h"
#include "graph/recipe.h"
#include "os/clock.h"
#include "os/fs.h"

enum { MAX_ATTEMPTS = 3 };

/* The stamp of mpy-cross never changes: it ends up in no firmware, and it would rebuild every board. */
static const char *const constant_stamp[] = {
	"SOURCE_DATE_EPOCH=315532800",
	"MICROPY_GIT_TAG=v1.0.0-mpflash",
	"MICROPY_GIT_HASH=mpflash",
};

/* --- running -------------------------------------------------------------------------------------------------- */

/* Puts mpy-cross where its path says which one it is; *path is absolute. */
static bool place_mpy_cross(struct session *s, const struct store_output *cross, const char **path,
			    struct err *e)
{
	char hex[DIGEST_HEX_SIZE];
	struct digest there;
	bool missing;
	char *dir;

	digest_hex(&cross->blob, hex);
	dir = arena_printf(&s->arena, "%s/mpy-cross-%.16s", s->work_root, hex);
	*path = path_join(&s->arena, dir, "mpy-cross");
	/* A damaged one would spoil frozen code without a word. */
	if (!statcache_content(s->stats, *path, &there, &missing, e))
		return false;
	if (!missing && digest_equal(&there, &cross->blob))
		return true;
	return fs_mkdirs(dir, e) && store_place(s->store, &cross->blob, *path, 0755, e);
}

static bool job_env(struct session *s, struct step *step, struct strv *out, struct err *e)
{
	const struct store_output *cross = compile_mpy_cross(step);
	const struct stamp *stamp;
	struct strv extra = { 0 };
	const char *path;
	bool ok = compile_rule_env(s, step, &extra, e);

	if (ok && compile_is_mpy_cross(step)) {
		for (size_t i = 0; i < ARRAY_SIZE(constant_stamp); i++)
			vec_push(&extra, constant_stamp[i]);
	} else if (ok && session_stamp(s, &stamp, e)) {
		vec_push(&extra, arena_printf(&s->arena, "SOURCE_DATE_EPOCH=%lld",
					      (long long)stamp->epoch));
		vec_push(&extra, arena_printf(&s->arena, "MICROPY_GIT_TAG=%s", stamp->tag));
		vec_push(&extra, arena_printf(&s->arena, "MICROPY_GIT_HASH=%s", stamp->hash));
		step->result.stamp = arena_strdup(&s->arena, stamp->tag);
	} else {
		ok = false;
	}
	if (ok && cross) {
		ok = place_mpy_cross(s, cross, &path, e);
		if (ok)
			vec_push(&extra, arena_printf(&s->arena, "MICROPY_MPYCROSS=%s", path));
	}
	env_exact(&s->arena, &extra, out);
	vec_push(out, NULL);
	vec_free(&extra);
	return ok;
}

static bool job_argv(struct session *s, struct step *step, int jobs, struct strv *out,
		     struct err *e)
{
	const char *folder;

	if (!recipe_var(s, step->recipe, "make", &folder, e))
		return false;
	vec_push(out, "make");
	vec_push(out, "-C");
	vec_push(out, folder);
	vec_push(out, arena_printf(&s->arena, "-j%d", jobs));
	if (!compile_make_words(s, step, out, e))
		return false;
	vec_push(out, NULL);
	return true;
}

static bool compile_launch(struct session *s, struct step *step, struct err *e)
{
	struct build_job job = { .cwd = s->tree.root, .work_dir = step->recipe->work_dir };
	struct strv argv = { 0 }, env = { 0 };
	bool ok;

	if (!workdir_is_plain(job.work_dir)) {
		err_set(e,
			"'%s': make cannot build in the folder %s: its name has a space or a shell character",
			step->id, job.work_dir);
		return err_hint(e, "set MPFLASH_CACHE to a folder with a plain name");
	}
	step->result = (struct store_action){ .stamp = "" };
	step->started_file_ns = clock_file_ns();
	ok = workdir_reset(job.work_dir, e) && action_log_path(s, step, e) &&
	     job_env(s, step, &env, e) && job_argv(s, step, session_jobs_for_step(s), &argv, e);
	if (ok) {
		job.argv = argv.items;
		job.env = env.items;
		job.log_path = step->log_path;
		step->pid = builder_by_name("host")->start(&job, e);
		ok = step->pid > 0;
	}
	vec_free(&argv);
	vec_free(&env);
	return ok;
}

static bool compile_start(struct session *s, struct step *step, struct err *e)
{
	bool done;

	if (!action_lock_work(s, step, e))
		return false;
	if (step->blocked)
		return true;
	if (!action_is_done(s, step, &done, e))
		return false;
	if (done) { /* while we waited for the lock */
		step->reason = "another process built it meanwhile";
		lock_release(&step->lock);
		return true;
	}
	step->attempts++;
	return compile_launch(s, step, e);
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

/* Submodules that the port's make may want and that are not checked out: the usual reason in a fresh clone. */
static bool empty_submodules(struct session *s, struct step *step, struct strbuf *out)
{
	AUTO_ERR ignored = ERR_INIT;
	struct strv names = { 0 };

	if (!recipe_words(s, step->recipe, "submodules", &names, &ignored))
		return false;
	for (size_t i = 0; i < names.count; i++) {
		const char *dir = path_join(&s->arena, s->tree.root, names.items[i]);
		struct fs_list list;

		if (fs_list(&list, dir, &ignored) && !list.count)
			strbuf_addf(out, " %s", names.items[i]);
		fs_list_free(&list);
	}
	vec_free(&names);
	return out->len > 0;
}

static bool describe_failure(struct session *s, struct step *step, const struct process_exit *x,
			     struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT, submodules = STRBUF_INIT;
	const char *package = failure_missing_package(step->log_path);

	strbuf_addf(&text, "%s: make ended with ", step->id);
	process_exit_text(x, &text);
	failure_excerpt(step->log_path, &text);
	err_set(e, "%s\n  the whole log: %s", text.buf, step->log_path);
	if (failure_disk_is_full(step->log_path))
		return err_hint(
			e, "the disk is full: make room in %s, then run the same command again",
			s->cache_dir);
	if (package)
		return err_hint(e, "apt-get install %s", package);
	if (empty_submodules(s, step, &submodules))
		return err_hint(
			e, "submodules are not checked out: git -C %s submodule update --init%s",
			s->tree.root, submodules.buf);
	return err_hint(e, "mend the first error, then run the same command again");
}

/*
 * A file that is edited while make reads it belongs to neither build: such a result is not recorded. Changed and changed
 * back counts too, which only the time of the change tells.
 */
static bool inputs_held(struct session *s, struct step *step, bool *held, struct err *e)
{
	AUTO_STRBUF before = STRBUF_INIT;

	strbuf_add(&before, step->parts.buf, step->parts.len);
	inputs_forget(s, step);
	statcache_newest(s->stats, true);
	strbuf_reset(&step->parts);
	if (!compile_parts(s, step, &step->parts, e))
		return false;
	*held = strcmp(before.buf, step->parts.buf) == 0 &&
		statcache_newest(s->stats, false) < step->started_file_ns;
	step->key = action_key(&step->parts);
	return true;
}

static bool collect(struct session *s, struct step *step, struct node_list *list, bool sure,
		    struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i]->name;
		const char *path = path_join(&s->arena, step->recipe->work_dir, name);

		if (!fs_exists(path)) {
			if (!sure)
				continue;
			err_set(e, "%s: make ended well but left no %s", step->id, name);
			return err_hint(e, "the port's rules name that file; see %s",
					step->log_path);
		}
		if (!action_add_file(s, step, name, path, e))
			return false;
	}
	return true;
}

/* An ELF that holds other bytes than the file that the port ships is worth a word. */
static bool compare_with_reference(struct session *s, struct step *step, struct err *e)
{
	const struct store_output *reference = NULL;
	static const struct digest none;
	const char *name;

	if (!recipe_var(s, step->recipe, "reference", &name, e))
		return false;
	for (size_t i = 0; name && i < step->result.outputs.count; i++)
		if (strcmp(step->result.outputs.items[i].name, name) == 0)
			reference = &step->result.outputs.items[i];
	for (size_t i = 0; reference && i < step->result.outputs.count; i++) {
		const struct store_output *o = &step->result.outputs.items[i];

		if (strcmp(path_ext(o->name), "elf") == 0 && !digest_equal(&o->image, &none) &&
		    !digest_equal(&reference->image, &none) &&
		    !digest_equal(&o->image, &reference->image))
			report_note(
				&s->report,
				"%s: %s holds other bytes than %s; formats derive from the latter",
				step->recipe->id, o->name, reference->name);
	}
	return true;
}

static bool compile_record(struct session *s, struct step *step, struct err *e)
{
	return collect(s, step, &step->outs, true, e) &&
	       collect(s, step, &step->maybe_outs, false, e) &&
	       compare_with_reference(s, step, e) && action_record(s, step, e);
}

static bool compile_end(struct session *s, struct step *step, const struct process_exit *x,
			struct err *e)
{
	bool held;

	if (x->code != 0)
		return describe_failure(s, step, x, e);
	if (!inputs_held(s, step, &held, e))
		return false;
	if (held)
		return compile_record(s, step, e) &&
		       (s->opt->keep_work || fs_remove_tree(step->recipe->work_dir, e));
	if (step->attempts >= MAX_ATTEMPTS) {
		err_set(e, "%s: its sources changed during each of %d builds", step->id,
			step->attempts);
		return err_hint(
			e,
			"let the editor or the checkout finish, then run the same command again");
	}
	report_note(&s->report, "%s: a source changed during the build; building again", step->id);
	step->attempts++;
	return compile_launch(s, step, e);
}

static bool compile_finish(struct session *s, struct step *step, const struct process_exit *x,
			   struct err *e)
{
	bool ok;

	step->pid = 0;
	ok = x && compile_end(s, step, x, e);
	if (!step->pid)
		lock_release(&step->lock);
	return ok;
}

const struct step_kind compile_step = {
	.name = "compile",
	.parts = compile_parts,
	.start = compile_start,
	.finish = compile_finish,
	.takes_jobs = true,
};
