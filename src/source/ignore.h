/* SPDX-License-Identifier: MIT
 *
 * What git ignores in the folders of a tree and of its submodules, and a digest of everything that decides it, so that
 * an answer can be remembered: the digest is made without libgit2.
 */
#ifndef SOURCE_IGNORE_H
#define SOURCE_IGNORE_H

#include <stdbool.h>

#include "base/hash.h"
#include "cache/statcache.h"
#include "source/tree.h"

struct ignore;

/* Tree and stats must outlive it. Files are looked at once each; ignore_destroy takes NULL. */
struct ignore *ignore_create(struct tree *t, struct statcache *stats);
void ignore_destroy(struct ignore *ig);

/* A folder of the tree: which repository it lies in, and by which rules its names are judged. */
struct ignore_folder {
	const char *path;      /* absolute */
	struct repository *in; /* the innermost repository around it; NULL: none is known */
	struct digest rules;   /* of all ignore files and configuration that apply to it */
};

/* NULL: the folder does not lie in the tree. `dir` is absolute, without links. Lives as long as `ig`. */
const struct ignore_folder *ignore_folder(struct ignore *ig, const char *dir);

/*
 * False when git does not answer: there is no repository, or libgit2 does not read it. The others may then be asked
 * about names in that folder; `folder`: the name is one of a folder. From here on libgit2 is needed.
 */
bool ignore_answers(const struct ignore_folder *f);
bool ignore_is_ignored(const struct ignore_folder *f, const char *name, bool folder);
/* Whether git's index has it, whatever the ignore rules say: then it is not ignored. */
bool ignore_is_tracked(const struct ignore_folder *f, const char *name, bool folder);
/* Whether git ignores the folder itself: a place that belongs to no repository's sources. */
bool ignore_is_ignored_folder(const struct ignore_folder *f);

/* The digest of the index that ignore_is_tracked answers from. */
struct digest ignore_index_digest(struct ignore *ig, const struct ignore_folder *f);

#endif
