/* SPDX-License-Identifier: MIT
 *
 * Rows of mpflash.db; see database.h.
 */
#include "library/database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cache/db.h"
#include "library/schema.h"
#include "os/fs.h"

/* A file is named with '/' by us, with '\' by old Windows ones: the same file. */
#define SAME_FILE "replace(firmware_file, '\\', '/')"
#define FIRMWARE_COLUMNS \
	"board_id, version, firmware_file, port, description, source, build, custom"

enum statement {
	LIST_FIRMWARES,
	LIST_BOARD,
	LIST_CUSTOM,
	LIST_OLD, /* of a file without the column custom_id */
	LIST_OLD_BOARD,
	PUT_FIRMWARE,
	DROP_FIRMWARE,
	DROP_OTHER_SPELLING,
	LIST_BOARDS,
	PUT_BOARD,
	GET_METADATA,
	PUT_METADATA,
	PUT_DIGEST,
	GET_DIGEST,
	STATEMENT_COUNT,
};

static const char *const sql[STATEMENT_COUNT] = {
	[LIST_FIRMWARES] = "SELECT " FIRMWARE_COLUMNS ", custom_id FROM firmwares ORDER BY rowid",
	[LIST_BOARD] = "SELECT " FIRMWARE_COLUMNS ", custom_id FROM firmwares WHERE board_id = ?1"
		       " ORDER BY rowid",
	[LIST_CUSTOM] = "SELECT " FIRMWARE_COLUMNS ", custom_id FROM firmwares"
			" WHERE custom_id = ?1 OR substr(custom_id, 1, length(?1) + 1) = ?1 || '@'"
			" ORDER BY rowid",
	[LIST_OLD] = "SELECT " FIRMWARE_COLUMNS ", NULL FROM firmwares ORDER BY rowid",
	[LIST_OLD_BOARD] = "SELECT " FIRMWARE_COLUMNS ", NULL FROM firmwares WHERE board_id = ?1"
			   " ORDER BY rowid",
	[PUT_FIRMWARE] =
		"INSERT INTO firmwares(" FIRMWARE_COLUMNS ", custom_id)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
		" ON CONFLICT(board_id, version, firmware_file) DO UPDATE SET port = ?4, description = ?5,"
		" source = ?6, build = ?7, custom = ?8, custom_id = ?9",
	[DROP_FIRMWARE] =
		"DELETE FROM firmwares WHERE board_id = ?1 AND version = ?2 AND " SAME_FILE
		" IN (?3, './' || ?3)",
	[DROP_OTHER_SPELLING] = "DELETE FROM firmwares WHERE board_id = ?1 AND version = ?2"
				" AND firmware_file <> ?3 AND " SAME_FILE " IN (?3, './' || ?3)",
	[LIST_BOARDS] =
		"SELECT board_id, version, board_name, mcu, variant, port, path, description, family, custom"
		" FROM boards WHERE ?1 IS NULL OR version = ?1 ORDER BY version, board_id",
	[PUT_BOARD] =
		"INSERT INTO boards(board_id, version, board_name, mcu, variant, port, path, description, family, custom)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
		" ON CONFLICT(board_id, version) DO UPDATE SET board_name = ?3, mcu = ?4, variant = ?5, port = ?6,"
		" path = ?7, description = ?8, family = ?9, custom = ?10",
	[GET_METADATA] = "SELECT value FROM metadata WHERE name = ?1",
	[PUT_METADATA] = "INSERT INTO metadata(name, value) VALUES(?1, ?2)"
			 " ON CONFLICT(name) DO UPDATE SET value = ?2",
	[PUT_DIGEST] =
		"INSERT OR REPLACE INTO firmware_digests(firmware_file, sha256, size, mtime_ns)"
		" VALUES(?1, ?2, ?3, ?4)",
	[GET_DIGEST] = "SELECT sha256 FROM firmware_digests"
		       " WHERE firmware_file = ?1 AND size = ?2 AND mtime_ns = ?3",
};

static const struct db_words words = {
	.name = "the library's database",
	.full = "free some disk space, then run the same command again",
	.damaged =
		"put a copy of yours in its place, or move it away: a new one knows no firmware yet",
	.unwritable = "make the firmware folder writable, or use another one: --dir DIR",
	.busy = "another program has it open and writes: try again when that is done",
};

struct database {
	struct db db;
	struct schema schema;
	char *folder;
};

/* --- opening -------------------------------------------------------------------------------------------------- */

static bool attach(struct database *d, const char *path, int flags, struct err *e)
{
	sqlite3 *handle = NULL;
	int code = sqlite3_open_v2(path, &handle, flags, NULL);

	db_attach(&d->db, handle, &words, sql, STATEMENT_COUNT);
	return code == SQLITE_OK || db_failed(&d->db, e);
}

static bool open_reading(struct database *d, const char *path, struct err *e)
{
	if (!fs_exists(path))
		return attach(d, ":memory:", SQLITE_OPEN_READWRITE, e) &&
		       schema_make(&d->db, &d->schema, e);
	if (attach(d, path, SQLITE_OPEN_READONLY, e) && schema_read(&d->db, &d->schema, e))
		return true;
	/* What a writer left when it was killed is put right by whoever may write; SQLite does it by itself. */
	if ((sqlite3_errcode(d->db.handle) & 0xff) != SQLITE_READONLY &&
	    (sqlite3_errcode(d->db.handle) & 0xff) != SQLITE_CANTOPEN)
		return false;
	err_free(e);
	db_close(&d->db);
	return attach(d, path, SQLITE_OPEN_READWRITE, e) && schema_read(&d->db, &d->schema, e);
}

