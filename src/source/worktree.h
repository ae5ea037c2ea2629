/* SPDX-License-Identifier: MIT
 *
 * Worktrees of ours: one for each commit that is built, below the work folder's root, registered with the repository as
 * `git worktree add` does. NAME is the folder, NAME.lock is held (shared) by whoever builds in it, NAME.state is written when
 * it is whole: one without was left by a killed process, and is made anew.
 */
#ifndef SOURCE_WORKTREE_H
#define SOURCE_WORKTREE_H

#include <stdbool.h>

#include "os/lock.h"
#include "source/repository.h"

struct worktree {
	const char *path; /* in the repository's arena */
	struct lock lock; /* shared; see worktree_close */
};

/*
 * The worktree of a commit (hex), made when it is not there (with r->dry *missing instead). Waits while another process
 * makes it. Nobody removes it before worktree_close.
 */
bool worktree_open(struct worktree *w, struct repository *r, const char *commit, bool *missing,
		   struct err *e);
void worktree_close(struct worktree *w); /* takes a zeroed one with a lock of -1 too */

/*
 * After worktrees were removed (cache gc): takes them off the registers of their repositories. Registrations of others stay,
 * whatever became of their folders.
 */
void worktrees_forget(const char *work_root);

#endif
