/* SPDX-License-Identifier: MIT
 *
 * SQLite with our habits: migrations, refusals, transactions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "cache/db.h"
#include "os/fs.h"
#include "os/process.h"
#include "scratch.h"

static const char *const migrations[] = {
	"CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c BLOB); INSERT INTO t VALUES(1, 'first', x'')",
	"CREATE TABLE u(t INTEGER NOT NULL REFERENCES t(a)); INSERT INTO t VALUES(2, 'second', x'00')",
};

enum { GET, PUT, PUT_U, BROKEN, STATEMENTS };

static const char *const sql[STATEMENTS] = {
	[GET] = "SELECT b, c FROM t WHERE a = ?",
	[PUT] = "INSERT INTO t VALUES(?, ?, ?)",
	[PUT_U] = "INSERT INTO u VALUES(?)",
	[BROKEN] = "SELECT a FROM nowhere",
};

static bool open_with(struct scratch *s, struct db *db, int migration_count)
{
	return db_open(db, scratch_path(s, "x.db"), migrations, migration_count, sql, STATEMENTS,
		       &s->err);
}

static void open_db(struct scratch *s, struct db *db)
{
	must(open_with(s, db, ARRAY_SIZE(migrations)), &s->err);
}

/* The text in a row of t; "" when there is no such row. */
static const char *text_of(struct scratch *s, struct db *db, int64_t a)
{
	sqlite3_stmt *st = db_statement(db, GET, &s->err);
	const char *text;
	bool row;

	must(st != NULL, &s->err);
	db_bind_int(st, 1, a);
	must(db_step(db, st, &row, &s->err), &s->err);
	text = row ? db_text(st, 0, &s->arena) : "";
	sqlite3_reset(st);
	return text;
}

static bool put(struct scratch *s, struct db *db, int64_t a, const char *b)
{
	sqlite3_stmt *st = db_statement(db, PUT, &s->err);

	must(st != NULL, &s->err);
	db_bind_int(st, 1, a);
	db_bind_text(st, 2, b);
	db_bind_blob(st, 3, NULL, 0);
	return db_run(db, st, &s->err);
}

