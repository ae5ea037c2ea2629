/* SPDX-License-Identifier: MIT
 *
 * Filling the table of boards: from a MicroPython tree's tags, or from the list that the Python tool ships.
 */
#ifndef LIBRARY_BOARDS_H
#define LIBRARY_BOARDS_H

#include "library/database.h"

struct boards_update {
	size_t versions, boards, variants; /* rows that were written, of so many versions */
	size_t skipped;                    /* boards whose board.json cannot be read */
	const char *newest;                /* version; in the arena; NULL: none */
};

/*
 * From the repository at `root` (a checkout or a bare clone), without checking anything out: all releases from `oldest`
 * on ("v1.18"), and the newest preview when it is newer than they are: HEAD's boards, when HEAD is on the way to it.
 * A tree without git is taken as it is. All rows in one transaction; boards_version is set.
 */
bool boards_from_tree(struct database *db, const char *root, const char *oldest, struct arena *a,
		      struct boards_update *out, struct err *e);

/*
 * From the Python tool's micropython_boards.zip, or the CSV file in it. boards_version is set, and boards_hash, by which the
 * Python tool knows that it need not load its list.
 */
bool boards_from_list(struct database *db, const char *path, struct arena *a,
		      struct boards_update *out, struct err *e);

/* --- what boards_from_tree reads of a board's folder; for it and its tests ------------------------------------------- */

struct board_file {
	const char *name; /* "mpconfigboard.h" */
	const char *text;
};
struct board_files {
	struct board_file *items;
	size_t count, cap;
};

/* Whether a file of a board's folder is read at all. */
bool board_file_counts(const char *name);

/*
 * What the board calls itself, as the Python tool reads it: MICROPY_HW_BOARD_NAME " with " MICROPY_HW_MCU_NAME of
 * mpconfigboard.h (mpconfigboard_VARIANT.h), else one of them in mpconfigboard.cmake (mpconfigvariant_VARIANT.cmake). NULL: it does
 * not say.
 */
const char *board_describe(const struct board_files *files, const char *variant, struct arena *a);

#endif
