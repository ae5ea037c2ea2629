/* SPDX-License-Identifier: MIT
 *
 * Finding the source tree.
 */
#include "source/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/path.h"
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
	return true;
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
