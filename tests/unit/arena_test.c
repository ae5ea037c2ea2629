/* SPDX-License-Identifier: MIT
 *
 * Memory: arenas, growing arrays, and the allocator that cannot fail.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "scratch.h"

static bool all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void test_arena_memory_is_zeroed_whatever_was_there_before(void **state)
{
	(void)state;
	for (int round = 0; round < 4; round++) {
		AUTO_ARENA a = ARENA_INIT;

		for (size_t size = 1; size < 3000; size += 97) {
			unsigned char *p = arena_alloc(&a, size);

			assert_true(all_zero(p, size));
			memset(p, 0xff, size);
		}
	}
}

static void test_arena_memory_is_aligned_for_any_type(void **state)
{
	AUTO_ARENA a = ARENA_INIT;

	(void)state;
	for (size_t size = 0; size < 200; size++)
		assert_int_equal((uintptr_t)arena_alloc(&a, size) % _Alignof(max_align_t), 0);
}

static void test_pieces_of_an_arena_do_not_overlap(void **state)
{
	enum { COUNT = 2000 };
	AUTO_ARENA a = ARENA_INIT;
	unsigned char *pieces[COUNT];

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		pieces[i] = memset(arena_alloc(&a, 1 + i % 70), (int)(i % 251), 1 + i % 70);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < 1 + i % 70; k++)
			assert_int_equal(pieces[i][k], i % 251);
}

static void test_a_piece_may_be_larger_than_a_block(void **state)
{
	AUTO_ARENA a = ARENA_INIT;
	char *before = arena_strdup(&a, "before");
	unsigned char *big = arena_alloc(&a, 1 << 20);
	char *after = arena_strdup(&a, "after");

	(void)state;
	assert_true(all_zero(big, 1 << 20));
	memset(big, 0xff, 1 << 20);
	assert_string_equal(before, "before");
	assert_string_equal(after, "after");
}

static void allocate_everything(void)
{
	AUTO_ARENA a = ARENA_INIT;

	arena_alloc(&a, SIZE_MAX);
}

static void test_a_size_that_wraps_around_aborts(void **state)
{
	(void)state;
	assert_aborts(allocate_everything);
}

static void test_arena_strings_are_copies(void **state)
{
	AUTO_ARENA a = ARENA_INIT;
	char text[] = "abc";
	char *whole = arena_strdup(&a, text), *part = arena_strndup(&a, text, 2);
	char *made = arena_printf(&a, "%s-%d", text, 7);

	(void)state;
	text[0] = 'X';
	assert_string_equal(whole, "abc");
	assert_string_equal(part, "ab");
	assert_string_equal(made, "abc-7");
}

static void test_a_freed_arena_can_be_used_again(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	arena_strdup(&a, "abc");
	arena_free(&a);
	assert_null(a.blocks);
	assert_string_equal(arena_strdup(&a, "def"), "def");
	arena_free(&a);
	arena_free(&a);
}

struct point {
	int x, y;
};

static void test_a_vector_keeps_what_is_pushed(void **state)
{
	VEC(struct point) v = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		vec_push(&v, (struct point){ i, -i });
	assert_int_equal(v.count, 1000);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(v.items[i].x, i);
		assert_int_equal(v.items[i].y, -i);
	}
	vec_free(&v);
}

static void test_a_freed_vector_is_empty_and_can_be_used_again(void **state)
{
	struct strv v = { 0 };

	(void)state;
	vec_free(&v);
	vec_push(&v, "a");
	vec_free(&v);
	assert_int_equal(v.count, 0);
	assert_null(v.items);
	vec_push(&v, "b");
	assert_string_equal(v.items[0], "b");
	vec_free(&v);
}

static void test_nothing_is_still_something_to_free(void **state)
{
	void *none = xmalloc(0), *no_items = xcalloc(0, 8);

	(void)state;
	assert_non_null(none);
	assert_non_null(no_items);
	none = xrealloc(none, 0);
	assert_non_null(none);
	free(none);
	free(no_items);
}

static void test_a_part_of_a_string_is_terminated(void **state)
{
	AUTO_FREE char *part = xstrndup("abcdef", 3);
	AUTO_FREE char *whole = xstrdup("abc");

	(void)state;
	assert_string_equal(part, "abc");
	assert_string_equal(whole, "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arena_memory_is_zeroed_whatever_was_there_before),
		cmocka_unit_test(test_arena_memory_is_aligned_for_any_type),
		cmocka_unit_test(test_pieces_of_an_arena_do_not_overlap),
		cmocka_unit_test(test_a_piece_may_be_larger_than_a_block),
		cmocka_unit_test(test_a_size_that_wraps_around_aborts),
		cmocka_unit_test(test_arena_strings_are_copies),
		cmocka_unit_test(test_a_freed_arena_can_be_used_again),
		cmocka_unit_test(test_a_vector_keeps_what_is_pushed),
		cmocka_unit_test(test_a_freed_vector_is_empty_and_can_be_used_again),
		cmocka_unit_test(test_nothing_is_still_something_to_free),
		cmocka_unit_test(test_a_part_of_a_string_is_terminated),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
