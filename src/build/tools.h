/* SPDX-License-Identifier: MIT
 *
 * The programs of a host build: where they are and what they are.
 */
#ifndef BUILD_TOOLS_H
#define BUILD_TOOLS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/vec.h"
#include "cache/statcache.h"

struct tool {
	const char *name;
	const char *path; /* absolute, links resolved; NULL: not on the PATH */
	struct digest digest;
};

struct tools {
	struct tool *items;
	size_t count, cap; /* vec_free */
};

/* Looks each name up on `path` (a PATH list); strings in the arena. */
bool tools_find(const struct strv *names, const char *path, struct statcache *stats,
		struct arena *a, struct tools *out, struct err *e);

#endif
