/* SPDX-License-Identifier: MIT
 *
 * What a work tree has that its last commit does not.
 */
#ifndef SOURCE_CHANGES_H
#define SOURCE_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/hash.h"

/*
 * Feeds the names and contents of all changed and untracked files of the work tree at `root` (absolute), those of its
 * submodules included and what is ignored left out; *count of them. Nothing is fed when there are none. By libgit2, or
 * by the git program where libgit2 fails; false when both do.
 */
bool changes_add(const char *root, struct hasher *h, size_t *count, struct err *e);

#endif
