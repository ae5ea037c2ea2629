/* SPDX-License-Identifier: MIT
 *
 * What the parts of boards_from_tree share: boards_tree.c has the order of things, boards_git.c and boards_files.c find the
 * boards, boards_profile.c makes rows of them.
 */
#ifndef LIBRARY_BOARDS_READING_H
#define LIBRARY_BOARDS_READING_H

#include "base/map.h"
#include "board/board_json.h"
#include "library/boards.h"
#include "library/version.h"
#include "source/git.h"

enum { BOARD_FILE_MAX = 1 << 20 };

/* What a board's folder says; the same for all versions that have the same folder. */
struct profile {
	bool bad; /* its board.json cannot be read */
	struct board board;
	const char *description; /* NULL: the board's name */
	const char **variants;   /* their descriptions, as board.variants; NULL: the board's */
};

/* One version at a time. */
struct reading {
	struct database *db;
	struct arena *arena;
	struct boards_update *out;
	struct board_json json;
	struct map profiles;        /* folder's id -> struct profile */
	VEC(struct profile *) made; /* all of them */
	const char *version;
	git_repository *repo; /* NULL: files */
	struct err *e;
	bool failed; /* with `e` set */
};

/* In the reading's arena, but for its vectors: profiles_free. */
struct profile *profile_make(struct reading *r, const struct board_files *files);
void profiles_free(struct reading *r);

/* Whether these are the files of a board. */
bool profile_is_board(const struct board_files *files);

/* The rows of a board and of its variants, of r->version. */
bool profile_put(struct reading *r, const struct profile *p, const char *port, const char *name);

/* A port without boards: the variants are folders. */
bool profile_put_pseudo(struct reading *r, const char *port, const struct strv *variants);

/* As the tables have it; in the arena. */
const char *boards_version(struct reading *r, const struct version *v);

/* The boards of a commit; one without ports/ has none. */
bool boards_of_commit(struct reading *r, const char *commit, const char *version);

/* The boards of a tree without git (a release archive): its version is in py/mpconfig.h. */
bool boards_of_files(struct reading *r, const char *root);

#endif
