/* SPDX-License-Identifier: MIT
 *
 * mpflash.db: both of its forms, what is refused, and that nothing of others is touched.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "library/database.h"
#include "os/fs.h"
#include "scratch.h"

/* As the Python tool's SQLAlchemy versions made it, before the column custom_id too. */
static const char old_form[] =
	"CREATE TABLE metadata (name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name), UNIQUE (name));"
	"CREATE TABLE boards (board_id VARCHAR(40) NOT NULL, version VARCHAR(12) NOT NULL,"
	" board_name VARCHAR NOT NULL, mcu VARCHAR NOT NULL, variant VARCHAR NOT NULL, port VARCHAR(30) NOT NULL,"
	" path VARCHAR NOT NULL, description VARCHAR NOT NULL, family VARCHAR NOT NULL, custom BOOLEAN NOT NULL,"
	" PRIMARY KEY (board_id, version), UNIQUE (board_id, version));"
	"CREATE TABLE firmwares (board_id VARCHAR(40) NOT NULL, version VARCHAR(12) NOT NULL,"
	" firmware_file VARCHAR NOT NULL, port VARCHAR(20) NOT NULL, description VARCHAR NOT NULL,"
	" source VARCHAR NOT NULL, build INTEGER NOT NULL, custom BOOLEAN NOT NULL,"
	" PRIMARY KEY (board_id, version, firmware_file),"
	" FOREIGN KEY(board_id, version) REFERENCES boards (board_id, version));"
	"CREATE INDEX ix_firmwares_firmware_file ON firmwares (firmware_file);"
	"INSERT INTO metadata VALUES('boards_version', 'v1.25.0');"
	"INSERT INTO firmwares VALUES('RPI_PICO', 'v1.25.0', 'rp2\\RPI_PICO-v1.25.0.uf2', 'rp2', '', 'https://x/', 0, 0);"
	"INSERT INTO firmwares VALUES('PYBV11', 'v1.25.0', './stm32/PYBV11-v1.25.0.dfu', 'stm32', '', '', 0, 0);";

static const char *sqlite(struct scratch *s, const char *sql)
{
	sqlite3 *db;
	char *message = NULL;

	scratch_mkdir(s, "fw");
	assert_int_equal(sqlite3_open(scratch_path(s, "fw/mpflash.db"), &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	sqlite3_close(db);
	return NULL;
}

static struct database *opened(struct scratch *s, enum database_mode mode)
{
	struct database *db = database_open(scratch_path(s, "fw"), mode, &s->err);

	must(db != NULL, &s->err);
	return db;
}

static const char *bytes_of(struct scratch *s, size_t *len)
{
	struct strbuf text = STRBUF_INIT;
	char *copy;

	must(fs_read(&text, scratch_path(s, "fw/mpflash.db"), 1 << 24, &s->err), &s->err);
	copy = arena_alloc(&s->arena, text.len + 1);
	memcpy(copy, text.buf, text.len);
	*len = text.len;
	strbuf_free(&text);
	return copy;
}

static struct firmware_rows rows_of(struct scratch *s, struct database *db, const char *board)
{
	struct firmware_rows rows = { 0 };

	must(database_firmwares(db, board, false, &s->arena, &rows, &s->err), &s->err);
	return rows;
}

static const struct firmware_row pico = {
	.board_id = "RPI_PICO",
	.version = "v1.29.0-preview",
	.file = "rp2/RPI_PICO-v1.29.0-preview.500.uf2",
	.port = "rp2",
	.source = "https://micropython.org/x.uf2",
	.build = 500,
};

static void test_a_row_comes_back(void **state)
{
	struct scratch *s = *state;
	struct database *db = opened(s, DATABASE_WRITE);
	struct firmware_rows rows;

	must(database_put_firmware(db, &pico, &s->err), &s->err);
	must(database_put_firmware(db, &pico, &s->err), &s->err); /* again: the same row */
	database_close(db);
	db = opened(s, DATABASE_READ);
	rows = rows_of(s, db, "RPI_PICO");
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.items[0].file, pico.file);
	assert_string_equal(rows.items[0].description, "");
	assert_int_equal(rows.items[0].build, 500);
	assert_null(rows.items[0].custom_id);
	assert_int_equal(rows_of(s, db, "OTHER").count, 0);
	assert_int_equal(rows_of(s, db, NULL).count, 1);
	database_close(db);
}

static void test_reading_what_is_not_there_makes_nothing(void **state)
{
	struct scratch *s = *state;
	struct database *db = opened(s, DATABASE_READ);

	assert_int_equal(rows_of(s, db, NULL).count, 0);
	database_close(db);
	assert_string_equal(scratch_list(s, "."), "");
}

static void test_the_old_form_is_read_and_no_byte_changes(void **state)
{
	struct scratch *s = *state;
	size_t before, after;
	const char *was, *is;
	struct database *db;
	struct firmware_rows rows;

	sqlite(s, old_form);
	was = bytes_of(s, &before);
	db = opened(s, DATABASE_READ);
	rows = rows_of(s, db, NULL);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.items[0].file, "rp2/RPI_PICO-v1.25.0.uf2");
	assert_string_equal(rows.items[1].file, "stm32/PYBV11-v1.25.0.dfu");
	database_close(db);
	is = bytes_of(s, &after);
	assert_int_equal(before, after);
	assert_memory_equal(was, is, before);
	assert_string_equal(scratch_list(s, "fw"), "mpflash.db ");
}

