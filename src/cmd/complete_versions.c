/* SPDX-License-Identifier: MIT
 *
 * Versions: what may stand behind an '@', "RPI_PICO@v1" -> "RPI_PICO@v1.26.0".
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/complete.h"
#include "os/dirs.h"
#include "source/gitdir.h"
#include "source/ref_names.h"
#include "source/repository.h"
#include "source/tree.h"

/* The git folder that versions come from: the tree's, else that of the clone below the cache folder. In the arena. */
static const char *refs_folder(struct completion *c, const char *dir)
{
	AUTO_ERR ignored = ERR_INIT;
	AUTO_STRBUF cache = STRBUF_INIT;
	struct tree tree = { 0 };
	struct repository r = { .dry = true };
	struct gitdir g = { 0 };
	const char *found = NULL;
	bool missing;

	if (tree_open(&tree, dir, &ignored)) {
		if (gitdir_find(&g, tree.root, &c->arena))
			found = g.common;
	} else if (dirs_cache(&cache, &ignored) &&
		   repository_open_clone(&r, cache.buf, cache.buf, &missing, &ignored) &&
		   !missing) {
		found = arena_strdup(&c->arena, r.common);
	}
	tree_close(&tree);
	repository_close(&r);
	return found;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void complete_versions(struct completion *c, const char *dir, const char *before)
{
	const char *folder = refs_folder(c, dir);
	struct strv names = { 0 };

	if (!folder)
		return;
	complete_add(c, before, "stable", "", "the newest release");
	complete_add(c, before, "preview", "", "what the default branch has");
	ref_names(folder, &c->arena, &names);
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_name);
	for (size_t i = 0; i < names.count; i++)
		if (!i || strcmp(names.items[i - 1], names.items[i]) != 0)
			complete_add(c, before, names.items[i], "", NULL);
	vec_free(&names);
}
