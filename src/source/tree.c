/* SPDX-License-Identifier: MIT
 *
 * Finding the source tree.
 */
#include "source/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "os/dirs.h"
#include "os/fs.h"
#include "source/git.h"

static bool is_tree(const char *dir)
{
	static const char *const parts[] = { "ports", "py", "mpy-cross" };
	AUTO_ARENA a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!fs_is_dir(path_join(&a, dir, parts[i])))
			return false;
	return true;
}

/* The tree that a path lies in, by the text of the path; links resolved. NULL: none. */
static char *find_above(const char *path)
{
	AUTO_FREE char *dir = xstrdup(path);

	while (*dir && !is_tree(dir)) {
		char *slash = strrchr(dir, '/');

		*(slash ? slash : dir) = '\0';
	}
	return *dir ? fs_realpath(dir) : NULL;
}

/* The current folder as the shell calls it, when that is where we are: a link may have led here. */
static const char *shell_folder(const char *real)
{
	const char *pwd = getenv("PWD");
	AUTO_FREE char *there = pwd && *pwd == '/' ? fs_realpath(pwd) : NULL;

	return there && strcmp(there, real) == 0 ? pwd : NULL;
}

/*
 * Where a folder really lies comes first; then the way that led there: lib/x of a tree may be a link to somewhere else,
 * and who stands in it means the tree.
 */
static char *find_root(const char *from)
{
	AUTO_FREE char *real = fs_realpath(from);
	char *root = real ? find_above(real) : NULL;
	AUTO_STRBUF named = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *shell;

	if (root || !real)
		return root;
	if (strcmp(from, ".") == 0)
		shell = shell_folder(real);
	else
		shell = dirs_absolute(&named, from, &ignored) ? named.buf : NULL;
	return shell ? find_above(shell) : NULL;
}

static bool is_bare_repository(const char *dir)
{
	static const char *const parts[] = { "objects", "refs" };
	AUTO_ARENA a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!fs_is_dir(path_join(&a, dir, parts[i])))
			return false;
	return fs_exists(path_join(&a, dir, "HEAD"));
}

/* `by`: who named the folder, "MICROPY_DIR: " or nobody. */
static bool no_tree(const char *from, const char *by, struct err *e)
{
	static const char hint[] =
		"run inside a checkout, or name one: -C DIR, or MICROPY_DIR=DIR; "
		"`git clone https://github.com/micropython/micropython` gets one";

	if (!fs_is_dir(from)) {
		err_set(e, "%sno MicroPython source tree at %s: there is no such folder", by, from);
		return err_hint(e, "%s", hint);
	}
	if (is_bare_repository(from)) {
		err_set(e, "%s%s is a bare git repository: it has no files to build", by, from);
		return err_hint(
			e, "git -C %s worktree add DIR gives it some; then name DIR: -C DIR", from);
	}
	err_set(e,
		"%sno MicroPython source tree at %s or above it (a folder with ports, py and mpy-cross)",
		by, from);
	return err_hint(e, "%s", hint);
}

bool tree_open(struct tree *t, const char *start, struct err *e)
{
	const char *env = getenv("MICROPY_DIR");
	bool by_env = !start && env && *env;
	const char *from = start ? start : by_env ? env : ".";

	*t = (struct tree){ .root = find_root(from) };
	return t->root || no_tree(from, by_env ? "MICROPY_DIR: " : "", e);
}

struct git_repository *tree_repo(struct tree *t)
{
	if (!t->asked)
		t->repo = git_open(t->root);
	t->asked = true;
	return t->repo;
}

void tree_close(struct tree *t)
{
	git_close(t->repo);
	free(t->root);
	*t = (struct tree){ 0 };
}
