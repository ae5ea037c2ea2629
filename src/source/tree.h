/* SPDX-License-Identifier: MIT
 *
 * A MicroPython source tree: a folder with ports/, py/ and mpy-cross/, usually a git checkout.
 */
#ifndef SOURCE_TREE_H
#define SOURCE_TREE_H

#include <stdbool.h>

#include "base/err.h"

struct git_repository;

struct tree {
	char *root;                  /* absolute, links resolved */
	struct git_repository *repo; /* see tree_repo */
	bool asked;                  /* tree_repo was called */
};

/*
 * Finds the tree: `start` (a folder inside it; NULL: the MICROPY_DIR variable, else the current folder) and
 * upwards from there; first by where that folder really lies, then by the links that led to it. False with a hint when
 * there is none.
 */
bool tree_open(struct tree *t, const char *start, struct err *e);
void tree_close(struct tree *t);

/*
 * The repository, opened when first asked for (it loads libgit2, some 15 ms); valid until tree_close. NULL: the tree is
 * not a git checkout (a release archive), or one that libgit2 does not read.
 */
struct git_repository *tree_repo(struct tree *t);

#endif
