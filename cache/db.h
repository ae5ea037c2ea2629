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

struct db {
	sqlite3 *handle;
	const char *const *sql; /* the statements, by number */
	sqlite3_stmt **statements;
	int count;
	int depth; /* of db_begin */
};

/*
 * Opens (or makes) the database and brings it to the newest version: migrations[i] takes user_version i to i+1,
 * each in one transaction. A newer one is refused.
 */
bool db_open(struct db *db, const char *path, const char *const *migrations, int migration_count,
	     const char *const *sql, int sql_count, struct err *e);
void db_close(struct db *db);

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
