/* SPDX-License-Identifier: MIT
 *
 * JSON out, read back by SQLite.
 */
#include <sqlite3.h>
#include <string.h>

#include "base/json.h"
#include "scratch.h"

/* What SQLite finds at `path` in the text, as text; NULL for null. The text has to be JSON. */
static const char *read_back(const char *json, const char *path, struct arena *a)
{
	const char *found;
	sqlite3_stmt *st;
	sqlite3 *db;
	char *copy;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT json_valid(?1), json_extract(?1, ?2)", -1,
					    &st, NULL),
			 SQLITE_OK);
	sqlite3_bind_text(st, 1, json, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, path, -1, SQLITE_STATIC);
	if (sqlite3_step(st) != SQLITE_ROW || !sqlite3_column_int(st, 0))
		fail_msg("no JSON: %s", json);
	found = (const char *)sqlite3_column_text(st, 1);
	copy = found ? arena_strdup(a, found) : NULL;
	sqlite3_finalize(st);
	sqlite3_close(db);
	return copy;
}

/* A string survives the way out and back as `want`. */
static void assert_string_as(const char *value, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_string(&j, "s", value);
	json_object_end(&j);
	assert_string_equal(read_back(out.buf, "$.s", &a), want);
}

static void test_members_and_items_are_separated_by_commas(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	(void)state;
	json_object(&j, NULL);
	json_int(&j, "a", 1);
	json_array(&j, "list");
	json_string(&j, NULL, "x");
	json_object(&j, NULL);
	json_object_end(&j);
	json_array(&j, NULL);
	json_array_end(&j);
	json_bool(&j, NULL, false);
	json_array_end(&j);
	json_bool(&j, "z", true);
	json_object_end(&j);
	assert_string_equal(out.buf, "{\"a\":1,\"list\":[\"x\",{},[],false],\"z\":true}");
}

static void test_no_value_is_null(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	(void)state;
	json_object(&j, NULL);
	json_string(&j, "s", NULL);
	json_object_end(&j);
	assert_string_equal(out.buf, "{\"s\":null}");
}

static void test_numbers_keep_all_64_bits(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	(void)state;
	json_array(&j, NULL);
	json_int(&j, NULL, INT64_MIN);
	json_int(&j, NULL, INT64_MAX);
	json_array_end(&j);
	assert_string_equal(out.buf, "[-9223372036854775808,9223372036854775807]");
}

static void test_quotes_and_backslashes_read_back(void **state)
{
	(void)state;
	assert_string_as("a\"b\\c/d", "a\"b\\c/d");
	assert_string_as("\\", "\\");
}

static void test_every_control_character_reads_back(void **state)
{
	char text[] = "a?b";

	(void)state;
	for (char c = 1; c < 0x20; c++) {
		text[1] = c;
		assert_string_as(text, text);
	}
	text[1] = 0x7f;
	assert_string_as(text, text);
}

static void test_an_event_stays_on_one_line(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	(void)state;
	json_string(&j, NULL, "a\nb\rc\td");
	assert_string_equal(out.buf, "\"a\\nb\\u000dc\\u0009d\"");
}

static void test_names_are_escaped_too(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	(void)state;
	json_object(&j, NULL);
	json_int(&j, "a\"b", 1);
	json_object_end(&j);
	assert_string_equal(out.buf, "{\"a\\\"b\":1}");
}

static void test_utf8_passes(void **state)
{
	(void)state;
	assert_string_as("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8d",
			 "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\x8d");
	assert_string_as(
		"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", /* beside the surrogates, and the last one */
		"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf");
}

#define BAD "\xef\xbf\xbd"

static void test_bytes_that_are_no_utf8_become_the_replacement_character(void **state)
{
	(void)state;
	assert_string_as("a\xff"
			 "b",
			 "a" BAD "b");
	assert_string_as("\x80", BAD);
	assert_string_as("\xc0\xaf", BAD BAD);                 /* overlong '/' */
	assert_string_as("\xe0\x80\xaf", BAD BAD BAD);         /* again */
	assert_string_as("\xed\xa0\x80", BAD BAD BAD);         /* half a surrogate pair */
	assert_string_as("\xf4\x90\x80\x80", BAD BAD BAD BAD); /* above U+10FFFF */
}

static void test_a_cut_sequence_does_not_run_over_the_end(void **state)
{
	(void)state;
	assert_string_as("a\xe2\x82", "a" BAD BAD);
	assert_string_as("\xf0\x9f\x90", BAD BAD BAD);
	assert_string_as("\xe2\"", BAD "\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_and_items_are_separated_by_commas),
		cmocka_unit_test(test_no_value_is_null),
		cmocka_unit_test(test_numbers_keep_all_64_bits),
		cmocka_unit_test(test_quotes_and_backslashes_read_back),
		cmocka_unit_test(test_every_control_character_reads_back),
		cmocka_unit_test(test_an_event_stays_on_one_line),
		cmocka_unit_test(test_names_are_escaped_too),
		cmocka_unit_test(test_utf8_passes),
		cmocka_unit_test(test_bytes_that_are_no_utf8_become_the_replacement_character),
		cmocka_unit_test(test_a_cut_sequence_does_not_run_over_the_end),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
