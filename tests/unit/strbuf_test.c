/* SPDX-License-Identifier: MIT
 *
 * The growing string.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "scratch.h"

static void test_a_new_one_is_the_empty_string(void **state)
{
	struct strbuf sb = STRBUF_INIT;

	(void)state;
	assert_string_equal(sb.buf, "");
	assert_int_equal(sb.len, 0);
	strbuf_reset(&sb);
	assert_string_equal(sb.buf, "");
	strbuf_free(&sb);
	assert_string_equal(sb.buf, "");
}

static void test_appends_follow_each_other(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	strbuf_adds(&sb, "ab");
	strbuf_addch(&sb, '-');
	strbuf_add(&sb, "cdef", 2);
	strbuf_addf(&sb, "%s%d", "x", 42);
	assert_string_equal(sb.buf, "ab-cdx42");
	assert_int_equal(sb.len, 8);
}

static void test_nul_bytes_may_stand_in_between(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	strbuf_add(&sb, "a\0b", 3);
	strbuf_adds(&sb, "c");
	assert_int_equal(sb.len, 4);
	assert_memory_equal(sb.buf, "a\0bc", 5);
}

static void test_text_from_outside_is_shown_without_control_characters(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	strbuf_add_shown(&sb, "a\033[2Jb\x7f\n\xc3\xa4\xc2\x9bz", 100);
	assert_string_equal(sb.buf, "a\\x1b[2Jb\\x7f\\x0a\xc3\xa4\\xc2\\x9bz");
	strbuf_reset(&sb);
	strbuf_add_shown(&sb, "abcdef", 3);
	assert_string_equal(sb.buf, "abc...");
	strbuf_reset(&sb);
	strbuf_add_shown(&sb, "abc", 3);
	assert_string_equal(sb.buf, "abc");
}

static void test_it_grows_and_stays_terminated(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		strbuf_addch(&sb, (char)('a' + i % 26));
		assert_int_equal(sb.len, i + 1);
		assert_int_equal(sb.buf[i + 1], 0);
	}
	for (size_t i = 0; i < 5000; i++)
		assert_int_equal(sb.buf[i], 'a' + i % 26);
}

static void test_a_formatted_text_of_any_length_fits(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	for (int width = 1; width < 300; width++) {
		strbuf_reset(&sb);
		strbuf_adds(&sb, "<");
		strbuf_addf(&sb, "%*d>", width, 7);
		assert_int_equal(sb.len, width + 2);
		assert_int_equal(strlen(sb.buf), width + 2);
		assert_int_equal(sb.buf[sb.len - 1], '>');
	}
}

static void test_appending_nothing_changes_nothing(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	strbuf_add(&sb, NULL, 0);
	strbuf_adds(&sb, "");
	assert_int_equal(sb.len, 0);
	assert_int_equal(sb.cap, 0);
}

static void test_it_can_be_cut(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	strbuf_adds(&sb, "abcdef");
	strbuf_set_len(&sb, 3);
	assert_string_equal(sb.buf, "abc");
	strbuf_reset(&sb);
	assert_string_equal(sb.buf, "");
	strbuf_adds(&sb, "x");
	assert_string_equal(sb.buf, "x");
}

static void lengthen(void)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	strbuf_adds(&sb, "abc");
	strbuf_set_len(&sb, 4);
}

static void test_set_len_never_lengthens(void **state)
{
	(void)state;
	assert_aborts(lengthen);
}

static void test_a_reserve_lets_the_caller_write_in_place(void **state)
{
	AUTO_STRBUF sb = STRBUF_INIT;

	(void)state;
	strbuf_adds(&sb, "ab");
	strbuf_reserve(&sb, 1000);
	assert_string_equal(sb.buf, "ab");
	memset(sb.buf + 2, 'x', 1000);
	sb.len += 1000;
	sb.buf[sb.len] = 0; /* one more byte than asked for is always there */
	assert_int_equal(strlen(sb.buf), 1002);
}

static void test_a_detached_string_is_the_callers(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	char *s;

	(void)state;
	strbuf_adds(&sb, "abc");
	s = strbuf_detach(&sb);
	strbuf_adds(&sb, "other");
	assert_string_equal(s, "abc");
	assert_string_equal(sb.buf, "other");
	free(s);
	strbuf_free(&sb);
}

static void test_an_empty_one_detaches_to_memory_that_can_be_freed(void **state)
{
	struct strbuf sb = STRBUF_INIT;
	char *s = strbuf_detach(&sb);

	(void)state;
	assert_string_equal(s, "");
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_new_one_is_the_empty_string),
		cmocka_unit_test(test_appends_follow_each_other),
		cmocka_unit_test(test_nul_bytes_may_stand_in_between),
		cmocka_unit_test(test_text_from_outside_is_shown_without_control_characters),
		cmocka_unit_test(test_it_grows_and_stays_terminated),
		cmocka_unit_test(test_a_formatted_text_of_any_length_fits),
		cmocka_unit_test(test_appending_nothing_changes_nothing),
		cmocka_unit_test(test_it_can_be_cut),
		cmocka_unit_test(test_set_len_never_lengthens),
		cmocka_unit_test(test_a_reserve_lets_the_caller_write_in_place),
		cmocka_unit_test(test_a_detached_string_is_the_callers),
		cmocka_unit_test(test_an_empty_one_detaches_to_memory_that_can_be_freed),
	};

	return cmocka_run_group_tests_name("strbuf", tests, NULL, NULL);
}
