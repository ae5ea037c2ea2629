/* SPDX-License-Identifier: MIT
 *
 * Reads MicroPython's board.json files with SQLite's JSON functions.
 */
#ifndef BOARD_BOARD_JSON_H
#define BOARD_BOARD_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "board/catalogue.h"

/*
 * A reader: an in-memory database and its statements, opened at the first file. All zero: not open
 * yet.
 */
struct board_json {
	struct sqlite3 *db;
	struct sqlite3_stmt *type, *members;
};

/*
 * Fills mcu, product, vendor, url, deploy and variants (appended, not sorted) of `b` from a file;
 * texts go to the arena. Unknown members are left alone. Errors name the file: not JSON, no object,
 * a known member of the wrong type, a variant's name that make could not take.
 */
bool board_json_read(struct board_json *j, const char *path, struct board *b, struct arena *a,
		     struct err *e);
void board_json_close(struct board_json *j);

#endif
