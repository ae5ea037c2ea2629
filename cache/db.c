/* SPDX-License-Identifier: MIT
 *
 * SQLite with our habits; see db.h.
 */
#include "cache/db.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "os/clock.h"

enum { BUSY_MS = 10000 };

static bool fail(struct db *db, struct err *e)
{
	int code = sqlite3_errcode(db->handle);

	err_set(e, "the store's index: %s", sqlite3_errmsg(db->handle));
	switch (code & 0xff) {
	case SQLITE_FULL:
	case SQLITE_IOERR: /* also of its shared memory, on a full disk */
		return err_hint(e, "free some disk space, then run the same command again");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_hint(e, "delete the file %s; everything in it can be made again",
				sqlite3_db_filename(db->handle, "main"));
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return err_hint(
			e, "make the cache folder writable, or set MPFLASH_CACHE=/some/folder");
	default:
		return false;
	}
}

static bool exec(struct db *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(db, e);
	return true;
}

/* The first column of the first row, as a number or as text. */
static bool query_pragma(struct db *db, const char *sql, int *number, char text[16], struct err *e)
{
	sqlite3_stmt *st;
	bool ok;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL) != SQLITE_OK)
		return fail(db, e);
	ok = sqlite3_step(st) == SQLITE_ROW;
	if (ok && number)
		*number = sqlite3_column_int(st, 0);
	if (ok && text) {
		const char *s = (const char *)sqlite3_column_text(st, 0);

		strncpy(text, s ? s : "", 15);
		text[15] = '\0';
	}
	if (!ok)
		fail(db, e);
	sqlite3_finalize(st);
	return ok;
}

/*
 * SQLite does not wait by itself while another process turns the same new file to a write-ahead log: busy_timeout does
 * not hold for this lock.
 */
static bool use_wal(struct db *db, char mode[16], struct err *e)
{
	int64_t end = clock_ms() + BUSY_MS;

	while (!query_pragma(db, "PRAGMA journal_mode=WAL", NULL, mode, e)) {
		if ((sqlite3_errcode(db->handle) & 0xff) != SQLITE_BUSY || clock_ms() > end)
			return false;
		err_free(e);
		clock_sleep_ms(5);
	}
	return true;
}

static bool configure(struct db *db, struct err *e)
{
	char mode[16];

	sqlite3_busy_timeout(db->handle, BUSY_MS);
	if (!use_wal(db, mode, e))
		return false;
	if (strcmp(mode, "wal") != 0 && strcmp(mode, "memory") != 0) {
		err_set(e, "the store's index cannot use a write-ahead log here (it got '%s')",
			mode);
		return err_hint(e,
				"put the cache on a local file system: MPFLASH_CACHE=/some/folder");
	}
	return exec(db, "PRAGMA foreign_keys=ON; PRAGMA synchronous=NORMAL", e);
}

static bool migrate_one(struct db *db, const char *sql, int version, struct err *e)
{
	char set[48];
	int now = 0;

	if (!db_begin(db, e))
		return false;
	/* Another process may have done it while we waited for the lock. */
	if (!query_pragma(db, "PRAGMA user_version", &now, NULL, e))
		goto fail;
	if (now > version) {
		db_rollback(db);
		return true;
	}
	sqlite3_snprintf(sizeof(set), set, "PRAGMA user_version=%d", version + 1);
	if (exec(db, sql, e) && exec(db, set, e) && db_commit(db, e))
		return true;
fail:
	db_rollback(db);
	return false;
}

static bool migrate(struct db *db, const char *const *migrations, int count, struct err *e)
{
	int version = 0;

	if (!query_pragma(db, "PRAGMA user_version", &version, NULL, e))
		return false;
	if (version > count) {
		err_set(e, "the store was made by a newer mpflash (version %d, this one knows %d)",
			version, count);
		return err_hint(e,
				"update mpflash, or use another store: MPFLASH_CACHE=/some/folder");
	}
	for (; version < count; version++)
		if (!migrate_one(db, migrations[version], version, e))
			return false;
	return true;
}

bool db_open(struct db *db, const char *path, const char *const *migrations, int migration_count,
	     const char *const *sql, int sql_count, struct err *e)
{
	*db = (struct db){ .sql = sql, .count = sql_count };
	db->statements = xcalloc((size_t)sql_count, sizeof(sqlite3_stmt *));
	if (sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
	    SQLITE_OK)
		fail(db, e);
	else if (configure(db, e) && migrate(db, migrations, migration_count, e))
		return true;
	err_wrap(e, "cannot open %s", path);
	db_close(db);
	return false;
}

void db_close(struct db *db)
{
	for (int i = 0; db->statements && i < db->count; i++)
		sqlite3_finalize(db->statements[i]);
	free(db->statements);
	db->statements = NULL;
	sqlite3_close(db->handle);
	db->handle = NULL;
}

bool db_begin(struct db *db, struct err *e)
{
	if (!db->depth && !exec(db, "BEGIN IMMEDIATE", e))
		return false;
	db->depth++;
	return true;
}

bool db_commit(struct db *db, struct err *e)
{
	if (db->depth > 1) {
		db->depth--;
		return true;
	}
	if (!exec(db, "COMMIT", e))
		return false;
	db->depth = 0;
	return true;
}

void db_rollback(struct db *db)
{
	db->depth = 0;
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

sqlite3_stmt *db_statement(struct db *db, int number, struct err *e)
{
	sqlite3_stmt **st = &db->statements[number];

	if (!*st && sqlite3_prepare_v3(db->handle, db->sql[number], -1, SQLITE_PREPARE_PERSISTENT,
				       st, NULL) != SQLITE_OK) {
		fail(db, e);
		return NULL;
	}
	sqlite3_reset(*st);
	sqlite3_clear_bindings(*st);
	return *st;
}

static void check_bind(int code)
{
	if (code != SQLITE_OK)
		BUG("sqlite3 bind: %s", sqlite3_errstr(code));
}

void db_bind_text(sqlite3_stmt *st, int at, const char *text)
{
	check_bind(sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC));
}

void db_bind_blob(sqlite3_stmt *st, int at, const void *data, size_t len)
{
	check_bind(sqlite3_bind_blob64(st, at, len ? data : "", len, SQLITE_STATIC));
}

void db_bind_digest(sqlite3_stmt *st, int at, const struct digest *d)
{
	db_bind_blob(st, at, d->bytes, sizeof(d->bytes));
}

void db_bind_int(sqlite3_stmt *st, int at, int64_t v)
{
	check_bind(sqlite3_bind_int64(st, at, v));
}

bool db_step(struct db *db, sqlite3_stmt *st, bool *row, struct err *e)
{
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*row = true;
		return true;
	case SQLITE_DONE:
		*row = false;
		sqlite3_reset(st);
		return true;
	default:
		fail(db, e);
		sqlite3_reset(st);
		return false;
	}
}

bool db_run(struct db *db, sqlite3_stmt *st, struct err *e)
{
	bool row;

	return db_step(db, st, &row, e);
}

const char *db_text(sqlite3_stmt *st, int at, struct arena *a)
{
	const char *s = (const char *)sqlite3_column_text(st, at);

	return arena_strdup(a, s ? s : "");
}

struct digest db_digest(sqlite3_stmt *st, int at)
{
	struct digest d = { { 0 } };

	if (sqlite3_column_bytes(st, at) == (int)sizeof(d.bytes))
		memcpy(d.bytes, sqlite3_column_blob(st, at), sizeof(d.bytes));
	return d;
}
