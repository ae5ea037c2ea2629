/* SPDX-License-Identifier: MIT
 *
 * Paths as text.
 */
#include <string.h>

#include "base/path.h"
#include "scratch.h"

static void assert_normal(const char *path, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	path_normalize(&out, path);
	assert_string_equal(out.buf, want);
}

static void assert_below(const char *path, const char *dir, const char *want)
{
	const char *got = path_below(path, dir);

	if (!want) {
		assert_null(got);
	} else {
		assert_non_null(got);
		assert_string_equal(got, want);
	}
}

static void test_joining_puts_one_slash_between(void **state)
{
	AUTO_ARENA a = ARENA_INIT;

	(void)state;
	assert_string_equal(path_join(&a, "/a", "b"), "/a/b");
	assert_string_equal(path_join(&a, "/a/", "b/c"), "/a/b/c");
	assert_string_equal(path_join(&a, "/", "b"), "/b");
}

static void test_an_absolute_name_stands_alone(void **state)
{
	AUTO_ARENA a = ARENA_INIT;

	(void)state;
	assert_string_equal(path_join(&a, "/a", "/b"), "/b");
	assert_string_equal(path_join(&a, "", "b"), "b");
}

static void test_the_base_is_what_follows_the_last_slash(void **state)
{
	(void)state;
	assert_string_equal(path_base("/a/b.c"), "b.c");
	assert_string_equal(path_base("b"), "b");
	assert_string_equal(path_base("a/"), "");
}

static void test_the_folder_is_what_stands_before_it(void **state)
{
	AUTO_ARENA a = ARENA_INIT;

	(void)state;
	assert_string_equal(path_dir(&a, "/a/b"), "/a");
	assert_string_equal(path_dir(&a, "/a"), "/");
	assert_string_equal(path_dir(&a, "a"), ".");
	assert_string_equal(path_dir(&a, "a/b/c"), "a/b");
}

static void test_the_extension_follows_the_last_dot_of_the_base(void **state)
{
	(void)state;
	assert_string_equal(path_ext("x/firmware.signed.bin"), "bin");
	assert_string_equal(path_ext("v1.2/firmware"), "");
	assert_string_equal(path_ext(".profile"), "");
	assert_string_equal(path_ext("a."), "");
}

static void test_normalizing_drops_dots_and_double_slashes(void **state)
{
	(void)state;
	assert_normal("/a//b/./c/", "/a/b/c");
	assert_normal("/a/b/../c", "/a/c");
	assert_normal("/a/.b/..c/d..", "/a/.b/..c/d..");
	assert_normal("/a/.../b", "/a/.../b");
}

static void test_nothing_is_above_the_root(void **state)
{
	(void)state;
	assert_normal("/", "/");
	assert_normal("/..", "/");
	assert_normal("/a/../../b", "/b");
	assert_normal("/a/..", "/");
}

static void test_normalizing_appends(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	strbuf_adds(&out, "dir=");
	path_normalize(&out, "/../a/../..");
	assert_string_equal(out.buf, "dir=/");
}

static void test_below_is_the_rest_of_the_path(void **state)
{
	(void)state;
	assert_below("/tree/ports/stm32", "/tree", "ports/stm32");
	assert_below("/tree", "/tree", "");
	assert_below("/tree", "/", "tree");
}

static void test_a_name_that_only_begins_alike_is_not_below(void **state)
{
	(void)state;
	assert_below("/tree2/x", "/tree", NULL);
	assert_below("/tre", "/tree", NULL);
	assert_below("tree", "/", NULL);
}

static void test_a_plain_name_has_no_way_out_of_its_folder(void **state)
{
	(void)state;
	assert_true(path_is_name("firmware.hex"));
	assert_true(path_is_name("..."));
	assert_true(path_is_name(".git"));
	assert_false(path_is_name(""));
	assert_false(path_is_name("."));
	assert_false(path_is_name(".."));
	assert_false(path_is_name("a/b"));
	assert_false(path_is_name("/a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_joining_puts_one_slash_between),
		cmocka_unit_test(test_an_absolute_name_stands_alone),
		cmocka_unit_test(test_the_base_is_what_follows_the_last_slash),
		cmocka_unit_test(test_the_folder_is_what_stands_before_it),
		cmocka_unit_test(test_the_extension_follows_the_last_dot_of_the_base),
		cmocka_unit_test(test_normalizing_drops_dots_and_double_slashes),
		cmocka_unit_test(test_nothing_is_above_the_root),
		cmocka_unit_test(test_normalizing_appends),
		cmocka_unit_test(test_below_is_the_rest_of_the_path),
		cmocka_unit_test(test_a_name_that_only_begins_alike_is_not_below),
		cmocka_unit_test(test_a_plain_name_has_no_way_out_of_its_folder),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
