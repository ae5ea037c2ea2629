/* SPDX-License-Identifier: MIT
 *
 * Text in lines of a width.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/wrap.h"

static void assert_wrapped(const char *text, size_t column, size_t indent, size_t width,
			   const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	wrap_add(&out, text, column, indent, width);
	assert_string_equal(out.buf, want);
}

static void test_lines_are_as_long_as_the_width(void **state)
{
	(void)state;
	assert_wrapped("", 0, 0, 10, "");
	assert_wrapped("one two three", 0, 0, 7, "one two\nthree");
	assert_wrapped("one two three", 0, 0, 6, "one\ntwo\nthree");
	assert_wrapped("one  two\nthree ", 0, 0, 80, "one two three");
}

static void test_a_longer_word_has_a_line_to_itself(void **state)
{
	(void)state;
	assert_wrapped("abcdefghij k", 0, 0, 5, "abcdefghij\nk");
	assert_wrapped("k abcdefghij", 0, 0, 5, "k\nabcdefghij");
}

static void test_further_lines_are_indented(void **state)
{
	(void)state;
	assert_wrapped("aa bb cc dd", 6, 2, 10, "aa\n  bb cc dd");
}

static void test_characters_count_not_bytes(void **state)
{
	(void)state;
	assert_wrapped("\xc3\xa4\xc3\xa4 \xe2\x82\xac", 0, 0, 4, "\xc3\xa4\xc3\xa4 \xe2\x82\xac");
}

static void assert_row(const char *left, const char *text, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	wrap_row(&out, left, text, 2, 8, 16);
	assert_string_equal(out.buf, want);
}

static void test_a_row_has_two_columns(void **state)
{
	(void)state;
	assert_row("-x", "one two three", "  -x    one two\n        three\n");
	assert_row("-xxxx", "one", "  -xxxx one\n");
	assert_row("-xxxxx", "one", "  -xxxxx\n        one\n");
	assert_row("-x", "", "  -x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_are_as_long_as_the_width),
		cmocka_unit_test(test_a_longer_word_has_a_line_to_itself),
		cmocka_unit_test(test_further_lines_are_indented),
		cmocka_unit_test(test_characters_count_not_bytes),
		cmocka_unit_test(test_a_row_has_two_columns),
	};

	return cmocka_run_group_tests_name("wrap", tests, NULL, NULL);
}
