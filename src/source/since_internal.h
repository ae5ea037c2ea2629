/* SPDX-License-Identifier: MIT
 *
 * What the two readers of changes since a commit share: libgit2 (since_git.c) and the program (since_program.c).
 */
#ifndef SOURCE_SINCE_INTERNAL_H
#define SOURCE_SINCE_INTERNAL_H

#include "source/since.h"

enum since_verdict {
	SINCE_READ,
	SINCE_NO_REF,   /* the repository is read, but `ref` names no commit in it */
	SINCE_NOT_READ, /* this reader cannot; the error says why */
};

/* One repository: the tree's, or (prefix "lib/x/") one inside. */
struct since_reader {
	struct since *out;
	const char *root;   /* absolute */
	const char *prefix; /* of the paths in `out`: "", or with '/' at its end */
	int depth;
};

/* Adds changes and REF's folders of the repository. */
enum since_verdict since_by_library(const struct since_reader *r, const char *ref, struct err *e);
enum since_verdict since_by_program(const struct since_reader *r, const char *ref, struct err *e);

/* For them: a path relative to the repository. `path` may end with '/'. */
void since_add(const struct since_reader *r, const char *path, enum since_how how, bool file);
void since_add_folder(const struct since_reader *r, const char *path);
/* The commit that REF is; that of the tree's own repository is kept. */
void since_set_commit(const struct since_reader *r, const char *hex, bool is_head);

/*
 * A repository inside that is another one now, or has changes: `then` is the commit in hex that REF points to; NULL: it
 * was none.
 */
bool since_add_repository(const struct since_reader *r, const char *path, const char *then,
			  struct err *e);

#endif