static int user_version(struct scratch *s)
{
	sqlite3_stmt *st;
	sqlite3 *handle;
	int version;

	assert_int_equal(sqlite3_open(scratch_path(s, "x.db"), &handle), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &st, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(handle);
	return version;
}

static void test_a_new_database_gets_every_migration(void **state)
{
	struct scratch *s = *state;
	struct db db;

	open_db(s, &db);
	assert_string_equal(text_of(s, &db, 1), "first");
	assert_string_equal(text_of(s, &db, 2), "second");
	db_close(&db);
	assert_int_equal(user_version(s), 2);
}

static void test_an_old_database_gets_only_what_it_lacks(void **state)
{
	struct scratch *s = *state;
	struct db db;

	must(open_with(s, &db, 1), &s->err);
	must(put(s, &db, 7, "kept"), &s->err);
	db_close(&db);
	assert_int_equal(user_version(s), 1);
	open_db(s, &db);
	assert_string_equal(text_of(s, &db, 7), "kept");
	assert_string_equal(text_of(s, &db, 2), "second");
	db_close(&db);
	assert_int_equal(user_version(s), 2);
}

static void test_a_current_database_is_left_alone(void **state)
{
	struct scratch *s = *state;
	struct db db;

	open_db(s, &db);
	db_close(&db);
	open_db(s, &db); /* CREATE TABLE again would fail */
	db_close(&db);
}

static void test_a_migration_that_fails_changes_nothing(void **state)
{
	static const char *const bad[] = { "CREATE TABLE t(a); CREATE TABLE t(a)" };
	struct scratch *s = *state;
	struct db db;

	assert_false(db_open(&db, scratch_path(s, "x.db"), bad, 1, sql, STATEMENTS, &s->err));
	assert_err(&s->err, "already exists", NULL);
	assert_int_equal(user_version(s), 0);
	open_db(s, &db);
	db_close(&db);
}

static void test_a_newer_database_is_refused_and_not_touched(void **state)
{
	struct scratch *s = *state;
	struct db db;

	open_db(s, &db);
	db_close(&db);
	assert_false(open_with(s, &db, 1));
	assert_err(&s->err, "made by a newer mpflash (version 2, this one knows 1)",
		   "update mpflash");
	assert_has(s->err.msg, scratch_path(s, "x.db"));
	assert_int_equal(user_version(s), 2);
}

static void test_garbage_is_refused_and_told_from_other_failures(void **state)
{
	struct scratch *s = *state;
	struct db db;
	char garbage[8192];

	memset(garbage, 'x', sizeof(garbage));
	scratch_put_bytes(s, "x.db", garbage, sizeof(garbage));
	assert_false(open_with(s, &db, 2));
	assert_err(&s->err, "not a database", "run the same command again");
	assert_has(s->err.msg, scratch_path(s, "x.db"));
	assert_true(db.damaged);
}

static void test_a_folder_in_its_place_is_an_error(void **state)
{
	struct scratch *s = *state;
	struct db db;

	scratch_mkdir(s, "x.db");
	assert_false(open_with(s, &db, 2));
	assert_err(&s->err, "unable to open database file", "cache folder");
	assert_false(db.damaged);
}

static void test_readers_do_not_wait_for_a_writer(void **state)
{
	struct scratch *s = *state;
	struct db writer, reader;

	open_db(s, &writer);
	open_db(s, &reader);
	must(db_begin(&writer, &s->err), &s->err);
	must(put(s, &writer, 9, "new"), &s->err);
	assert_string_equal(text_of(s, &reader, 9), "");
	must(db_commit(&writer, &s->err), &s->err);
	assert_string_equal(text_of(s, &reader, 9), "new");
	db_close(&writer);
	db_close(&reader);
}

static void test_a_rollback_takes_everything_back(void **state)
{
	struct scratch *s = *state;
	struct db db;

	open_db(s, &db);
	must(db_begin(&db, &s->err), &s->err);
	must(put(s, &db, 9, "new"), &s->err);
	db_rollback(&db);
	assert_string_equal(text_of(s, &db, 9), "");
	db_rollback(&db);
	db_close(&db);
}

static void test_a_statement_forgets_what_was_bound(void **state)
{
	struct scratch *s = *state;
	struct db db;
	bool row = true;

	open_db(s, &db);
	assert_string_equal(text_of(s, &db, 1), "first");
	must(db_step(&db, db_statement(&db, GET, &s->err), &row, &s->err), &s->err);
	assert_false(row);
	db_close(&db);
}

static void test_foreign_keys_hold(void **state)
{
	struct scratch *s = *state;
	sqlite3_stmt *st;
	struct db db;

	open_db(s, &db);
	st = db_statement(&db, PUT_U, &s->err);
	db_bind_int(st, 1, 99);
	assert_false(db_run(&db, st, &s->err));
	assert_err(&s->err, "FOREIGN KEY", NULL);
	db_close(&db);
}

static void test_a_duplicate_key_is_an_error_and_the_next_statement_works(void **state)
{
	struct scratch *s = *state;
	struct db db;

	open_db(s, &db);
	assert_false(put(s, &db, 1, "again"));
	assert_err(&s->err, "UNIQUE", NULL);
	must(put(s, &db, 3, "third"), &s->err);
	assert_string_equal(text_of(s, &db, 3), "third");
	db_close(&db);
}

static void test_a_broken_statement_is_an_error(void **state)
{
	struct scratch *s = *state;
	struct db db;

	open_db(s, &db);
	assert_null(db_statement(&db, BROKEN, &s->err));
	assert_err(&s->err, "no such table", NULL);
	db_close(&db);
}

static void test_a_digest_of_another_length_counts_as_none(void **state)
{
	struct scratch *s = *state;
	struct digest d;
	sqlite3_stmt *st;
	struct db db;
	bool row;

	open_db(s, &db);
	st = db_statement(&db, GET, &s->err);
	db_bind_int(st, 1, 2);
	must(db_step(&db, st, &row, &s->err), &s->err);
	d = db_digest(st, 1);
	assert_true(digest_is_zero(&d));
	assert_string_equal(db_text(st, 1, &s->arena), "");
	sqlite3_reset(st);
	db_close(&db);
}

static int open_and_close(void *ctx, int fd)
{
	struct scratch *s = ctx;
	struct db db;

	(void)fd;
	if (!open_with(s, &db, ARRAY_SIZE(migrations))) {
		dprintf(fd, "%s", s->err.msg);
		return 1;
	}
	db_close(&db);
	return 0;
}

static void test_many_processes_may_make_it_at_once(void **state)
{
	enum { COUNT = 8 };
	struct scratch *s = *state;

	for (int round = 0; round < 5; round++) {
		struct process_exit x;
		pid_t pids[COUNT];
		int fds[COUNT];

		for (int i = 0; i < COUNT; i++)
			pids[i] = process_fork(open_and_close, s, &fds[i], &s->err);
		for (int i = 0; i < COUNT; i++) {
			char text[300] = "";
			int at = process_wait_any(pids, COUNT, 60000, &x);

			assert_in_range(at, 0, COUNT - 1);
			if (x.code != 0 && read(fds[at], text, sizeof(text) - 1) > 0)
				fail_msg("%s", text);
			assert_int_equal(x.code, 0);
			close(fds[at]);
			pids[at] = 0;
		}
		assert_int_equal(user_version(s), 2);
		must(fs_remove_tree(scratch_path(s, "x.db"), &s->err), &s->err);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_database_gets_every_migration),
		TEST(test_an_old_database_gets_only_what_it_lacks),
		TEST(test_a_current_database_is_left_alone),
		TEST(test_a_migration_that_fails_changes_nothing),
		TEST(test_a_newer_database_is_refused_and_not_touched),
		TEST(test_garbage_is_refused_and_told_from_other_failures),
		TEST(test_a_folder_in_its_place_is_an_error),
		TEST(test_readers_do_not_wait_for_a_writer),
		TEST(test_a_rollback_takes_everything_back),
		TEST(test_a_statement_forgets_what_was_bound),
		TEST(test_foreign_keys_hold),
		TEST(test_a_duplicate_key_is_an_error_and_the_next_statement_works),
		TEST(test_a_broken_statement_is_an_error),
		TEST(test_a_digest_of_another_length_counts_as_none),
		TEST(test_many_processes_may_make_it_at_once),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
