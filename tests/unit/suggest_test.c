/* SPDX-License-Identifier: MIT
 *
 * Nearest names, with names that users mistype.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/suggest.h"
#include "base/xalloc.h"

static const char *const boards[] = {
	"PYBV10", "PYBV11", "PYBD_SF2", "NUCLEO_H563ZI", "NUCLEO_H743ZI", "RPI_PICO", "RPI_PICO_W",
};

static const char *nearest(const char *word)
{
	return suggest_nearest(word, boards, ARRAY_SIZE(boards));
}

static void assert_several(const char *word, size_t max, const char *const *want, size_t count)
{
	const char *out[ARRAY_SIZE(boards)];
	size_t n = suggest_several(word, boards, ARRAY_SIZE(boards), out, max);

	assert_int_equal(n, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(out[i], want[i]);
}

static void test_a_changed_letter_is_near(void **state)
{
	(void)state;
	assert_string_equal(nearest("PYBV1I"), "PYBV10");
	assert_string_equal(nearest("PYBF11"), "PYBV11");
}

static void test_a_missing_and_an_added_letter_are_near(void **state)
{
	(void)state;
	assert_string_equal(nearest("NUCLEO_H56ZI"), "NUCLEO_H563ZI");
	assert_string_equal(nearest("RPI_PICCO"), "RPI_PICO");
}

static void test_two_swapped_letters_are_one_slip(void **state)
{
	static const char *const one[] = { "ab" };

	(void)state;
	assert_string_equal(suggest_nearest("ba", one, 1), "ab");
	assert_string_equal(nearest("PBYV11"), "PYBV11");
}

static void test_case_makes_no_difference(void **state)
{
	(void)state;
	assert_string_equal(nearest("nucleo_h743zi"), "NUCLEO_H743ZI");
}

static void test_the_fewest_slips_win_and_then_the_first(void **state)
{
	(void)state;
	assert_string_equal(nearest("PYBV12"), "PYBV10");
	assert_string_equal(nearest("RPI_PICO_V"), "RPI_PICO_W");
}

static void test_a_third_of_the_letters_is_the_limit(void **state)
{
	static const char *const one[] = { "abcdef" };

	(void)state;
	assert_string_equal(suggest_nearest("abcdxx", one, 1), "abcdef");
	assert_null(suggest_nearest("abcxxx", one, 1));
}

static void test_nothing_near_is_null(void **state)
{
	static const char *const one[] = { "b" };

	(void)state;
	assert_null(nearest("ESP32_GENERIC"));
	assert_null(nearest(""));
	assert_null(suggest_nearest("a", one, 1));
	assert_null(suggest_nearest("PYBV11", NULL, 0));
}

static void test_a_name_of_any_length_is_safe(void **state)
{
	char word[1000];
	static const char *const exact64[] = {
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};

	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = 0;
	assert_null(nearest(word));
	word[63] = 0;
	assert_string_equal(suggest_nearest(word, exact64, 1), exact64[0]);
}

static void test_several_come_in_order_of_distance(void **state)
{
	static const char *const want[] = { "PYBV11", "PYBV10" };

	(void)state;
	assert_several("PYBV1", 5, (const char *const[]){ "PYBV10", "PYBV11" }, 2);
	assert_several("PYBX11", 5, want, 2);
}

static void test_a_name_that_contains_the_word_is_near(void **state)
{
	(void)state;
	assert_several("h563", 5, (const char *const[]){ "NUCLEO_H563ZI" }, 1);
	assert_several("pico", 5, (const char *const[]){ "RPI_PICO", "RPI_PICO_W" }, 2);
}

static void test_a_name_that_the_word_contains_is_near(void **state)
{
	(void)state;
	assert_several("PYBV11-DP_THREAD", 5, (const char *const[]){ "PYBV11" }, 1);
}

static void test_two_letters_in_common_are_not_near(void **state)
{
	(void)state;
	assert_several("PY", 5, NULL, 0);
}

static void test_no_more_than_asked_for(void **state)
{
	(void)state;
	assert_several("pico", 1, (const char *const[]){ "RPI_PICO" }, 1);
	assert_several("PICO_W", 1, (const char *const[]){ "RPI_PICO_W" }, 1);
	assert_several("pico", 0, NULL, 0);
}

static void test_the_hint_lists_the_near_ones(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(suggest_hint(&e, "PYBV1", boards, ARRAY_SIZE(boards)));
	assert_string_equal(e.hint, "did you mean 'PYBV10' or 'PYBV11'?");
	assert_true(suggest_hint(&e, "PYBD", boards, ARRAY_SIZE(boards)));
	assert_string_equal(e.hint, "did you mean 'PYBD_SF2'?");
}

static void test_without_a_near_one_the_hint_stays(void **state)
{
	AUTO_ERR e = ERR_INIT;

	(void)state;
	err_hint(&e, "try harder");
	assert_false(suggest_hint(&e, "ESP32_GENERIC", boards, ARRAY_SIZE(boards)));
	assert_string_equal(e.hint, "try harder");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_changed_letter_is_near),
		cmocka_unit_test(test_a_missing_and_an_added_letter_are_near),
		cmocka_unit_test(test_two_swapped_letters_are_one_slip),
		cmocka_unit_test(test_case_makes_no_difference),
		cmocka_unit_test(test_the_fewest_slips_win_and_then_the_first),
		cmocka_unit_test(test_a_third_of_the_letters_is_the_limit),
		cmocka_unit_test(test_nothing_near_is_null),
		cmocka_unit_test(test_a_name_of_any_length_is_safe),
		cmocka_unit_test(test_several_come_in_order_of_distance),
		cmocka_unit_test(test_a_name_that_contains_the_word_is_near),
		cmocka_unit_test(test_a_name_that_the_word_contains_is_near),
		cmocka_unit_test(test_two_letters_in_common_are_not_near),
		cmocka_unit_test(test_no_more_than_asked_for),
		cmocka_unit_test(test_the_hint_lists_the_near_ones),
		cmocka_unit_test(test_without_a_near_one_the_hint_stays),
	};

	return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
