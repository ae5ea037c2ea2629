/* SPDX-License-Identifier: MIT
 *
 * Where versions of a tree come from: the user's own repository, or a clone of ours below the cache folder. Into the
 * user's nothing is written but objects, tags that belong to fetched commits, refs below refs/mpflash, and the
 * registration of worktrees: no branch, no configuration, no index.
 */
#ifndef SOURCE_REPOSITORY_H
#define SOURCE_REPOSITORY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

struct git_repository;

struct repository {
	struct arena arena;
	const char *dir;    /* where git runs: a work tree, or the clone; absolute */
	const char *common; /* the git folder that all its worktrees share; links resolved */
	/* of its worktrees and of what else we keep for it: <work root>/repo-<12 hex> */
	const char *folder;
	bool ours;    /* the clone below the cache */
	bool offline; /* nothing is fetched */
	bool dry;     /* nothing is written */
	/* Tells what takes time, in words; NULL: nobody listens. */
	void (*say)(void *ctx, const char *text);
	void *ctx;
	bool asked;
	struct git_repository *repo; /* see repository_library */
};

/* The repository of the work tree at `root`. False with a hint: it has none. repository_close also then. */
bool repository_open(struct repository *r, const char *root, const char *work_root, struct err *e);

/*
 * The clone of MPFLASH_REPO (default: MicroPython's own) below `cache_dir`; cloned, told by git_program_watch,
 * when it is not there (*missing instead when r->dry). Two processes at once: one waits. A killed one leaves nothing that
 * is taken for a clone. Fields that the caller set (offline, dry, say) are kept.
 */
bool repository_open_clone(struct repository *r, const char *cache_dir, const char *work_root,
			   bool *missing, struct err *e);
void repository_close(struct repository *r); /* takes a zeroed one too */

/* libgit2's; NULL: libgit2 does not read it. */
struct git_repository *repository_library(struct repository *r);

/* Says something by r->say. */
void repository_say(const struct repository *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether what moves (a branch of somebody else) was last fetched more than an hour ago; `what` names it. */
bool repository_is_old(struct repository *r, const char *what);
void repository_is_fetched(struct repository *r, const char *what);

/* Gets all branches and tags of the clone anew. */
bool repository_fetch_all(struct repository *r, struct err *e);

/* Gets one branch, tag or commit from a remote or an address, as refs/mpflash/... `into`. */
bool repository_fetch(struct repository *r, const char *from, const char *what, const char *into,
		      struct err *e);

#endif
