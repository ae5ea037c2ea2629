/* SPDX-License-Identifier: MIT
 *
 * SQLite with our habits; see db.h.
 */
#include "cache/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "os/clock.h"
#include "os/fs.h"

enum { BUSY_MS = 10000 };

static const struct db_words store_words = {
	.name = "the store's index",
	.full = "free some disk space, then run the same command again",
	.damaged = "run the same command again: the damaged index is put aside then, and made anew",
	.unwritable = "make the cache folder writable, or set MPFLASH_CACHE=/some/folder",
};

static bool advise(struct err *e, const char *step)
{
	return step ? err_hint(e, "%s", step) : false;
}

bool db_failed(struct db *db, struct err *e)
{
	const struct db_words *words = db->words ? db->words : &store_words;
	int code = sqlite3_errcode(db->handle) & 0xff;

	err_set(e, "%s: %s", words->name, sqlite3_errmsg(db->handle));
	db->damaged = db->damaged || code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
	switch (code) {
	case SQLITE_FULL:
	case SQLITE_IOERR: /* also of its shared memory, on a full disk */
		return advise(e, words->full);
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return advise(e, words->damaged);
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return advise(e, words->unwritable);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return advise(e, words->busy);
	default:
		return false;
	}
}

bool db_exec(struct db *db, const char *sql, struct err *e)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, e);
	return true;
}

/* The first column of the first row, as a number or as text. */
static bool query(struct db *db, const char *sql, int64_t *number, char text[16], struct err *e)
{
	sqlite3_stmt *st;
	bool ok;

	if (sqlite3_prepare_v2(db->handle, sql, -1, &st, NULL) != SQLITE_OK)
		return db_failed(db, e);
	ok = sqlite3_step(st) == SQLITE_ROW;
	if (ok && number)
		*number = sqlite3_column_int64(st, 0);
	if (ok && text) {
		const char *s = (const char *)sqlite3_column_text(st, 0);

		strncpy(text, s ? s : "", 15);
		text[15] = '\0';
	}
	if (!ok)
		db_failed(db, e);
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

	while (!query(db, "PRAGMA journal_mode=WAL", NULL, mode, e)) {
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

	/* Of a new file: manifests and the digests of files are long rows, which come in fewer reads. */
	if (!db_exec(db, "PRAGMA page_size=16384", e) || !use_wal(db, mode, e))
		return false;
	if (strcmp(mode, "wal") != 0 && strcmp(mode, "memory") != 0) {
		err_set(e, "the store's index cannot use a write-ahead log here (it got '%s')",
			mode);
		return err_hint(e,
				"put the cache on a local file system: MPFLASH_CACHE=/some/folder");
	}
	return db_exec(db, "PRAGMA foreign_keys=ON; PRAGMA synchronous=NORMAL", e);
}

bool db_number(struct db *db, const char *sql, int64_t *out, struct err *e)
{
	return query(db, sql, out, NULL, e);
}

bool db_is_whole(struct db *db)
{
	AUTO_ERR ignored = ERR_INIT;
	char verdict[16] = "";

	return query(db, "PRAGMA integrity_check(1)", NULL, verdict, &ignored) &&
	       strcmp(verdict, "ok") == 0;
}

static bool migrate_one(struct db *db, const char *sql, int version, struct err *e)
{
	char set[80];
	int64_t now = 0;

	if (!db_begin(db, e))
		return false;
	/* Another process may have done it while we waited for the lock. */
	if (!query(db, "PRAGMA user_version", &now, NULL, e))
		goto fail;
	if (now > version) {
		db_rollback(db);
		return true;
	}
	sqlite3_snprintf(sizeof(set), set, "PRAGMA user_version=%d; PRAGMA application_id=%d",
			 version + 1, DB_APPLICATION_ID);
	if (db_exec(db, sql, e) && db_exec(db, set, e) && db_commit(db, e))
		return true;
	/* The statements are right: what they work on is not what they expect. */
	if (sqlite3_errcode(db->handle) == SQLITE_ERROR)
		db->damaged = true;
fail:
	db_rollback(db);
	return false;
}

/* Another program's file: tables without a version of ours, or somebody's mark. */
static bool check_ours(struct db *db, int count, struct err *e)
{
	int64_t version = 0, id = 0, tables = 0;

	if (!query(db, "PRAGMA user_version", &version, NULL, e) ||
	    !query(db, "PRAGMA application_id", &id, NULL, e) ||
	    !query(db, "SELECT count(*) FROM sqlite_master", &tables, NULL, e))
		return false;
	if (id == DB_APPLICATION_ID || (!id && (version ? version < count : !tables)))
		return true;
	db->damaged = true;
	return err_set(e, "the store's index: it is another program's database");
}

/* Before anything is changed, and in one transaction: somebody may be making the file just now. */
static bool check_before(struct db *db, int count, struct err *e)
{
	bool ok = db_exec(db, "BEGIN", e) && check_ours(db, count, e);

	db_rollback(db);
	return ok;
}

static bool read_version(struct db *db, int count, int *version, struct err *e)
{
	int64_t found = 0;

	if (!query(db, "PRAGMA user_version", &found, NULL, e))
		return false;
	*version = (int)found;
	if (*version <= count)
		return true;
	err_set(e, "the store was made by a newer mpflash (version %d, this one knows %d)",
		*version, count);
	return err_hint(e, "update mpflash, or use another store: MPFLASH_CACHE=/some/folder");
}

static bool migrate(struct db *db, const char *const *migrations, int count, struct err *e)
{
	int version;

	if (!read_version(db, count, &version, e))
		return false;
	for (; version < count; version++)
		if (!migrate_one(db, migrations[version], version, e))
			return false;
	return true;
}

/*
 * What the file says of its own length (SQLite's file format, 1.3: page size at 16, pages at 28 when the counters at 24
 * and 92 agree). SQLite itself tells a cut file only when it needs what is missing. Not while there is a log: then the
 * header may be ahead of the file.
 */
bool db_is_cut(const char *path)
{
	AUTO_STRBUF wal = STRBUF_INIT;
	uint8_t h[100];
	struct fs_stat st;
	FILE *f;
	size_t n;

	strbuf_addf(&wal, "%s-wal", path);
	if (fs_lstat(wal.buf, &st) && st.size)
		return false;
	f = fopen(path, "rbe");
	n = f ? fread(h, 1, sizeof(h), f) : 0;
	if (f)
		fclose(f);
	if (n < sizeof(h) || memcmp(h, "SQLite format 3", 16) != 0 ||
	    memcmp(h + 24, h + 92, 4) != 0 || !fs_lstat(path, &st))
		return false;
	return st.size < (uint64_t)(h[16] << 8 | h[17] << 16) *
				 ((uint64_t)h[28] << 24 | h[29] << 16 | h[30] << 8 | h[31]);
}

static void start(struct db *db, const char *const *sql, int sql_count)
{
	*db = (struct db){ .sql = sql, .count = sql_count };
	db->statements = xcalloc((size_t)sql_count, sizeof(sqlite3_stmt *));
}

static bool open_failed(struct db *db, const char *path, struct err *e)
{
	err_wrap(e, "cannot open %s", path);
	db_close(db);
	return false;
}

bool db_open(struct db *db, const char *path, const char *const *migrations, int migration_count,
	     const char *const *sql, int sql_count, struct err *e)
{
	start(db, sql, sql_count);
	if (db_is_cut(path)) {
		db->damaged = true;
		err_set(e, "the store's index: the file is cut short");
	} else if (sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
				   NULL) != SQLITE_OK) {
		db_failed(db, e);
	} else {
		int version;

		sqlite3_busy_timeout(db->handle, BUSY_MS);
		if (check_before(db, migration_count, e) &&
		    read_version(db, migration_count, &version, e) && configure(db, e) &&
		    migrate(db, migrations, migration_count, e))
			return true;
	}
	return open_failed(db, path, e);
}

