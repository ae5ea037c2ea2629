/* SPDX-License-Identifier: MIT
 *
 * board_info.toml: what the owner of a board wrote down on the board itself. Read is the part of TOML that such a file
 * needs: `key = value` with strings (of one line), true, false and whole numbers, at the top or in tables of one name ([mpflash]).
 * What is anything else (arrays, dates, nested tables) is passed over, line by line: it is a device's file, and may hold anything.
 */
#ifndef BOARD_BOARD_INFO_H
#define BOARD_BOARD_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"

enum board_info_type { BOARD_INFO_TEXT, BOARD_INFO_BOOL, BOARD_INFO_INT };

struct board_info_entry {
	const char *table; /* "": at the top */
	const char *key;
	enum board_info_type type;
	const char *text; /* printable; NULL for the other types */
	int64_t number;   /* of a bool, 0 or 1 */
};

/* Everything in the arena; in the order of the file. */
struct board_info {
	struct board_info_entry *items;
	size_t count;
};

/* `text` may be NULL. At most 64 entries are taken; of two with one name, the first. */
void board_info_parse(const char *text, struct arena *a, struct board_info *out);

/* NULL: not there, or no text. */
const char *board_info_text(const struct board_info *info, const char *table, const char *key);
bool board_info_true(const struct board_info *info, const char *table, const char *key);

/* As an object: the values of the top, then one object a table. */
void board_info_json(const struct board_info *info, struct json *j, const char *name);

#endif
