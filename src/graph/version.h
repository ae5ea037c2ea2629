/* SPDX-License-Identifier: MIT
 *
 * Other versions of the tree: what stands after @ in a target. Each has a session of its own, whose tree is a worktree below
 * the cache folder; store, report, jobs and options are those of the command's session.
 */
#ifndef GRAPH_VERSION_H
#define GRAPH_VERSION_H

#include "graph/session.h"

struct step;

/*
 * The session of a version, opened once a run; closed with `top`. *out is NULL when that version is not on this machine and
 * nothing may be written (-n): this was told then. Without a tree it comes from a clone below the cache folder.
 */
bool version_session(struct session *top, const char *text, const char *ref, struct session **out,
		     struct err *e);
void versions_close(struct session *top);

/* The words behind the first '@' of a target; NULL: the tree as it is. */
const char *version_of_target(const char *text);

/*
 * The step that brings the submodules which a compile step needs; *out is NULL when it needs none, or when the user's tree has
 * all of them.
 */
bool submodules_step_of(struct step *compile, struct step **out, struct err *e);

#endif
