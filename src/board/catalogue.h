/* SPDX-License-Identifier: MIT
 *
 * The boards that firmware can be built for: those of a MicroPython tree and of folders outside it.
 * Opening lists folders only (readdir and stat); what a board.json says is read when a board is
 * asked for it.
 *
 * A board is a folder below ports/<port>/boards/ with a board.json or an mpconfigboard.mk or
 * .cmake. Ports without such a folder but with variants/<name>/mpconfigvariant.mk (unix,
 * webassembly, windows) have one pseudo board, named like the port. Names are letters, digits, '_',
 * '-', '+' and '.'; other folders are no boards.
 */
#ifndef BOARD_CATALOGUE_H
#define BOARD_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/vec.h"

struct board_variant {
	const char *name;
	const char *text; /* what board.json says about it; "" when nothing */
};

/*
 * Owned by its catalogue, as all of its strings. What board.json says is cut to 500 bytes, without
 * control characters.
 */
struct board {
	/* NULL: a board outside the tree whose port is not known, until catalogue_find is told. */
	const char *port;
	const char *id;  /* the folder's name, without a variant */
	const char *dir; /* absolute; of a pseudo board: the port's folder */
	bool outside;    /* from a --board-dir: make needs BOARD_DIR */
	bool pseudo;     /* no board: the port is built by VARIANT alone */

	/* From here on: filled by board_load. Members that board.json does not have are NULL. */
	bool loaded;
	const char *mcu, *product, *vendor, *url;
	struct strv deploy;                 /* file names, relative to dir */
	struct strv images, features;       /* file names of pictures; "WiFi" */
	VEC(struct board_variant) variants; /* sorted by name */
	const char *default_variant; /* what no variant stands for ("standard" of pseudo boards) */

	struct catalogue *catalogue; /* owner */
};

struct catalogue;

/*
 * Lists the boards of a tree (tree_root/ports, a path as struct tree has it; NULL: only board_dirs)
 * and of `board_dirs` (NULL: none; each a board or a folder of boards). The port of a board outside
 * comes from its place (.../ports/<port>/boards/<id>), its board.json's mcu or its mpconfigboard.
 * Such a board replaces one of the tree with the same port and id. Two of them with one port and
 * id, and a folder without boards, are errors. NULL on error.
 */
struct catalogue *catalogue_open(const char *tree_root, const struct strv *board_dirs,
				 struct err *e);
void catalogue_close(struct catalogue *c); /* takes NULL */

/* All boards, sorted by port, then id; those without a port come last. */
size_t catalogue_count(const struct catalogue *c);
struct board *catalogue_at(const struct catalogue *c, size_t i);

/* The tree's ports, also those without boards; sorted. Owned by the catalogue. */
const struct strv *catalogue_ports(const struct catalogue *c);

/*
 * Reads board.json and the names of mpconfigvariant_<name>.{mk,cmake} (both count). Once is enough;
 * again is free.
 */
bool board_load(struct board *b, struct err *e);

/* The variant's entry; NULL: the board has none of that name. The board must be loaded. */
const struct board_variant *board_find_variant(const struct board *b, const char *name);

/*
 * Finds [PORT/]BOARD[-VARIANT]. The board comes back loaded. A board whose own name has a '-' wins
 * over a variant; without a variant a pseudo board gets its default one. Errors: an unknown port,
 * board (hint: the nearest names) or variant (the variants are listed), a name that several ports
 * have (all are listed), a board whose port is not known.
 */
struct board_choice {
	struct board *board;
	const char *variant; /* NULL: the board itself */
};
bool catalogue_find(struct catalogue *c, const char *name, struct board_choice *out, struct err *e);

/*
 * What has to be built for `all` or PORT/all: every board and every variant of it, of one port or
 * (NULL) of all. Caller does vec_free. Boards whose port is not known, or not in the tree, are left
 * out.
 */
struct board_choices {
	struct board_choice *items;
	size_t count, cap;
};
bool catalogue_all(struct catalogue *c, const char *port, struct board_choices *out, struct err *e);

/* Whether a word is a pattern: it has a '*', a '?' or a '['. */
bool catalogue_is_glob(const char *text);

/* Whether the board fits the shell pattern: [PORT/]BOARD[-VARIANT], where '*' does not stand for a '/'. */
bool catalogue_fits(const struct board_choice *b, const char *pattern);

/*
 * All of them that fit, in the order of catalogue_all; vec_free. Errors: none does (hint: near names), the port before the
 * '/' is not in the tree.
 */
bool catalogue_glob(struct catalogue *c, const char *pattern, struct board_choices *out,
		    struct err *e);

#endif
