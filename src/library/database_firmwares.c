/* SPDX-License-Identifier: MIT
 *
 * Firmwares: the rows of files, and the digests of what is in them; see database.h.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/xalloc.h"
#include "library/database_rows.h"
#include "os/fs.h"

/* "\" to "/", no "./" before it. */
const char *database_plain_file(struct arena *a, const char *file)
{
	char *out = arena_strdup(a, file);

	for (char *p = out; *p; p++)
		if (*p == '\\')
			*p = '/';
	while (out[0] == '.' && out[1] == '/')
		out += 2;
	return out;
}

void database_file_path(const struct database *d, const struct firmware_row *row,
			struct strbuf *out)
{
	if (row->file[0] != '/')
		strbuf_addf(out, "%s/", d->folder);
	strbuf_adds(out, row->file);
}

static struct firmware_row read_firmware(sqlite3_stmt *st, struct arena *a)
{
	return (struct firmware_row){
		.board_id = db_text(st, 0, a),
		.version = db_text(st, 1, a),
		.file = database_plain_file(a, db_text(st, 2, a)),
		.port = db_text(st, 3, a),
		.description = db_text(st, 4, a),
		.source = db_text(st, 5, a),
		.build = sqlite3_column_int64(st, 6),
		.custom = sqlite3_column_int(st, 7) != 0,
		.custom_id = sqlite3_column_type(st, 8) == SQLITE_NULL ? NULL : db_text(st, 8, a),
	};
}

static enum database_statement list_statement(const struct database *d, const char *board_id,
					      bool custom)
{
	if (!d->schema.custom_id)
		return board_id ? LIST_OLD_BOARD : LIST_OLD;
	if (!board_id)
		return LIST_FIRMWARES;
	return custom ? LIST_CUSTOM : LIST_BOARD;
}

bool database_firmwares(struct database *d, const char *board_id, bool custom, struct arena *a,
			struct firmware_rows *out, struct err *e)
{
	struct firmware_rows found = { 0 };
	sqlite3_stmt *st;
	bool row = true, ok = true;

	/* Without the column nothing is custom. */
	if (!d->schema.firmwares || (custom && board_id && !d->schema.custom_id))
		return true;
	st = db_statement(&d->db, list_statement(d, board_id, custom), e);
	if (!st)
		return false;
	if (board_id)
		db_bind_text(st, 1, board_id);
	for (size_t i = 0; i < out->count; i++)
		vec_push(&found, out->items[i]);
	while ((ok = db_step(&d->db, st, &row, e)) && row)
		vec_push(&found, read_firmware(st, a));
	MOVE_TO_ARENA(&found, a);
	*out = found;
	return ok;
}

static void bind_key(sqlite3_stmt *st, const struct firmware_row *row, const char *file)
{
	db_bind_text(st, 1, row->board_id);
	db_bind_text(st, 2, row->version);
	db_bind_text(st, 3, file);
}

/* Runs a statement that takes board, version and file. */
static bool drop(struct database *d, enum database_statement which, const struct firmware_row *row,
		 struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	sqlite3_stmt *st = db_statement(&d->db, which, e);

	if (!st)
		return false;
	bind_key(st, row, database_plain_file(&a, row->file));
	return db_run(&d->db, st, e);
}

static bool put_row(struct database *d, const struct firmware_row *row, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	sqlite3_stmt *st = db_statement(&d->db, PUT_FIRMWARE, e);

	if (!st)
		return false;
	bind_key(st, row, database_plain_file(&a, row->file));
	db_bind_text(st, 4, text_or_empty(row->port));
	db_bind_text(st, 5, text_or_empty(row->description));
	db_bind_text(st, 6, text_or_empty(row->source));
	db_bind_int(st, 7, row->build);
	db_bind_int(st, 8, row->custom);
	if (row->custom_id)
		db_bind_text(st, 9, row->custom_id);
	return db_run(&d->db, st, e);
}

