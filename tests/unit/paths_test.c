/* SPDX-License-Identifier: MIT
 *
 * Paths by number: every path once, the same number for good, whoever adds it.
 */
#include <sqlite3.h>
#include <string.h>

#include "cache/store.h"
#include "cache/verify.h"
#include "scratch.h"

static struct store *open_store(struct scratch *s)
{
	struct store *store = store_open(scratch_path(s, "store"), false, &s->err);

	must(store != NULL, &s->err);
	return store;
}

static uint32_t number_of(struct scratch *s, struct store *store, const char *path)
{
	uint32_t n;

	must(store_intern_paths(store, &path, 1, &n, &s->err), &s->err);
	return n;
}

static const char *path_of(struct scratch *s, struct store *store, uint32_t n)
{
	struct store_paths all;

	must(store_paths(store, &all, &s->err), &s->err);
	return n < all.count ? all.items[n] : NULL;
}

static void test_a_path_keeps_its_number(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	uint32_t a = number_of(s, store, "py/a.c"), b = number_of(s, store, "py/b.c");

	assert_int_not_equal(a, b);
	assert_int_equal(number_of(s, store, "py/a.c"), a);
	store_close(store);
	store = open_store(s);
	assert_int_equal(number_of(s, store, "py/b.c"), b);
	assert_string_equal(path_of(s, store, a), "py/a.c");
	store_close(store);
}

static void test_two_that_have_the_store_open_agree(void **state)
{
	struct scratch *s = *state;
	struct store *one = open_store(s), *two = open_store(s);
	uint32_t a = number_of(s, one, "a"), b = number_of(s, two, "b");

	assert_int_not_equal(a, b);
	assert_int_equal(number_of(s, two, "a"), a);
	assert_int_equal(number_of(s, one, "b"), b);
	assert_string_equal(path_of(s, one, b), "b");
	store_close(one);
	store_close(two);
}

static void test_what_is_taken_back_gets_no_number(void **state)
{
	struct scratch *s = *state;
	struct store *one = open_store(s), *two;
	uint32_t lost, kept;

	must(store_begin(one, &s->err), &s->err);
	lost = number_of(s, one, "lost");
	store_rollback(one);
	two = open_store(s);
	kept = number_of(s, two, "kept");
	assert_int_equal(lost, kept);
	assert_string_equal(path_of(s, one, kept), "kept");
	assert_int_not_equal(number_of(s, one, "lost"), kept);
	store_close(one);
	store_close(two);
}

static void test_a_dry_store_numbers_in_memory(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	uint32_t a = number_of(s, store, "a"), b;

	store_close(store);
	store = store_open(scratch_path(s, "store"), true, &s->err);
	must(store != NULL, &s->err);
	assert_int_equal(number_of(s, store, "a"), a);
	b = number_of(s, store, "b");
	assert_int_equal(number_of(s, store, "b"), b);
	assert_string_equal(path_of(s, store, b), "b");
	store_close(store);
	store = open_store(s);
	assert_int_equal(number_of(s, store, "c"), b);
	store_close(store);
}

static void test_a_damaged_list_is_told_and_verify_mends_it(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	const char *path = "new";
	struct verify_result r;
	uint32_t n;
	sqlite3 *db;

	number_of(s, store, "a");
	number_of(s, store, "b");
	store_close(store);
	assert_int_equal(sqlite3_open(scratch_path(s, "store/index.db"), &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "UPDATE paths SET text = x'41' WHERE first = 1", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	store = open_store(s);
	assert_false(store_intern_paths(store, &path, 1, &n, &s->err));
	assert_err(&s->err, "list of paths is damaged", "cache verify");
	err_free(&s->err);
	must(store_verify(store, true, &s->arena, &r, &s->err), &s->err);
	assert_int_equal(r.faults.count, 1);
	assert_has(r.faults.items[0], "1 of 2 paths cannot be read");
	vec_free(&r.faults);
	vec_free(&r.notes);
	assert_int_equal(number_of(s, store, "new"), 1);
	store_close(store);
}

/* One byte of a batch became a NUL: all that follow it have another number. */
static void test_a_batch_with_another_count_is_not_taken(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	const char *const three[] = { "a", "bcd", "e" };
	struct verify_result r;
	uint32_t n[3];
	sqlite3 *db;

	must(store_intern_paths(store, three, 3, n, &s->err), &s->err);
	store_close(store);
	assert_int_equal(sqlite3_open(scratch_path(s, "store/index.db"), &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "UPDATE paths SET text = x'6100620064006500'", NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	store = open_store(s);
	assert_null(path_of(s, store, n[2]));
	must(store_verify(store, true, &s->arena, &r, &s->err), &s->err);
	assert_int_equal(r.faults.count, 1);
	assert_has(r.faults.items[0], "3 of 3 paths cannot be read");
	vec_free(&r.faults);
	vec_free(&r.notes);
	must(store_intern_paths(store, three, 3, n, &s->err), &s->err);
	assert_string_equal(path_of(s, store, n[2]), "e");
	store_close(store);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_path_keeps_its_number),
		TEST(test_two_that_have_the_store_open_agree),
		TEST(test_what_is_taken_back_gets_no_number),
		TEST(test_a_dry_store_numbers_in_memory),
		TEST(test_a_damaged_list_is_told_and_verify_mends_it),
		TEST(test_a_batch_with_another_count_is_not_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
#undef TEST
}
