/* SPDX-License-Identifier: MIT
 *
 * What a compile step's container sees of this machine: the tree and git's folders to read, the work folder to write, mpy-cross, and
 * what the words of the configuration name outside of the tree. All at their own paths, so that make, git, the trace and
 * the dependency files mean the same inside and outside.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "build/engine.h"
#include "build/workdir.h"
#include "graph/action.h"
#include "graph/builder_choice.h"
#include "graph/compile.h"
#include "graph/compile_key.h"
#include "graph/configuration.h"
#include "graph/project.h"
#include "graph/recipe.h"
#include "os/fs.h"
#include "os/trace.h"
#include "source/gitdir.h"

/* A linked worktree, or a tree that is a submodule, has its git folder elsewhere. */
static void add_git(struct session *s, const char *root, struct mounts *m)
{
	struct gitdir git;

	if (!gitdir_find(&git, root, &s->arena))
		return;
	mounts_add(m, git.common, false, &s->arena);
	mounts_add(m, git.own, false, &s->arena);
}

/* The nearest folder above (or the path itself) that is a git work tree; NULL: none, or one that is too much to show. */
static const char *repository_of(struct session *s, const char *path)
{
	const char *home = getenv("HOME"), *dir = path;

	while (dir[1]) {
		if ((home && strcmp(dir, home) == 0))
			return NULL;
		if (fs_exists(path_join(&s->arena, dir, ".git")))
			return dir;
		dir = path_dir(&s->arena, dir);
	}
	return NULL;
}

/* A manifest includes its neighbours, and a module's makefile its own: all of their repository is shown, else their folder. */
static void add_outside(struct session *s, const char *path, struct mounts *m)
{
	const char *repository;

	if (mounts_show(m, path))
		return;
	repository = repository_of(s, path);
	if (repository)
		add_git(s, repository, m);
	else if (!fs_is_dir(path) && fs_is_dir(path_dir(&s->arena, path)))
		repository = path_dir(&s->arena, path);
	mounts_add(m, repository && repository[1] ? repository : path, false, &s->arena);
}