/* --- for reading alone ---------------------------------------------------------------------------------------- */

/*
 * SQLite makes -shm and -wal files even to read, unless told that the file is immutable. That holds when no log is
 * there: a process that has the database open keeps one.
 */
static bool open_reading(struct db *db, const char *path, struct err *e)
{
	AUTO_STRBUF uri = STRBUF_INIT, wal = STRBUF_INIT;
	struct fs_stat st;
	bool logged;

	strbuf_addf(&wal, "%s-wal", path);
	logged = fs_lstat(wal.buf, &st);
	strbuf_adds(&uri, "file:");
	for (const char *p = path; *p; p++)
		if (strchr("%?#", *p))
			strbuf_addf(&uri, "%%%02x", (unsigned char)*p);
		else
			strbuf_addch(&uri, *p);
	strbuf_adds(&uri, logged ? "?mode=ro" : "?mode=ro&immutable=1");
	if (sqlite3_open_v2(uri.buf, &db->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) !=
	    SQLITE_OK)
		return db_failed(db, e);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	return true;
}

/* The content of an older version, as a database in memory that can be migrated. */
static bool move_to_memory(struct db *db, struct err *e)
{
	sqlite3 *memory = NULL;
	sqlite3_backup *backup;
	int code = sqlite3_open(":memory:", &memory);

	if (code == SQLITE_OK) {
		backup = sqlite3_backup_init(memory, "main", db->handle, "main");
		if (backup)
			sqlite3_backup_step(backup, -1);
		code = backup ? sqlite3_backup_finish(backup) : sqlite3_errcode(memory);
	}
	if (code != SQLITE_OK)
		err_set(e, "the store's index: %s", sqlite3_errstr(code));
	sqlite3_close(db->handle);
	db->handle = memory;
	/* A database in memory keeps no log. */
	return code == SQLITE_OK &&
	       db_exec(db, "PRAGMA journal_mode=MEMORY; PRAGMA foreign_keys=ON", e);
}

static bool read_or_copy(struct db *db, const char *path, const char *const *migrations, int count,
			 struct err *e)
{
	int version;

	if (db_is_cut(path)) {
		db->damaged = true;
		return err_set(e, "the store's index: the file is cut short");
	}
	if (!open_reading(db, path, e) || !check_before(db, count, e) ||
	    !read_version(db, count, &version, e))
		return false;
	return version == count || (move_to_memory(db, e) && migrate(db, migrations, count, e));
}

void db_attach(struct db *db, sqlite3 *handle, const struct db_words *words, const char *const *sql,
	       int sql_count)
{
	start(db, sql, sql_count);
	db->handle = handle;
	db->words = words;
	sqlite3_busy_timeout(handle, BUSY_MS);
}

bool db_open_reading(struct db *db, const char *path, const char *const *migrations,
		     int migration_count, const char *const *sql, int sql_count, struct err *e)
{
	if (!fs_exists(path))
		return db_open(db, ":memory:", migrations, migration_count, sql, sql_count, e);
	start(db, sql, sql_count);
	return read_or_copy(db, path, migrations, migration_count, e) || open_failed(db, path, e);
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
	if (!db->depth && !db_exec(db, "BEGIN IMMEDIATE", e))
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
	if (!db_exec(db, "COMMIT", e))
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
		db_failed(db, e);
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
		db_failed(db, e);
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
