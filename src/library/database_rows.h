/* SPDX-License-Identifier: MIT
 *
 * What the parts of database.c share: the file's handle, and its statements by number. Only they include this.
 */
#ifndef LIBRARY_DATABASE_ROWS_H
#define LIBRARY_DATABASE_ROWS_H

#include <stdlib.h>
#include <string.h>

#include "cache/db.h"
#include "library/database.h"
#include "library/schema.h"

enum database_statement {
	LIST_FIRMWARES,
	LIST_BOARD,
	LIST_CUSTOM,
	LIST_OLD, /* of a file without the column custom_id */
	LIST_OLD_BOARD,
	PUT_FIRMWARE,
	DROP_FIRMWARE,
	DROP_OTHER_SPELLING,
	LIST_BOARDS,
	LIST_BOARDS_OF,
	PUT_BOARD,
	GET_METADATA,
	PUT_METADATA,
	PUT_DIGEST,
	GET_DIGEST,
	STATEMENT_COUNT,
};

struct database {
	struct db db;
	struct schema schema;
	char *folder;
};

/* A file's name as rows have it: with '/', no "./" before it; in the arena. */
const char *database_plain_file(struct arena *a, const char *file);

static inline const char *text_or_empty(const char *s)
{
	return s ? s : "";
}

/* The rows' vector, moved into the arena. */
#define MOVE_TO_ARENA(list, a)                                         \
	do {                                                           \
		size_t bytes = (list)->count * sizeof(*(list)->items); \
		void *kept = arena_alloc((a), bytes ? bytes : 1);      \
		if (bytes)                                             \
			memcpy(kept, (list)->items, bytes);            \
		free((list)->items);                                   \
		(list)->items = kept;                                  \
		(list)->cap = (list)->count;                           \
	} while (0)

#endif
