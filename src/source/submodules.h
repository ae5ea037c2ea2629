/* SPDX-License-Identifier: MIT
 *
 * Submodules of a worktree of ours. They come from objects that are on this machine first (the main checkout's, those of
 * our other worktrees), then from where .gitmodules says. git's own `submodule update` is not used: in a linked worktree it
 * would write into the configuration of the user's repository.
 */
#ifndef SOURCE_SUBMODULES_H
#define SOURCE_SUBMODULES_H

#include <stdbool.h>

#include "base/vec.h"
#include "source/repository.h"

/* True when the folder of that submodule below `tree` is checked out. */
bool submodule_is_here(const char *tree, const char *path);

/* The ones of `paths` that this version has and that are not checked out; strings are those of `paths`. vec_free. */
bool submodules_missing(const char *tree, const struct strv *paths, struct strv *out,
			struct err *e);

/*
 * Checks a submodule out at the commit that the worktree names, or that the submodule in which it lies names, when that one is
 * checked out. False with its name, address and commit when it cannot be
 * had. Killed at any point, nothing half made is taken for it.
 */
bool submodule_bring(struct repository *r, const char *tree, const char *path, struct err *e);

#endif
