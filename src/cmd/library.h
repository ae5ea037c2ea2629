/* SPDX-License-Identifier: MIT
 *
 * What the commands that use the firmware library share.
 */
#ifndef CMD_LIBRARY_H
#define CMD_LIBRARY_H

#include "base/arena.h"
#include "cmd/options.h"
#include "library/database.h"

/* The row of an option table for the firmware folder; `letter` 0 where -d means something else. */
/* clang-format off */
#define LIBRARY_DIR_OPTION(letter, dir) \
	{ "dir", (letter), NULL, OPT_STRING, "DIR", \
	  "the firmware folder (default: MPFLASH_FIRMWARE, else firmware in your downloads)", &(dir) }
/* clang-format on */

/* The library, opened. */
struct library_place {
	struct arena arena;
	struct database *db;
	const char *folder; /* absolute */
};

/*
 * Finds the folder and opens its database. For writing, a firmware.jsonl of an old Python tool is imported first. What there
 * is to be told goes to standard error. Close it also when it could not be opened.
 */
bool library_place_open(struct library_place *p, const char *dir, enum database_mode mode,
			struct err *e);
void library_place_close(struct library_place *p);

/* What is in the library, on stdout; `boards`: patterns of board ids, none: all. */
bool library_show(const char *dir, const struct strv *boards, bool json, struct err *e);

#endif
