/* SPDX-License-Identifier: MIT
 *
 * Where git keeps what belongs to a work tree, without asking git: a folder .git, or the file that a linked worktree and
 * a submodule have in its place.
 */
#ifndef SOURCE_GITDIR_H
#define SOURCE_GITDIR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/hash.h"

struct gitdir {
	const char *own; /* the work tree's: HEAD, index */
	const char
		*common; /* of all its worktrees: config, info/exclude, objects; often the same */
};

/* The git folders of the work tree at `root` (absolute); strings in the arena. False: it has none. */
bool gitdir_find(struct gitdir *g, const char *root, struct arena *a);

/*
 * Feeds the bytes of git's configuration files (the machine's, the user's), of the files that they include, and of the
 * user's ignore file; gitdir_add_config does so for a repository's own and its info/exclude. What git ignores is a
 * function of these and of the .gitignore files.
 */
void gitdir_add_user_config(struct hasher *h);
void gitdir_add_config(const struct gitdir *g, struct hasher *h);

#endif
