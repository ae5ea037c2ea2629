/* SPDX-License-Identifier: MIT
 *
 * The hash map.
 */
#include <string.h>

#include "base/map.h"
#include "scratch.h"

static int one, two;

static void test_an_empty_map_has_nothing(void **state)
{
	struct map m = MAP_INIT;

	(void)state;
	assert_null(map_get(&m, "a"));
	map_free(&m);
}

static void test_a_key_is_found_by_its_text(void **state)
{
	struct map m = MAP_INIT;
	char other[] = "key";

	(void)state;
	map_put(&m, "key", &one);
	assert_ptr_equal(map_get(&m, other), &one);
	assert_null(map_get(&m, "ke"));
	assert_null(map_get(&m, "keys"));
	map_free(&m);
}

static void test_the_empty_string_is_a_key(void **state)
{
	struct map m = MAP_INIT;

	(void)state;
	assert_null(map_get(&m, ""));
	map_put(&m, "", &one);
	assert_ptr_equal(map_get(&m, ""), &one);
	map_free(&m);
}

static void test_putting_again_replaces(void **state)
{
	struct map m = MAP_INIT;

	(void)state;
	map_put(&m, "a", &one);
	map_put(&m, "a", &two);
	assert_ptr_equal(map_get(&m, "a"), &two);
	assert_int_equal(m.count, 1);
	map_free(&m);
}

static void assert_holds(const struct map *m, char keys[][8], size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		assert_ptr_equal(map_get(m, keys[i]), keys[i]);
}

static void test_thousands_of_keys_are_all_found_while_it_grows(void **state)
{
	enum { COUNT = 5000 };
	static char keys[COUNT][8];
	struct map m = MAP_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		keys[i][0] = 'k';
		for (size_t k = 1, rest = i; k < 6; k++, rest /= 10)
			keys[i][k] = (char)('0' + rest % 10);
		map_put(&m, keys[i], keys[i]);
		if (i % 500 == 0)
			assert_holds(&m, keys, 0, i + 1);
	}
	assert_int_equal(m.count, COUNT);
	assert_holds(&m, keys, 0, COUNT);
	assert_null(map_get(&m, "k"));
	map_free(&m);
}

static void test_it_is_never_more_than_half_full(void **state)
{
	static char keys[100][3];
	struct map m = MAP_INIT;

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		keys[i][0] = (char)('a' + i / 10);
		keys[i][1] = (char)('a' + i % 10);
		map_put(&m, keys[i], keys[i]);
		assert_true(m.count * 2 <= m.size);
	}
	map_free(&m);
}

static void test_a_reserve_keeps_what_is_there(void **state)
{
	struct map m = MAP_INIT;

	(void)state;
	map_put(&m, "a", &one);
	map_reserve(&m, 1000);
	assert_true(m.size >= 2000);
	assert_ptr_equal(map_get(&m, "a"), &one);
	map_reserve(&m, 1);
	assert_true(m.size >= 2000);
	map_free(&m);
}

static void test_a_freed_map_can_be_used_again(void **state)
{
	struct map m = MAP_INIT;

	(void)state;
	map_put(&m, "a", &one);
	map_free(&m);
	assert_null(map_get(&m, "a"));
	map_put(&m, "b", &two);
	assert_ptr_equal(map_get(&m, "b"), &two);
	map_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_map_has_nothing),
		cmocka_unit_test(test_a_key_is_found_by_its_text),
		cmocka_unit_test(test_the_empty_string_is_a_key),
		cmocka_unit_test(test_putting_again_replaces),
		cmocka_unit_test(test_thousands_of_keys_are_all_found_while_it_grows),
		cmocka_unit_test(test_it_is_never_more_than_half_full),
		cmocka_unit_test(test_a_reserve_keeps_what_is_there),
		cmocka_unit_test(test_a_freed_map_can_be_used_again),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