/* A database of a thousand firmwares is read in milliseconds; what is damaged must not be written into. */
static bool check_whole(struct database *d, struct err *e)
{
	if (db_is_whole(&d->db))
		return true;
	err_set(e, "the library's database is damaged");
	return err_hint(e, "%s", words.damaged);
}

static bool open_writing(struct database *d, const char *path, struct err *e)
{
	return fs_mkdirs(d->folder, e) &&
	       attach(d, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, e) &&
	       schema_read(&d->db, &d->schema, e) && check_whole(d, e) &&
	       schema_make(&d->db, &d->schema, e);
}

struct database *database_open(const char *folder, enum database_mode mode, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;
	struct database *d = xcalloc(1, sizeof(*d));
	bool ok;

	d->folder = xstrdup(folder);
	strbuf_addf(&path, "%s/mpflash.db", folder);
	if (db_is_cut(path.buf)) {
		ok = err_set(e, "the file is cut short");
		err_hint(e, "%s", words.damaged);
	} else {
		ok = mode == DATABASE_WRITE ? open_writing(d, path.buf, e)
					    : open_reading(d, path.buf, e);
	}
	if (ok)
		return d;
	err_wrap(e, "cannot use %s", path.buf);
	database_close(d);
	return NULL;
}

void database_close(struct database *d)
{
	if (!d)
		return;
	db_close(&d->db);
	free(d->folder);
	free(d);
}

const char *database_folder(const struct database *d)
{
	return d->folder;
}

bool database_begin(struct database *d, struct err *e)
{
	return db_begin(&d->db, e);
}

bool database_commit(struct database *d, struct err *e)
{
	return db_commit(&d->db, e);
}

void database_rollback(struct database *d)
{
	db_rollback(&d->db);
}

/* --- firmwares ------------------------------------------------------------------------------------------------ */

/* "\" to "/", no "./" before it. */
static const char *plain_file(struct arena *a, const char *file)
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
		.file = plain_file(a, db_text(st, 2, a)),
		.port = db_text(st, 3, a),
		.description = db_text(st, 4, a),
		.source = db_text(st, 5, a),
		.build = sqlite3_column_int64(st, 6),
		.custom = sqlite3_column_int(st, 7) != 0,
		.custom_id = sqlite3_column_type(st, 8) == SQLITE_NULL ? NULL : db_text(st, 8, a),
	};
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

static enum statement list_statement(const struct database *d, const char *board_id, bool custom)
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

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static void bind_key(sqlite3_stmt *st, const struct firmware_row *row, const char *file)
{
	db_bind_text(st, 1, row->board_id);
	db_bind_text(st, 2, row->version);
	db_bind_text(st, 3, file);
}

/* Runs a statement that takes board, version and file. */
static bool drop(struct database *d, enum statement which, const struct firmware_row *row,
		 struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	sqlite3_stmt *st = db_statement(&d->db, which, e);

	if (!st)
		return false;
	bind_key(st, row, plain_file(&a, row->file));
	return db_run(&d->db, st, e);
}

static bool put_row(struct database *d, const struct firmware_row *row, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	sqlite3_stmt *st = db_statement(&d->db, PUT_FIRMWARE, e);

	if (!st)
		return false;
	bind_key(st, row, plain_file(&a, row->file));
	db_bind_text(st, 4, or_empty(row->port));
	db_bind_text(st, 5, or_empty(row->description));
	db_bind_text(st, 6, or_empty(row->source));
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

/* ENOTDIR too: what was a folder is a file now. */
static bool is_gone(const struct database *d, const struct firmware_row *row)
{
	AUTO_STRBUF path = STRBUF_INIT;
	struct fs_stat st;

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

/* --- boards and metadata -------------------------------------------------------------------------------------- */

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

bool database_boards(struct database *d, const char *version, struct arena *a,
		     struct board_rows *out, struct err *e)
{
	struct board_rows found = { 0 };
	sqlite3_stmt *st;
	bool row = true, ok = true;

	*out = (struct board_rows){ 0 };
	if (!d->schema.boards)
		return true;
	st = db_statement(&d->db, LIST_BOARDS, e);
	if (!st)
		return false;
	if (version)
		db_bind_text(st, 1, version);
	while ((ok = db_step(&d->db, st, &row, e)) && row)
		vec_push(&found, read_board(st, a));
	MOVE_TO_ARENA(&found, a);
	*out = found;
	return ok;
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
		db_bind_text(st, (int)i + 1, or_empty(texts[i]));
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

/* --- digests -------------------------------------------------------------------------------------------------- */

/* The file's name as we write it, and what the disk says of it. */
static bool look_at(const struct database *d, struct arena *a, const char **file,
		    struct fs_stat *st)
{
	AUTO_STRBUF path = STRBUF_INIT;
	const struct firmware_row row = { .file = plain_file(a, *file) };

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
