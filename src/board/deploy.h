/* SPDX-License-Identifier: MIT
 *
 * Deploy notes: the files that a board.json names under "deploy", which tell how firmware gets onto the board.
 */
#ifndef BOARD_DEPLOY_H
#define BOARD_DEPLOY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "board/catalogue.h"

/*
 * The real path of a file that board.json names, in the arena. NULL with the reason in *why: it is no file, or lies outside of
 * the tree (of a board outside: outside of the folder that the board's folder is in).
 */
const char *deploy_path(const struct board *b, const char *name, struct arena *a, const char **why);

/*
 * Appends the notes of a loaded board as they are in the files; those that cannot be read are left out. False: there are none.
 */
bool deploy_read(const struct board *b, struct strbuf *out);

#endif
