/* SPDX-License-Identifier: MIT
 *
 * The end of a compile step: what it read, whether that stood still, what it made; or what to tell of a failure.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "build/failure.h"
#include "build/engine.h"
#include "graph/action.h"
#include "graph/builder_choice.h"
#include "graph/compile.h"
#include "graph/compile_key.h"
#include "graph/inputs_digest.h"
#include "graph/recipe.h"
#include "graph/submodule_list.h"
#include "image/image.h"
#include "os/fs.h"

/* --- failures ----------------------------------------------------------------------------------------------- */

/* Submodules that the port's make may want and that are not checked out: the usual reason in a fresh clone. */
static bool empty_submodules(struct session *s, struct step *step, struct strbuf *out)
{
	AUTO_ERR ignored = ERR_INIT;
	struct strv names = { 0 };
	bool known;

	if (!submodule_list(s, step, &names, &known, &ignored))
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

/* The client's own failure, and an image without make: then there is no make's log to quote. */
static bool container_did_not_start(const struct step *step, const struct builder_choice *c,
				    const struct process_exit *x, struct err *e)
{
	enum { ENGINE_FAILED = 125, CANNOT_RUN = 126, NOT_FOUND = 127, LOG_MAX = 1 << 20 };
	AUTO_STRBUF log = STRBUF_INIT;
	AUTO_ERR unread = ERR_INIT;

	if (x->code < ENGINE_FAILED || x->code > NOT_FOUND ||
	    !fs_read(&log, step->log_path, LOG_MAX, &unread))
		return false;
	if (strstr(log.buf, "mpflash-trace: cannot run make")) {
		err_set(e, "%s: the image %s has no make", step->id, c->image);
		err_hint(e, "name one with the port's toolchain: --container IMAGE");
		return true;
	}
	engine_explain(c->engine, log.buf, e);
	err_wrap(e, "%s: no container of %s", step->id, c->image);
	return true;
}

bool compile_describe_failure(struct session *s, struct step *step, const struct process_exit *x,
			      struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT, submodules = STRBUF_INIT;
	const char *package = failure_missing_package(step->log_path);
	const struct builder_choice *c = step->recipe->choice;

	if (c->engine && container_did_not_start(step, c, x, e))
		return false;
	strbuf_addf(&text, "%s: make ended with ", step->id);
	process_exit_text(x, &text);
	if (c->engine)
		strbuf_addf(&text, " in %s, image %s", c->builder->title, c->image);
	failure_excerpt(step->log_path, &text);
	err_set(e, "%s\n  the whole log: %s", text.buf, step->log_path);
	if (x->signal == SIGKILL)
		return err_hint(
			e,
			"something killed it: when memory ran out, a smaller -j needs less of it");
	if (x->signal)
		return err_hint(e, "something ended it: run the same command again");
	if (failure_disk_is_full(step->log_path))
		return err_hint(
			e, "the disk is full: make room in %s, then run the same command again",
			s->cache_dir);
	if (c->engine && failure_is_read_only(step->log_path))
		return err_hint(e,
				"in a container the tree is not to be written to; make in %s "
				"writes into it: --builder host",
				step->recipe->env.board.port);
	if (package && c->engine)
		return err_hint(e, "the image lacks it; name another one: --container IMAGE");
	if (package)
		return err_hint(e, "sudo apt-get install %s", package);
	if (empty_submodules(s, step, &submodules))
		return err_hint(
			e, "submodules are not checked out: git -C %s submodule update --init%s",
			s->tree.root, submodules.buf);
	return err_hint(e, "mend the first error, then run the same command again");
}

/* --- what was read --------------------------------------------------------------------------------------------- */

/*
 * A file that is edited while make reads it belongs to neither build: such a result is not recorded. Changed and changed
 * back counts too, which only the time of the change tells.
 */
static bool declared_held(struct session *s, struct step *step, enum compile_verdict *verdict,
			  struct err *e)
{
	AUTO_STRBUF before = STRBUF_INIT;

	strbuf_add(&before, step->parts.buf, step->parts.len);
	inputs_forget(s, step);
	statcache_newest(s->stats, true);
	if (!compile_declare(s, step, step->declared, e))
		return false;
	*verdict = strcmp(before.buf, step->parts.buf) == 0 &&
				   statcache_newest(s->stats, false) < step->started_file_ns
			   ? COMPILE_HELD
			   : COMPILE_CHANGED;
	return true;
}

static bool trace_held(struct session *s, struct step *step, struct compile_run *run,
		       enum compile_verdict *verdict, struct err *e)
{
	int64_t newest, newest_folder;

	const struct mounts *shown = run->container ? &run->container->mounts : NULL;

	if (!closure_from_trace(s, compile_trace_path(s, step), shown, &run->closure, &run->spoiled,
				&run->untraceable, e))
		return false;
	if (run->untraceable) {
		*verdict = COMPILE_UNTRACEABLE;
		return true;
	}
	/* What an earlier run read to make what this one left as it was counts as well. */
	if (run->goes_on)
		closure_add(&run->closure, &run->before.closure);
	if (!closure_look(s, &run->closure, &newest, &newest_folder, e))
		return false;
	*verdict = newest >= step->started_file_ns          ? COMPILE_CHANGED
		   : run->spoiled                           ? COMPILE_SPOILED
		   : newest_folder >= step->started_file_ns ? COMPILE_UNSURE
							    : COMPILE_HELD;
	return true;
}

bool compile_judge(struct session *s, struct step *step, struct compile_run *run,
		   enum compile_verdict *verdict, struct err *e)
{
	if (step->declared)
		return declared_held(s, step, verdict, e);
	return trace_held(s, step, run, verdict, e);
}

/* --- what was made ----------------------------------------------------------------------------------------------- */

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

/*
 * How two files of the work folder differ, as text; nothing when one cannot be read. False: not in a byte, one of them only
 * fills holes with zeros.
 */
static bool tell_difference(struct session *s, const struct step *step, const char *a,
			    const char *b, struct strbuf *out)
{
	const char *const names[] = { a, b };
	struct image_file files[2];
	AUTO_ERR ignored = ERR_INIT;
	size_t opened = 0;
	bool good = true, differ = true;

	for (; good && opened < 2; opened++)
		good = image_file_open(&files[opened],
				       path_join(&s->arena, step->recipe->work_dir, names[opened]),
				       NULL, &ignored);
	if (good) {
		uint32_t first;
		uint64_t bytes = image_compare(&files[0].image, &files[1].image, &first);

		strbuf_addf(out, " (%" PRIu64 " differ, the first at 0x%08" PRIx32 ")", bytes,
			    first);
		differ = bytes;
	}
	while (opened)
		image_file_close(&files[--opened]);
	return differ;
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
		AUTO_STRBUF how = STRBUF_INIT;

		if (strcmp(path_ext(o->name), "elf") != 0 || digest_equal(&o->image, &none) ||
		    digest_equal(&reference->image, &none) ||
		    digest_equal(&o->image, &reference->image))
			continue;
		if (!tell_difference(s, step, o->name, reference->name, &how))
			continue;
		report_note(s->report,
			    "%s: %s holds other bytes than %s%s; formats derive from the latter",
			    step->recipe->id, o->name, reference->name, how.len ? how.buf : "");
	}
	return true;
}

bool compile_collect(struct session *s, struct step *step, struct err *e)
{
	step->result.outputs.count = 0;
	return collect(s, step, &step->outs, true, e) &&
	       collect(s, step, &step->maybe_outs, false, e) && compare_with_reference(s, step, e);
}

static bool record_closure(struct session *s, struct step *step, const struct compile_run *run,
			   struct err *e)
{
	if (step->declared)
		return true;
	step->weak = closure_weak_key(&step->parts);
	step->key = closure_key(&step->weak, &run->closure);
	step->closure_size = run->closure.entries.count;
	return closure_put(s, &step->weak, &step->key, &run->closure, e);
}

bool compile_record(struct session *s, struct step *step, const struct compile_run *run,
		    struct err *e)
{
	if (!step->declared)
		closure_keep_texts(s, &run->closure);
	if (!store_begin(s->store, e))
		return false;
	if (record_closure(s, step, run, e) && action_record(s, step, e) &&
	    store_commit(s->store, e))
		return true;
	store_rollback(s->store);
	return false;
}
