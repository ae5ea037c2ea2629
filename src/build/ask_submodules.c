/* SPDX-License-Identifier: MIT
 *
 * Asking a port's make for submodules. Its variables would say less: CMake ports ask in two rounds, some choose by board, and
 * what the target does is what people rely on.
 */
#include "build/ask_submodules.h"

#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "os/fs.h"
#include "os/process.h"

/* CMake finds its compilers meanwhile. */
enum { TIMEOUT_MS = 120000, MAX_LOG = 1 << 20 };

/* Whatever else git is asked for, it answers itself. */
static const char stand_in[] = "#!/bin/sh\n"
			       "for word; do\n"
			       "\t[ \"$word\" != submodule ] || {\n"
			       "\t\t{ pwd -P; printf '%s\\n' \"$@\"; echo; } >>\"$MPFLASH_ASKED\"\n"
			       "\t\texit 0\n"
			       "\t}\n"
			       "done\n"
			       "PATH=${PATH#*:}\n"
			       "exec git \"$@\"\n";

/* --- what was asked for ---------------------------------------------------------------------------------------- */

static bool takes_value(const char *option)
{
	static const char *const names[] = { "--depth",     "--filter", "--jobs",
					     "--reference", "-c",       "-j" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(option, names[i]) == 0)
			return true;
	return false;
}

static void add_path(const char *tree, const char *dir, const char *path, struct arena *a,
		     struct strv *out)
{
	AUTO_STRBUF full = STRBUF_INIT;
	const char *below;

	path_normalize(&full, path_join(a, dir, path));
	below = path_below(full.buf, tree);
	if (!below || !*below)
		return;
	for (size_t i = 0; i < out->count; i++)
		if (strcmp(out->items[i], below) == 0)
			return;
	vec_push(out, arena_strdup(a, below));
}

/* One call: its folder, then git's words. */
static bool read_call(const char *tree, const struct strv *call, struct arena *a, struct strv *out)
{
	const char *dir = call->items[0];
	size_t names = 0; /* of commands: "submodule", "update" */
	bool paths = false;

	for (size_t i = 1; i < call->count; i++) {
		const char *word = call->items[i];

		if (!paths && strcmp(word, "-C") == 0 && i + 1 < call->count)
			dir = path_join(a, dir, call->items[++i]);
		else if (takes_value(word))
			i++;
		else if (*word == '-')
			continue;
		else if (names < 2 && strcmp(word, names ? "update" : "submodule") != 0)
			return true; /* sync, init, status */
		else if (names < 2)
			names++;
		else {
			paths = true;
			add_path(tree, dir, word, a, out);
		}
	}
	return paths || names < 2;
}

bool submodules_asked(const char *tree, const char *log, struct arena *a, struct strv *out)
{
	struct strv call = { 0 };
	bool all_named = true;

	while (*log) {
		size_t len = strcspn(log, "\n");

		if (len) {
			vec_push(&call, arena_strndup(a, log, len));
		} else if (call.count) {
			all_named = read_call(tree, &call, a, out) && all_named;
			call.count = 0;
		}
		log += len + (log[len] == '\n');
	}
	vec_free(&call);
	return all_named;
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

/* "BUILD=/work/X" -> "BUILD=/scratch/build": the board's own folder is nobody's to touch now. */
static const char *moved(const char *word, const char *from, const char *to, struct arena *a)
{
	const char *hit = strstr(word, from);

	return hit ? arena_printf(a, "%.*s%s%s", (int)(hit - word), word, to, hit + strlen(from))
		   : word;
}

static void make_env(const struct ask_job *job, const char *dir, struct arena *a, struct strv *out)
{
	for (size_t i = 0; i < job->env->count; i++) {
		const char *word = job->env->items[i];

		if (strncmp(word, "PATH=", 5) == 0)
			word = arena_printf(a, "PATH=%s/bin:%s", dir, word + 5);
		vec_push(out, word);
	}
	vec_push(out, arena_printf(a, "MPFLASH_ASKED=%s/asked", dir));
	vec_push(out, NULL);
}

static bool run_make(const struct ask_job *job, const char *dir, struct arena *a, bool *complete,
		     struct err *e)
{
	struct strv argv = { 0 }, env = { 0 };
	struct process_spec spec = { .cwd = job->tree };
	struct process_exit x = { 0 };
	bool ok;

	vec_push(&argv, "make");
	vec_push(&argv, "-C");
	vec_push(&argv, job->make_dir);
	for (size_t i = 0; i < job->args->count; i++)
		vec_push(&argv,
			 moved(job->args->items[i], job->build, path_join(a, dir, "build"), a));
	vec_push(&argv, "submodules");
	vec_push(&argv, NULL);
	make_env(job, dir, a, &env);
	spec.argv = argv.items;
	spec.env = env.items;
	ok = process_run(&spec, TIMEOUT_MS, NULL, &x, e);
	*complete = ok && x.code == 0;
	vec_free(&argv);
	vec_free(&env);
	return ok;
}

static bool ask_in(const struct ask_job *job, const char *dir, struct arena *a, struct strv *out,
		   bool *complete, struct err *e)
{
	const char *asked = path_join(a, dir, "asked");
	AUTO_STRBUF log = STRBUF_INIT;

	if (!fs_mkdirs(path_join(a, dir, "bin"), e) ||
	    !fs_write_lazy(path_join(a, dir, "bin/git"), stand_in, strlen(stand_in), 0755, e) ||
	    !run_make(job, dir, a, complete, e) ||
	    (fs_exists(asked) && !fs_read(&log, asked, MAX_LOG, e)))
		return false;
	*complete = submodules_asked(job->tree, log.buf, a, out) && *complete;
	return true;
}

bool submodules_ask(const struct ask_job *job, struct arena *a, struct strv *out, bool *complete,
		    struct err *e)
{
	AUTO_STRBUF dir = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	bool ok;

	*complete = false;
	if (!fs_temp_dir(&dir, job->scratch, e))
		return false;
	ok = ask_in(job, dir.buf, a, out, complete, e);
	fs_remove_tree(dir.buf, &ignored);
	return ok;
}
