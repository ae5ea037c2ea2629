/* SPDX-License-Identifier: MIT
 *
 * What differs between a commit and the work tree as it is: commits since then, what is staged, what is not, and files that git
 * does not track and does not ignore. Submodules are looked into, from the commit that REF points to.
 */
#ifndef SOURCE_SINCE_H
#define SOURCE_SINCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum since_how {
	SINCE_ADDED,
	SINCE_REMOVED,
	SINCE_CHANGED, /* content or executable bit */
	SINCE_TYPE,    /* a file where a link was, and the like */
};

struct since_change {
	const char *path; /* relative to the tree */
	enum since_how how;
	bool file; /* a regular file, now or (removed) then */
	/* a repository inside that git cannot tell more about: all below it may differ */
	bool whole;
};

struct since {
	struct arena arena;
	const char *root, *commit;        /* the repository; REF's commit in hex */
	VEC(struct since_change) changes; /* sorted by path, one a path */
	struct map folders;               /* every folder that REF has, by its path */
	bool has_whole;
	bool moved; /* HEAD is another commit than REF */
};

/*
 * Reads what changed in the repository whose work tree is `root` (absolute) since `ref` (whatever names a commit). By
 * libgit2, or by the git program where libgit2 does not read it. since_free in any case.
 */
bool since_read(struct since *out, const char *root, const char *ref, struct err *e);
void since_free(struct since *sn); /* takes a zeroed one too */

/* The change of that path itself; NULL: none. */
const struct since_change *since_find(const struct since *sn, const char *path);

/* The changes below a folder ("." is the tree): items [*from, *to). */
void since_below(const struct since *sn, const char *folder, size_t *from, size_t *to);

/* The change of a folder above `path` below which all may differ; NULL: none. */
const struct since_change *since_whole(const struct since *sn, const char *path);

/* Whether REF had that folder. */
bool since_had_folder(const struct since *sn, const char *path);

/* Appends what REF has in that file; false: it has none, or one in a submodule, or no git program is there to read it. */
bool since_text_then(const struct since *sn, const char *path, struct strbuf *out);

#endif
