/* SPDX-License-Identifier: MIT
 *
 * Reads MicroPython's board.json files with SQLite's JSON functions.
 */
#ifndef BOARD_BOARD_JSON_H
#define BOARD_BOARD_JSON_H

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
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
 * Fills mcu, product, vendor, url, deploy, images, features and variants (appended, not sorted) of `b`
 * from a file; texts go to the arena. Unknown members are left alone, and so are images and features
 * of the wrong type: no build needs them. Errors name the file: not JSON, no object, another known
 * member of the wrong type, a variant's name that make could not take.
 */
bool board_json_read(struct board_json *j, const char *path, struct board *b, struct arena *a,
		     struct err *e);
/* The same from a text that is in memory; the error names no file. */
bool board_json_parse(struct board_json *j, struct strbuf *text, struct board *b, struct arena *a,
		      struct err *e);

/* The mcu alone, of a file's text; NULL when it says none. In the arena. False: the text is no board.json. */
bool board_json_mcu(struct board_json *j, const struct strbuf *text, struct arena *a,
		    const char **out);

/*
 * One member of an object or array, as it is in the file; the strings live until `each` returns. `type` is
 * json_each's: "text", "object", "array", "integer", ...; the value of those two is JSON.
 */
struct board_member {
	const char *key, *type, *value;
};
typedef bool board_member_fn(void *ctx, const struct board_member *m, struct err *e);

/* Calls `each` for the members of a JSON text, in order; it must not read with `j` itself. */
bool board_json_walk(struct board_json *j, const struct strbuf *text, board_member_fn *each,
		     void *ctx, struct err *e);
/* Opens `j` when that was not done, and reads a file that has to be a JSON object; errors do not name it. */
bool board_json_text(struct board_json *j, const char *path, struct strbuf *text, struct err *e);

/* Opens `j` when that was not done, and checks that the text is a JSON object. */
bool board_json_object(struct board_json *j, struct strbuf *text, struct err *e);

/* A text of the file on one line, fit for a terminal, cut to 500 bytes. */
const char *board_json_clean(struct arena *a, const char *text);

void board_json_close(struct board_json *j);

#endif