bool database_put_firmware(struct database *d, const struct firmware_row *row, struct err *e)
{
	if (!database_begin(d, e))
		return false;
	if (drop(d, DROP_OTHER_SPELLING, row, e) && put_row(d, row, e))
		return database_commit(d, e);
	database_rollback(d);
	return false;
}

bool database_drop_firmware(struct database *d, const struct firmware_row *row, struct err *e)
{
	return drop(d, DROP_FIRMWARE, row, e);
}

/* "C:\\...", "\\\\SERVER\\...": only Windows can see whether they are there. */
static bool is_elsewhere(const char *file)
{
	return (isalpha((unsigned char)file[0]) && file[1] == ':') || strncmp(file, "//", 2) == 0;
}

/* ENOTDIR too: what was a folder is a file now. */
static bool is_gone(const struct database *d, const struct firmware_row *row)
{
	AUTO_STRBUF path = STRBUF_INIT;
	struct fs_stat st;

	if (is_elsewhere(row->file))
		return false;
	database_file_path(d, row, &path);
	return !fs_lstat(path.buf, &st) && (errno == ENOENT || errno == ENOTDIR);
}

static bool prune(struct database *d, struct arena *a, struct firmware_rows *dropped, struct err *e)
{
	struct firmware_rows all = { 0 }, gone = { 0 };
	bool ok = database_firmwares(d, NULL, false, a, &all, e);

	for (size_t i = 0; ok && i < all.count; i++)
		if (is_gone(d, &all.items[i])) {
			ok = database_drop_firmware(d, &all.items[i], e);
			vec_push(&gone, all.items[i]);
		}
	MOVE_TO_ARENA(&gone, a);
	if (dropped)
		*dropped = gone;
	return ok;
}

bool database_prune(struct database *d, struct arena *a, struct firmware_rows *dropped,
		    struct err *e)
{
	if (!database_begin(d, e))
		return false;
	if (prune(d, a, dropped, e))
		return database_commit(d, e);
	database_rollback(d);
	return false;
}

/* --- digests -------------------------------------------------------------------------------------------------- */

/* The file's name as we write it, and what the disk says of it. */
static bool look_at(const struct database *d, struct arena *a, const char **file,
		    struct fs_stat *st)
{
	AUTO_STRBUF path = STRBUF_INIT;
	const struct firmware_row row = { .file = database_plain_file(a, *file) };

	*file = row.file;
	database_file_path(d, &row, &path);
	return fs_lstat(path.buf, st);
}

bool database_put_digest(struct database *d, const char *file, const char *sha256, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct fs_stat disk;
	sqlite3_stmt *st;

	if (!look_at(d, &a, &file, &disk))
		return err_sys(e, errno, "cannot look at %s", file);
	if (!schema_make_digests(&d->db, &d->schema, e))
		return false;
	st = db_statement(&d->db, PUT_DIGEST, e);
	if (!st)
		return false;
	db_bind_text(st, 1, file);
	db_bind_text(st, 2, sha256);
	db_bind_int(st, 3, (int64_t)disk.size);
	db_bind_int(st, 4, disk.mtime_ns);
	return db_run(&d->db, st, e);
}

bool database_get_digest(struct database *d, const char *file, char sha256[static SHA256_HEX_SIZE],
			 struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct fs_stat disk;
	sqlite3_stmt *st;
	bool row = false;

	sha256[0] = '\0';
	if (!d->schema.digests || !look_at(d, &a, &file, &disk))
		return true;
	st = db_statement(&d->db, GET_DIGEST, e);
	if (!st)
		return false;
	db_bind_text(st, 1, file);
	db_bind_int(st, 2, (int64_t)disk.size);
	db_bind_int(st, 3, disk.mtime_ns);
	if (!db_step(&d->db, st, &row, e))
		return false;
	if (row && sqlite3_column_bytes(st, 0) == SHA256_HEX_SIZE - 1)
		memcpy(sha256, sqlite3_column_text(st, 0), SHA256_HEX_SIZE);
	sqlite3_reset(st);
	return true;
}
