/* SPDX-License-Identifier: MIT
 *
 * What the commands that use the firmware library share.
 */
#ifndef CMD_LIBRARY_H
#define CMD_LIBRARY_H

#include "base/arena.h"
#include "base/vec.h"
#include "library/database.h"

/* The library, opened. */
struct library_place {
	struct arena arena;
	struct database *db;
	const char *folder; /* absolute */
};

/*
 * Finds the folder (global.dir first) and opens its database. For writing, a firmware.jsonl of an old Python tool is imported first. What there
 * is to be told goes to standard error. Close it also when it could not be opened.
 */
bool library_place_open(struct library_place *p, enum database_mode mode, struct err *e);
void library_place_close(struct library_place *p);

/* What is in the library, on stdout; `boards`: patterns of board ids, none: all. */
bool library_show(const struct strv *boards, bool json, struct err *e);

#endif
