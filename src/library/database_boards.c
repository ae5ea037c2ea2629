/* SPDX-License-Identifier: MIT
 *
 * Boards and metadata; see database.h.
 */
#include "base/xalloc.h"
#include "library/database_rows.h"

static struct board_row read_board(sqlite3_stmt *st, struct arena *a)
{
	return (struct board_row){
		.board_id = db_text(st, 0, a),
		.version = db_text(st, 1, a),
		.board_name = db_text(st, 2, a),
		.mcu = db_text(st, 3, a),
		.variant = db_text(st, 4, a),
		.port = db_text(st, 5, a),
		.path = db_text(st, 6, a),
		.description = db_text(st, 7, a),
		.family = db_text(st, 8, a),
		.custom = sqlite3_column_int(st, 9) != 0,
	};
}

/* `word`: what the statement wants; NULL: nothing. */
static bool list(struct database *d, enum database_statement which, const char *word,
		 struct arena *a, struct board_rows *out, struct err *e)
{
	struct board_rows found = { 0 };
	sqlite3_stmt *st;
	bool row = true, ok = true;

	*out = (struct board_rows){ 0 };
	if (!d->schema.boards)
		return true;
	st = db_statement(&d->db, which, e);
	if (!st)
		return false;
	if (word)
		db_bind_text(st, 1, word);
	while ((ok = db_step(&d->db, st, &row, e)) && row)
		vec_push(&found, read_board(st, a));
	MOVE_TO_ARENA(&found, a);
	*out = found;
	return ok;
}

bool database_boards(struct database *d, const char *version, struct arena *a,
		     struct board_rows *out, struct err *e)
{
	return list(d, LIST_BOARDS, version, a, out, e);
}

bool database_boards_of(struct database *d, const char *board_id, struct arena *a,
			struct board_rows *out, struct err *e)
{
	return list(d, LIST_BOARDS_OF, board_id, a, out, e);
}

bool database_put_board(struct database *d, const struct board_row *row, struct err *e)
{
	const char *texts[] = {
		row->board_id, row->version,     row->board_name,
		row->mcu,      row->variant,     row->port,
		row->path,     row->description, row->family ? row->family : "micropython",
	};
	sqlite3_stmt *st = db_statement(&d->db, PUT_BOARD, e);

	if (!st)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		db_bind_text(st, (int)i + 1, text_or_empty(texts[i]));
	db_bind_int(st, (int)ARRAY_SIZE(texts) + 1, row->custom);
	return db_run(&d->db, st, e);
}

bool database_get_metadata(struct database *d, const char *name, struct arena *a,
			   const char **value, struct err *e)
{
	sqlite3_stmt *st;
	bool row = false;

	*value = NULL;
	if (!d->schema.metadata)
		return true;
	st = db_statement(&d->db, GET_METADATA, e);
	if (!st)
		return false;
	db_bind_text(st, 1, name);
	if (!db_step(&d->db, st, &row, e))
		return false;
	if (row)
		*value = db_text(st, 0, a);
	sqlite3_reset(st);
	return true;
}

bool database_put_metadata(struct database *d, const char *name, const char *value, struct err *e)
{
	sqlite3_stmt *st = db_statement(&d->db, PUT_METADATA, e);

	if (!st)
		return false;
	db_bind_text(st, 1, name);
	db_bind_text(st, 2, value);
	return db_run(&d->db, st, e);
}