/* Tools of this machine are not for the image, which has its own. */
static bool is_of_the_system(const char *path)
{
	static const char *const dirs[] = { "/bin",   "/boot",  "/dev", "/etc",  "/lib",
					    "/lib32", "/lib64", "/opt", "/proc", "/run",
					    "/sbin",  "/sys",   "/usr", "/var" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (path_below(path, dirs[i]))
			return true;
	return !path[1];
}

/* What is absolute, or leads out of the tree, and is there. */
static void add_path(struct session *s, const char *folder, const char *value, struct mounts *m)
{
	AUTO_STRBUF path = STRBUF_INIT;

	if (value[0] != '/' && strncmp(value, "..", 2) != 0)
		return;
	path_normalize(&path,
		       path_join(&s->arena, path_join(&s->arena, s->tree.root, folder), value));
	if (!is_of_the_system(path.buf) && fs_exists(path.buf))
		add_outside(s, path.buf, m);
}

/* NAME=PATH; and of a list of compiler options each PATH, -IPATH, -DNAME=PATH. */
static void add_word(struct session *s, const char *folder, const char *word, struct mounts *m)
{
	static const char separators[] = " \t:;,=\"'";
	const char *equal = strchr(word, '='), *value = equal ? equal + 1 : word;

	add_path(s, folder, value, m);
	for (const char *at = value + strspn(value, separators); *at;) {
		size_t len = strcspn(at, separators);
		const char *part = arena_strndup(&s->arena, at, len);
		const char *slash = strchr(part, '/'), *dots = strstr(part, "..");

		if (*part == '-' && (slash || dots))
			part = !dots || (slash && slash < dots) ? slash : dots;
		add_path(s, folder, part, m);
		at += len;
		at += strspn(at, separators);
	}
}

static bool add_words(struct session *s, struct step *step, struct mounts *m, struct err *e)
{
	struct strv words = { 0 }, roots = { 0 };
	const struct board *board = step->recipe->board;
	const char *folder;
	bool ok = recipe_var(s, step->recipe, "make", &folder, e) &&
		  compile_make_words(s, step, &words, e) && compile_rule_env(s, step, &words, e) &&
		  (compile_is_mpy_cross(step) || config_roots(s, &roots, e));

	if (ok && board && board->outside)
		vec_push(&roots, board->dir);
	for (size_t i = 0; ok && i < roots.count; i++)
		add_outside(s, roots.items[i], m);
	for (size_t i = 0; ok && i < words.count; i++)
		add_word(s, folder ? folder : ".", words.items[i], m);
	vec_free(&words);
	vec_free(&roots);
	return ok;
}

static bool add_project(struct session *s, struct step *step, const char *work_dir,
			struct mounts *m, struct err *e)
{
	const char *folder, *dir = project_dir(s, work_dir);

	if (compile_is_mpy_cross(step))
		return true;
	if (!project_folder(s, step->recipe, &folder, e))
		return false;
	if (!folder)
		return true;
	mounts_cover(m, path_join(&s->arena, s->tree.root, folder), dir, &s->arena);
	return project_sync(s, folder, dir, e);
}

static bool find_helper(struct session *s, const char **out, struct err *e)
{
	*out = trace_helper(&s->arena);
	if (*out)
		return true;
	err_set(e, "there is no mpflash-trace beside mpflash, and containers need it");
	return err_hint(e, "reinstall mpflash");
}

static bool wants_network(struct session *s, const struct step *step, bool *out, struct err *e)
{
	const char *network;

	if (!recipe_var(s, step->recipe, "container.network", &network, e))
		return false;
	*out = network && strcmp(network, "yes") == 0 && !s->opt->offline;
	return true;
}

bool compile_container(struct session *s, struct step *step, const char *work_dir,
		       struct build_container **out, struct err *e)
{
	const struct builder_choice *choice = step->recipe->choice;
	struct build_container *c = ARENA_NEW(&s->arena, struct build_container);
	struct digest name = digest_of(work_dir, strlen(work_dir));
	struct engine_image image;
	char hex[DIGEST_HEX_SIZE];

	*out = c;
	digest_hex(&name, hex);
	c->engine = choice->engine;
	c->name = arena_printf(&s->arena, "mpflash-%.16s-%ld.%d", hex, (long)getpid(),
			       step->attempts);
	c->lock = workdir_inside_lock(work_dir, &s->arena);
	if (!builder_image(choice, &image, e) || !find_helper(s, &c->helper, e))
		return false;
	c->image = image.id;
	if (!wants_network(s, step, &c->network, e))
		return false;
	return container_clear(c, e);
}

bool compile_container_show(struct session *s, struct step *step, struct build_container *c,
			    const char *work_dir, const char *trace, struct err *e)
{
	const struct store_output *cross = compile_mpy_cross(step);
	struct mounts *m = &c->mounts;

	/* It has to be there to be mounted. */
	if (trace && !fs_write_atomic(trace, "", 0, 0644, e))
		return false;
	mounts_add(m, s->tree.root, false, &s->arena);
	mounts_add(m, work_dir, true, &s->arena);
	add_git(s, s->tree.root, m);
	if (!add_words(s, step, m, e))
		return false;
	if (cross)
		mounts_add(m, compile_mpy_cross_dir(s, cross), false, &s->arena);
	if (trace)
		mounts_add(m, trace, true, &s->arena);
	if (!add_project(s, step, work_dir, m, e))
		return false;
	mounts_add(m, c->lock, false, &s->arena);
	mounts_add(m, c->helper, false, &s->arena);
	if (c->fifo)
		mounts_add(m, c->fifo, true, &s->arena);
	return true;
}

void compile_container_free(struct build_container *c)
{
	if (c)
		vec_free(&c->mounts.items);
}

bool compile_container_told(const struct process_exit *x)
{
	enum { ENGINE_FAILED = 125 };

	return x && x->code >= 0 && x->code != ENGINE_FAILED;
}

struct process_exit compile_container_exit(const struct process_exit *x)
{
	enum { SIGNAL_BASE = 128, SIGNALS = 64 };

	if (x->code <= SIGNAL_BASE || x->code > SIGNAL_BASE + SIGNALS)
		return *x;
	return (struct process_exit){ .code = -1, .signal = x->code - SIGNAL_BASE };
}

bool compile_container_untraced(struct session *s, const struct step *step, struct compile_run *run)
{
	AUTO_ERR ignored = ERR_INIT;
	struct trace_log log;

	if (step->declared || !trace_read(&log, compile_trace_path(s, step), &ignored))
		return false;
	/* The tracer gave up before the build began. */
	if (log.why && !log.events.count && log.ended)
		run->untraceable = arena_strdup(&s->arena, log.why);
	trace_free(&log);
	return run->untraceable != NULL;
}
