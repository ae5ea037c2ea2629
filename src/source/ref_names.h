/* SPDX-License-Identifier: MIT
 *
 * The names of a repository's refs, without asking git: loading libgit2 or starting git takes longer than a shell that completes
 * a word may wait.
 */
#ifndef SOURCE_REF_NAMES_H
#define SOURCE_REF_NAMES_H

#include "base/arena.h"
#include "base/vec.h"

/*
 * Adds tags, branches and remote branches as people type them ("v1.26.0", "fork/main"), in no order and maybe twice; in the arena.
 * `common` is the git folder (source/gitdir.h). Left out are names with anything but letters, digits and ._/+-: git lets a tag be
 * called "$(reboot)", and a shell would run what it is given to complete. Nothing where refs are kept otherwise (reftable).
 */
void ref_names(const char *common, struct arena *a, struct strv *out);

#endif
