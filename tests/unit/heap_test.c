/* SPDX-License-Identifier: MIT
 *
 * The queue by urgency.
 */
#include <stdlib.h>

#include "base/heap.h"
#include "base/xalloc.h"
#include "scratch.h"

static void test_the_smallest_key_comes_first(void **state)
{
	struct heap h = HEAP_INIT;
	uint32_t random = 7;
	int64_t last = INT64_MIN;

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		random = random * 1664525 + 1013904223;
		heap_push(&h, (int64_t)(random >> 20) - 2000, i);
	}
	for (size_t i = 0; i < 1000; i++) {
		struct heap_item item = heap_pop(&h);

		assert_true(item.key >= last);
		last = item.key;
	}
	assert_int_equal(h.count, 0);
	heap_free(&h);
}

static void test_of_equal_keys_the_smallest_number(void **state)
{
	static const size_t numbers[] = { 4, 2, 9, 0, 7 };
	struct heap h = HEAP_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		heap_push(&h, 1, numbers[i]);
	heap_push(&h, 0, 100);
	assert_int_equal(heap_pop(&h).number, 100);
	assert_int_equal(heap_pop(&h).number, 0);
	assert_int_equal(heap_pop(&h).number, 2);
	heap_push(&h, 1, 1);
	assert_int_equal(heap_pop(&h).number, 1);
	assert_int_equal(heap_pop(&h).number, 4);
	heap_free(&h);
}

static void pop_nothing(void)
{
	struct heap h = HEAP_INIT;

	heap_pop(&h);
}

static void test_an_empty_one_has_no_next(void **state)
{
	(void)state;
	assert_aborts(pop_nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_smallest_key_comes_first),
		cmocka_unit_test(test_of_equal_keys_the_smallest_number),
		cmocka_unit_test(test_an_empty_one_has_no_next),
	};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
