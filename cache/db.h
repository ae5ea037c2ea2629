/* SPDX-License-Identifier: MIT
 *
 * SQLite with our habits: one table of statements prepared lazily, every bind checked, append-only migrations.
 */
#ifndef CACHE_DB_H
#define CACHE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"

/* "mpfl": in the header of each of our files, so that another program's is told from one of a newer version. */
enum { DB_APPLICATION_ID = 0x6d70666c };

/* How messages call the file, and the next step that they name; a NULL step: none. */
struct db_words {
	const char *name;       /* "the store's index" */
	const char *full;       /* the disk is full, or fails */
	const char *damaged;    /* the file is no database, or a malformed one */
	const char *unwritable; /* it cannot be opened or written */
	const char *busy;       /* somebody else kept it locked for too long */
};

struct db {
	sqlite3 *handle;
	const struct db_words *words; /* NULL: the store's index */
	const char *const *sql;       /* the statements, by number */
	sqlite3_stmt **statements;
	int count;
	int depth; /* of db_begin */
	/* what the file holds is damaged, or is no database of ours: set by whatever fails for that reason */
	bool damaged;
};

/*
 * Opens (or makes) the database and brings it to the newest version: migrations[i] takes user_version i to i+1,
 * each in one transaction. A newer one is refused. After a failure db->damaged says whether the file is the reason: it is
 * cut short, malformed, or holds other things than the migrations can start from.
 */
bool db_open(struct db *db, const char *path, const char *const *migrations, int migration_count,
	     const char *const *sql, int sql_count, struct err *e);

/*
 * The same for reading alone: nothing on the disk is made or changed. Works in a folder that cannot be written. A file
 * of an older version is migrated in memory; one that does not exist is a new one in memory.
 */
bool db_open_reading(struct db *db, const char *path, const char *const *migrations,
		     int migration_count, const char *const *sql, int sql_count, struct err *e);
/*
 * For a database that has its own ways: takes over an open handle, with our time-out when it is locked. db_close closes it.
 * Schema, log and pragmas are the caller's.
 */
void db_attach(struct db *db, sqlite3 *handle, const struct db_words *words, const char *const *sql,
	       int sql_count);
void db_close(struct db *db); /* takes one that could not be opened too */

/* Whether the file is shorter than its header says (SQLite tells only when it needs what is missing). */
bool db_is_cut(const char *path);

/* Statements without results. */
bool db_exec(struct db *db, const char *sql, struct err *e);

/* Fills the error from what SQLite said last; returns false. */
bool db_failed(struct db *db, struct err *e);

/* Whether SQLite finds no fault in any page (it reads them all). */
bool db_is_whole(struct db *db);

/* One number that a statement without bindings gives (a PRAGMA, a count). */
bool db_number(struct db *db, const char *sql, int64_t *out, struct err *e);

/* BEGIN IMMEDIATE / COMMIT; may be nested: the outermost counts. db_rollback ends all; it is safe when none is open. */
bool db_begin(struct db *db, struct err *e);
bool db_commit(struct db *db, struct err *e);
void db_rollback(struct db *db);

/* The statement, reset and with no bindings. NULL with an error. */
sqlite3_stmt *db_statement(struct db *db, int number, struct err *e);

/* Binding by position from 1. Text and blobs must live until the statement is stepped. */
void db_bind_text(sqlite3_stmt *st, int at, const char *text);
void db_bind_blob(sqlite3_stmt *st, int at, const void *data, size_t len);
void db_bind_digest(sqlite3_stmt *st, int at, const struct digest *d);
void db_bind_int(sqlite3_stmt *st, int at, int64_t v);

/* Steps: *row says whether there is a row. db_run wants none. */
bool db_step(struct db *db, sqlite3_stmt *st, bool *row, struct err *e);
bool db_run(struct db *db, sqlite3_stmt *st, struct err *e);

const char *db_text(sqlite3_stmt *st, int at, struct arena *a); /* from 0; "" for NULL */
struct digest db_digest(sqlite3_stmt *st, int at);              /* zero when it is none */

#endif
