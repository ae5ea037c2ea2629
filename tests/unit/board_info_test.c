/* SPDX-License-Identifier: MIT
 *
 * board_info.toml: what is read of it, and that whatever else is in it costs no more than its line.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/board_info.h"
#include "board/identity.h"

struct read {
	struct arena arena;
	struct board_info info;
	struct strbuf json;
};

static int make_read(void **state)
{
	struct read *r = xcalloc(1, sizeof(*r));

	r->json = (struct strbuf)STRBUF_INIT;
	*state = r;
	return 0;
}

static int drop_read(void **state)
{
	struct read *r = *state;

	arena_free(&r->arena);
	strbuf_free(&r->json);
	free(r);
	return 0;
}

static void assert_json(struct read *r, const char *text, const char *want)
{
	struct json j = { .out = &r->json };

	strbuf_reset(&r->json);
	board_info_parse(text, &r->arena, &r->info);
	board_info_json(&r->info, &j, NULL);
	assert_string_equal(r->json.buf, want);
}

static void test_what_the_python_tool_writes_is_read(void **state)
{
	struct read *r = *state;

	assert_json(
		r,
		"description = \"the one on the shelf\"\r\n\r\n"
		"[mpflash]\n"
		"board_id = \"RPI_PICO\"  # mine\n"
		"custom_id = 'blinky@main'\n"
		"ignore = true\n",
		"{\"description\":\"the one on the shelf\",\"mpflash\":{\"board_id\":\"RPI_PICO\","
		"\"custom_id\":\"blinky@main\",\"ignore\":true}}");
	assert_string_equal(board_info_text(&r->info, "", "description"), "the one on the shelf");
	assert_string_equal(board_info_text(&r->info, "mpflash", "board_id"), "RPI_PICO");
	assert_true(board_info_true(&r->info, "mpflash", "ignore"));
	assert_false(board_info_true(&r->info, "", "ignore"));
	assert_null(board_info_text(&r->info, "mpflash", "ignore"));
}

static void test_no_file_is_an_empty_one(void **state)
{
	assert_json(*state, NULL, "{}");
	assert_json(*state, "", "{}");
	assert_json(*state, "# nothing\n   \n", "{}");
}

static void test_values_of_each_type(void **state)
{
	assert_json(*state, "a = -1_000\nb = +7\nc = false\n\"d e\" = ''\n[\"t u\"]\nf=\"x\"",
		    "{\"a\":-1000,\"b\":7,\"c\":false,\"d e\":\"\",\"t u\":{\"f\":\"x\"}}");
}

static void test_escapes(void **state)
{
	assert_json(*state, "a = \"q\\\" b\\\\ \\u00e9 \\U000020AC\"\nb = 'no \\n'\n",
		    "{\"a\":\"q\\\" b\\\\ \xc3\xa9 \xe2\x82\xac\",\"b\":\"no \\\\n\"}");
}

static void test_a_line_that_is_not_understood_costs_that_line(void **state)
{
	assert_json(*state,
		    "a = [1, 2]\nb = 1979-05-27\nc = \"open\nd = 1.5\n= 3\ne\nf = \"good\" bad\n"
		    "g = 99999999999999999999\nh = \"\\q\"\nok = 1\nok = 2\n",
		    "{\"ok\":1}");
}

/* What follows such a table belongs to it, and not to the one before. */
static void test_a_table_that_is_not_understood_is_passed_over(void **state)
{
	assert_json(*state,
		    "[a.b]\nx = 1\n[[c]]\nx = 2\n[d\nx = 3\n[]\nx = 4\n[mpflash] # ok\nx = 5\n",
		    "{\"mpflash\":{\"x\":5}}");
}

static void test_a_table_that_is_opened_twice_is_one_object(void **state)
{
	assert_json(*state, "[a]\nx = 1\n[b]\nx = 2\n[a]\ny = 3\n",
		    "{\"a\":{\"x\":1,\"y\":3},\"b\":{\"x\":2}}");
}

static void test_nothing_for_a_terminal_comes_out(void **state)
{
	struct read *r = *state;

	board_info_parse("description = \"\x1b[31m\\u001b]0;x\\u0007\x7f\xff\"\n", &r->arena,
			 &r->info);
	assert_int_equal(r->info.count, 1);
	for (const char *p = r->info.items[0].text; *p; p++)
		assert_true(*p >= ' ' && *p <= '~');
}

static void test_more_entries_than_anybody_needs_are_not_taken(void **state)
{
	struct read *r = *state;
	AUTO_STRBUF text = STRBUF_INIT;

	for (int i = 0; i < 1000; i++)
		strbuf_addf(&text, "k%d = %d\n", i, i);
	board_info_parse(text.buf, &r->arena, &r->info);
	assert_int_equal(r->info.count, 64);
}

/* --- the texts that carry it --- */

static void assert_literal(const char *text, const char *want)
{
	char *got = identity_parse_literal(text);

	if (want)
		assert_string_equal(got ? got : "(none)", want);
	else
		assert_null(got);
	free(got);
}

static void test_a_printed_string_is_read_back(void **state)
{
	(void)state;
	assert_literal("'a\\nb\\x04\\u20ac\\'\"'\r\n", "a\nb\x04\xe2\x82\xac'\"");
	assert_literal("\"it's\"", "it's");
	assert_literal("'\\xff'", "\xc3\xbf");
	assert_literal("''", "");
	assert_literal("'open", NULL);
	assert_literal("'\\x0g'", NULL);
	assert_literal("'\\x00'", NULL);
	assert_literal("'\\ud800'", NULL);
	assert_literal("'\\", NULL);
	assert_literal("b'x'", NULL);
	assert_literal("", NULL);
}

static void assert_bytes(const char *text, const char *want)
{
	char *got = identity_parse_bytes(text);

	if (want)
		assert_string_equal(got ? got : "(none)", want);
	else
		assert_null(got);
	free(got);
}

static void test_a_chips_number_is_hex(void **state)
{
	(void)state;
	assert_bytes("[230, 97, 0]\r\n", "e66100");
	assert_bytes("[]", NULL);
	assert_bytes("[256]", NULL);
	assert_bytes("[-1]", NULL);
	assert_bytes("[1, x]", NULL);
	assert_bytes("[1, 2", NULL);
	assert_bytes("1, 2]", NULL);
	assert_bytes("[99999999999999999999]", NULL);
	assert_bytes("", NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_read, drop_read)
	const struct CMUnitTest tests[] = {
		TEST(test_what_the_python_tool_writes_is_read),
		TEST(test_no_file_is_an_empty_one),
		TEST(test_values_of_each_type),
		TEST(test_escapes),
		TEST(test_a_line_that_is_not_understood_costs_that_line),
		TEST(test_a_table_that_is_not_understood_is_passed_over),
		TEST(test_a_table_that_is_opened_twice_is_one_object),
		TEST(test_nothing_for_a_terminal_comes_out),
		TEST(test_more_entries_than_anybody_needs_are_not_taken),
		cmocka_unit_test(test_a_printed_string_is_read_back),
		cmocka_unit_test(test_a_chips_number_is_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
