/* SPDX-License-Identifier: MIT
 *
 * Finding the programs of a host build. The digest of the program file stands for the tool; what stands behind it
 * (cc1, newlib, a wrapper's real program) is not seen here.
 */
#include "build/tools.h"

#include <stdlib.h>

#include "os/fs.h"
#include "os/process.h"

static bool find_one(const char *name, const char *path, struct statcache *stats, struct arena *a,
		     struct tool *t, struct err *e)
{
	AUTO_FREE char *found = process_find_program(name, path);
	AUTO_FREE char *real = found ? fs_realpath(found) : NULL;
	bool missing;

	*t = (struct tool){ .name = name };
	if (!real)
		return true;
	t->path = arena_strdup(a, real);
	return statcache_digest(stats, t->path, &t->digest, &missing, e);
}

bool tools_find(const struct strv *names, const char *path, struct statcache *stats,
		struct arena *a, struct tools *out, struct err *e)
{
	for (size_t i = 0; i < names->count; i++) {
		struct tool t;

		if (!find_one(names->items[i], path, stats, a, &t, e))
			return false;
		vec_push(out, t);
	}
	return true;
}
