/* SPDX-License-Identifier: MIT
 *
 * What the files of the catalogue share; nobody else includes this.
 */
#ifndef BOARD_CATALOGUE_INTERNAL_H
#define BOARD_CATALOGUE_INTERNAL_H

#include "base/arena.h"
#include "board/board_json.h"
#include "board/catalogue.h"

struct catalogue {
	struct arena arena;
	const char *root;           /* NULL: no tree */
	VEC(struct board *) boards; /* what the catalogue shows */
	VEC(struct board *) owned;  /* these and those that others replaced */
	struct strv ports;
	struct board_json json;
};

enum { CATALOGUE_FILE_MAX = 1 << 20 }; /* bytes of a board.json or mpconfigboard */

/*
 * A name that is safe as a make word and a file name: letters, digits, "_-+.", the first no '.' or
 * '-', 100 at most.
 */
bool catalogue_is_name(const char *s);

/* A folder that is a board by its files. */
bool catalogue_is_board(const char *dir);

/*
 * The port of a board outside the tree, from its place, its board.json (b->mcu) or its
 * mpconfigboard, in the arena; NULL: not to be told. False when a file cannot be read.
 */
bool catalogue_guess_port(struct catalogue *c, const struct board *b, const char **port,
			  struct err *e);

#endif