static void test_writing_into_the_old_form_keeps_its_rows(void **state)
{
	struct scratch *s = *state;
	struct database *db;
	struct firmware_row same = { .board_id = "RPI_PICO",
				     .version = "v1.25.0",
				     .file = "rp2/RPI_PICO-v1.25.0.uf2",
				     .port = "rp2",
				     .source = "new" };
	struct firmware_rows rows;
	const char *value;

	sqlite(s, old_form);
	db = opened(s, DATABASE_WRITE);
	must(database_put_firmware(db, &pico, &s->err), &s->err);
	must(database_put_firmware(db, &same, &s->err), &s->err);
	rows = rows_of(s, db, "RPI_PICO");
	/* the one with a backslash was the same file */
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.items[1].source, "new");
	assert_int_equal(rows_of(s, db, "PYBV11").count, 1);
	must(database_get_metadata(db, "boards_version", &s->arena, &value, &s->err), &s->err);
	assert_string_equal(value, "v1.25.0");
	must(database_get_metadata(db, "schema_version", &s->arena, &value, &s->err), &s->err);
	assert_string_equal(value, "1");
	database_close(db);
}

static void test_the_journal_mode_is_left_alone(void **state)
{
	struct scratch *s = *state;
	size_t len;

	database_close(opened(s, DATABASE_WRITE));
	/* bytes 18 and 19 of the header: 1 is the rollback journal, 2 a write-ahead log */
	assert_int_equal(bytes_of(s, &len)[18], 1);
	sqlite(s, "PRAGMA journal_mode=WAL");
	database_close(opened(s, DATABASE_WRITE));
	assert_int_equal(bytes_of(s, &len)[18], 2);
}

static void check_refused(struct scratch *s, const char *message, const char *hint)
{
	size_t before, after;
	const char *was = bytes_of(s, &before), *is;

	assert_null(database_open(scratch_path(s, "fw"), DATABASE_WRITE, &s->err));
	assert_err(&s->err, message, hint);
	err_free(&s->err);
	assert_null(database_open(scratch_path(s, "fw"), DATABASE_READ, &s->err));
	assert_err(&s->err, message, hint);
	err_free(&s->err);
	is = bytes_of(s, &after);
	assert_int_equal(before, after);
	assert_memory_equal(was, is, before);
	assert_string_equal(scratch_list(s, "fw"), "mpflash.db ");
}

static void test_a_newer_one_is_refused(void **state)
{
	struct scratch *s = *state;

	database_close(opened(s, DATABASE_WRITE));
	sqlite(s, "UPDATE metadata SET value = '2' WHERE name = 'schema_version'");
	check_refused(s, "newer mpflash (schema 2", "update mpflash");
}

static void test_another_programs_file_is_refused(void **state)
{
	struct scratch *s = *state;

	sqlite(s, "CREATE TABLE songs(a); INSERT INTO songs VALUES(1)");
	check_refused(s, "another program's database", NULL);
}

static void test_no_database_is_refused(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "fw/mpflash.db", "<html>not found, and long enough to be looked at</html>");
	check_refused(s, "file is not a database", "put a copy");
}

static void test_a_cut_one_is_refused(void **state)
{
	struct scratch *s = *state;
	size_t len;
	const char *bytes;

	database_close(opened(s, DATABASE_WRITE));
	bytes = bytes_of(s, &len);
	scratch_put_bytes(s, "fw/mpflash.db", bytes, len - 4096);
	check_refused(s, "cut short", "put a copy");
}

static void test_a_damaged_one_is_not_written(void **state)
{
	struct scratch *s = *state;
	struct database *db = opened(s, DATABASE_WRITE);
	size_t len;
	char *bytes;

	must(database_put_firmware(db, &pico, &s->err), &s->err);
	database_close(db);
	bytes = (char *)bytes_of(s, &len);
	/* the last page is one of the tables' */
	memset(bytes + len - 4096, 0x5a, 4096);
	scratch_put_bytes(s, "fw/mpflash.db", bytes, len);
	assert_null(database_open(scratch_path(s, "fw"), DATABASE_WRITE, &s->err));
	assert_err(&s->err, "damaged", "put a copy");
}

static void test_a_transaction_is_whole_or_nothing(void **state)
{
	struct scratch *s = *state;
	struct database *db = opened(s, DATABASE_WRITE);

	must(database_begin(db, &s->err), &s->err);
	must(database_put_firmware(db, &pico, &s->err), &s->err);
	database_rollback(db);
	assert_int_equal(rows_of(s, db, NULL).count, 0);
	database_close(db);
}

