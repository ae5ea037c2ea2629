/* SPDX-License-Identifier: MIT
 *
 * Finding the source tree.
 */
#include "source/tree.h"

#include <git2.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "os/dirs.h"
#include "os/fs.h"

static bool is_tree(const char *dir)
{
	static const char *const parts[] = { "ports", "py", "mpy-cross" };
	AUTO_ARENA a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!fs_is_dir(path_join(&a, dir, parts[i])))
			return false;
	return true;
}

static void open_repository(struct tree *t)
{
	git_libgit2_init();
	/*
	 * Containers and CI often build a tree that another user owns. We only read objects and ignore rules and never
	 * run hooks or filters, so git's guard against foreign repositories has nothing to guard here.
	 */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	if (git_repository_open_ext(&t->repo, t->root, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) != 0)
		t->repo = NULL;
}

bool tree_open(struct tree *t, const char *start, struct err *e)
{
	const char *env = getenv("MICROPY_DIR");
	const char *from = start ? start : env && *env ? env : ".";
	AUTO_FREE char *dir = fs_realpath(from);

	*t = (struct tree){ 0 };
	while (dir && !is_tree(dir)) {
		char *slash = strrchr(dir, '/');

		if (!slash || slash == dir) {
			free(dir);
			dir = NULL;
		} else {
			*slash = '\0';
		}
	}
	if (!dir) {
		err_set(e,
			"no MicroPython source tree at %s or above it (a folder with ports, py and "
			"mpy-cross)",
			from);
		return err_hint(e,
				"run inside a checkout, or name one: -C DIR, or MICROPY_DIR=DIR");
	}
	t->root = dir;
	dir = NULL;
	open_repository(t);
	return true;
}

void tree_close(struct tree *t)
{
	if (!t->root)
		return;
	git_repository_free(t->repo);
	git_libgit2_shutdown();
	free(t->root);
	*t = (struct tree){ 0 };
}
