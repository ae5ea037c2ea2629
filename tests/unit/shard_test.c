/* SPDX-License-Identifier: MIT
 *
 * Dividing boards among machines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "graph/shard.h"
#include "scratch.h"

static int shard_of(const struct shard_item *items, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(items[i].name, name) == 0)
			return items[i].shard;
	return -1;
}

static void test_without_times_the_names_go_round(void **state)
{
	struct shard_item items[] = {
		{ "d", "p", 0, -1 }, { "b", "q", 0, -1 }, { "a", "p", 0, -1 }, { "c", "q", 0, -1 }
	};

	(void)state;
	shard_split(items, 4, 2);
	assert_int_equal(shard_of(items, 4, "a"), 0);
	assert_int_equal(shard_of(items, 4, "b"), 1);
	assert_int_equal(shard_of(items, 4, "c"), 0);
	assert_int_equal(shard_of(items, 4, "d"), 1);
}

static void test_the_longest_go_first_to_who_has_least(void **state)
{
	struct shard_item items[] = { { "a", "p", 10, -1 },
				      { "b", "p", 90, -1 },
				      { "c", "p", 50, -1 },
				      { "d", "p", 45, -1 } };

	(void)state;
	shard_split(items, 4, 2); /* b | c d, then a to b (90 against 95) */
	assert_int_equal(shard_of(items, 4, "b"), 0);
	assert_int_equal(shard_of(items, 4, "c"), 1);
	assert_int_equal(shard_of(items, 4, "d"), 1);
	assert_int_equal(shard_of(items, 4, "a"), 0);
}

static void test_a_board_that_was_never_timed_takes_what_its_port_takes(void **state)
{
	struct shard_item items[] = {
		{ "a", "slow", 100, -1 }, { "b", "slow", 0, -1 }, { "c", "fast", 1, -1 },
		{ "d", "fast", 0, -1 },   { "e", "new", 0, -1 },
	};

	(void)state;
	shard_split(items, 5, 3);
	/* a: 100, b: 100, e: the mean of all, 50; c and d: 1 */
	assert_int_equal(shard_of(items, 5, "a"), 0);
	assert_int_equal(shard_of(items, 5, "b"), 1);
	assert_int_equal(shard_of(items, 5, "e"), 2);
	assert_int_equal(shard_of(items, 5, "c"), 2);
	assert_int_equal(shard_of(items, 5, "d"), 2);
}

/* Any order of the same boards, any number of parts: the same split, no part above the known bound of this method. */
static void test_the_split_is_the_same_from_any_order_and_balanced(void **state)
{
	enum { COUNT = 60 };
	struct shard_item one[COUNT], two[COUNT];
	static char names[COUNT][16];

	(void)state;
	srand(7);
	for (int i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "b%02d", i);
		one[i] = (struct shard_item){ names[i], "p", 1000 + rand() % 60000, -1 };
	}
	for (int shards = 1; shards <= COUNT + 5; shards++) {
		int64_t loads[COUNT + 5] = { 0 }, sum = 0, longest = 0, most = 0;

		for (int i = 0; i < COUNT; i++)
			two[i] = one[COUNT - 1 - i];
		shard_split(one, COUNT, shards);
		shard_split(two, COUNT, shards);
		for (int i = 0; i < COUNT; i++) {
			assert_in_range(one[i].shard, 0, shards - 1);
			assert_int_equal(shard_of(two, COUNT, one[i].name), one[i].shard);
			loads[one[i].shard] += one[i].ms;
			sum += one[i].ms;
			longest = one[i].ms > longest ? one[i].ms : longest;
		}
		for (int i = 0; i < shards; i++)
			most = loads[i] > most ? loads[i] : most;
		assert_true(most <= sum / shards + longest);
	}
}

static void test_times_that_are_absurd_do_no_harm(void **state)
{
	struct shard_item items[] = { { "a", "p", INT64_MAX, -1 },
				      { "b", "p", INT64_MAX, -1 },
				      { "c", "p", INT64_MIN, -1 } };

	(void)state;
	shard_split(items, 3, 2);
	assert_int_not_equal(shard_of(items, 3, "a"), shard_of(items, 3, "b"));
	shard_split(items, 0, 3);
}

static void test_the_digest_tells_splits_apart_and_not_orders(void **state)
{
	struct shard_item one[] = { { .name = "a", .group = "p", .ms = 5 },
				    { .name = "b", .group = "p", .ms = 9 } };
	struct shard_item other[] = { { .name = "b", .group = "q", .ms = 7 },
				      { .name = "a", .group = "q", .ms = 4 } };
	struct digest d, same;

	(void)state;
	shard_split(one, 2, 2);
	shard_split(other, 2, 2);
	d = shard_digest(one, 2);
	same = shard_digest(other, 2);
	assert_true(digest_equal(&d, &same));
	other[0].shard = !other[0].shard;
	same = shard_digest(other, 2);
	assert_false(digest_equal(&d, &same));
}

static void test_words_that_are_a_part_of_n(void **state)
{
	static const struct {
		const char *text;
		int number, count; /* 0: none */
	} cases[] = {
		{ "1/1", 1, 1 },
		{ "2/5", 2, 5 },
		{ "5/5", 5, 5 },
		{ "10000/10000", 10000, 10000 },
		{ "0/5", 0, 0 },
		{ "6/5", 0, 0 },
		{ "1/0", 0, 0 },
		{ "1", 0, 0 },
		{ "/", 0, 0 },
		{ "", 0, 0 },
		{ "1/", 0, 0 },
		{ "/2", 0, 0 },
		{ "1/2x", 0, 0 },
		{ " 1/2", 0, 0 },
		{ "-1/2", 0, 0 },
		{ "1/2/3", 0, 0 },
		{ "1/10001", 0, 0 },
		{ "1/99999999999999999999", 0, 0 },
		{ "4294967297/4294967297", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_ERR e = ERR_INIT;
		int number = 0, count = 0;
		bool ok = shard_parse(cases[i].text, &number, &count, &e);

		assert_int_equal(ok, cases[i].count != 0);
		if (ok) {
			assert_int_equal(number, cases[i].number);
			assert_int_equal(count, cases[i].count);
		} else {
			assert_int_equal(e.kind, ERR_USAGE);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_times_the_names_go_round),
		cmocka_unit_test(test_the_longest_go_first_to_who_has_least),
		cmocka_unit_test(test_a_board_that_was_never_timed_takes_what_its_port_takes),
		cmocka_unit_test(test_the_split_is_the_same_from_any_order_and_balanced),
		cmocka_unit_test(test_times_that_are_absurd_do_no_harm),
		cmocka_unit_test(test_the_digest_tells_splits_apart_and_not_orders),
		cmocka_unit_test(test_words_that_are_a_part_of_n),
	};
	return cmocka_run_group_tests_name("shard", tests, NULL, NULL);
}