static void test_custom_ids_are_found_without_their_branch(void **state)
{
	struct scratch *s = *state;
	struct database *db = opened(s, DATABASE_WRITE);
	struct firmware_row row = pico;
	struct firmware_rows rows = { 0 };

	row.custom = true;
	row.custom_id = "RPI_PICO@my_branch";
	must(database_put_firmware(db, &row, &s->err), &s->err);
	must(database_firmwares(db, "RPI_PICO", true, &s->arena, &rows, &s->err), &s->err);
	assert_int_equal(rows.count, 1);
	must(database_firmwares(db, "RPI_PICO@my_branch", true, &s->arena, &rows, &s->err),
	     &s->err);
	assert_int_equal(rows.count, 2); /* appended */
	must(database_firmwares(db, "RPI", true, &s->arena, &rows, &s->err), &s->err);
	assert_int_equal(rows.count, 2);
	database_close(db);
}

static void test_rows_without_files_are_pruned(void **state)
{
	struct scratch *s = *state;
	struct database *db = opened(s, DATABASE_WRITE);
	struct firmware_rows dropped;
	struct firmware_row old = { .board_id = "B", .version = "v1.25.0", .file = "rp2\\B.uf2" };
	struct firmware_row far = { .board_id = "B", .version = "v1.26.0" };

	scratch_put(s, "fw/rp2/B.uf2", "x");
	scratch_put(s, "elsewhere/C.uf2", "x");
	far.file = scratch_path(s, "elsewhere/C.uf2");
	must(database_put_firmware(db, &pico, &s->err), &s->err);
	must(database_put_firmware(db, &old, &s->err), &s->err);
	must(database_put_firmware(db, &far, &s->err), &s->err);
	must(database_prune(db, &s->arena, &dropped, &s->err), &s->err);
	assert_int_equal(dropped.count, 1);
	assert_string_equal(dropped.items[0].board_id, "RPI_PICO");
	assert_int_equal(rows_of(s, db, NULL).count, 2);
	database_close(db);
}

static void test_a_digest_holds_until_the_file_changes(void **state)
{
	struct scratch *s = *state;
	struct database *db = opened(s, DATABASE_WRITE);
	char hex[SHA256_HEX_SIZE];
	const char *sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

	scratch_put(s, "fw/rp2/B.uf2", "x");
	must(database_get_digest(db, "rp2/B.uf2", hex, &s->err), &s->err);
	assert_string_equal(hex, "");
	must(database_put_digest(db, "rp2/B.uf2", sha, &s->err), &s->err);
	must(database_get_digest(db, "rp2/B.uf2", hex, &s->err), &s->err);
	assert_string_equal(hex, sha);
	scratch_date(s, "fw/rp2/B.uf2", 1000000000);
	must(database_get_digest(db, "rp2/B.uf2", hex, &s->err), &s->err);
	assert_string_equal(hex, "");
	database_close(db);
}

static void test_boards_come_back_by_version(void **state)
{
	struct scratch *s = *state;
	struct database *db = opened(s, DATABASE_WRITE);
	struct board_row row = { .board_id = "B-X", .version = "v1.26.0", .variant = "X" };
	struct board_rows rows;

	must(database_put_board(db, &row, &s->err), &s->err);
	row.version = "v1.25.0";
	must(database_put_board(db, &row, &s->err), &s->err);
	must(database_boards(db, "v1.26.0", &s->arena, &rows, &s->err), &s->err);
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.items[0].family, "micropython");
	must(database_boards(db, NULL, &s->arena, &rows, &s->err), &s->err);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.items[0].version, "v1.25.0");
	row.board_id = "B";
	must(database_put_board(db, &row, &s->err), &s->err);
	must(database_boards_of(db, "B-X", &s->arena, &rows, &s->err), &s->err);
	assert_int_equal(rows.count, 2);
	assert_string_equal(rows.items[1].version, "v1.26.0");
	must(database_boards_of(db, "B-", &s->arena, &rows, &s->err), &s->err);
	assert_int_equal(rows.count, 0);
	database_close(db);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_row_comes_back),
		TEST(test_reading_what_is_not_there_makes_nothing),
		TEST(test_the_old_form_is_read_and_no_byte_changes),
		TEST(test_writing_into_the_old_form_keeps_its_rows),
		TEST(test_the_journal_mode_is_left_alone),
		TEST(test_a_newer_one_is_refused),
		TEST(test_another_programs_file_is_refused),
		TEST(test_no_database_is_refused),
		TEST(test_a_cut_one_is_refused),
		TEST(test_a_damaged_one_is_not_written),
		TEST(test_a_transaction_is_whole_or_nothing),
		TEST(test_custom_ids_are_found_without_their_branch),
		TEST(test_rows_without_files_are_pruned),
		TEST(test_a_digest_holds_until_the_file_changes),
		TEST(test_boards_come_back_by_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
