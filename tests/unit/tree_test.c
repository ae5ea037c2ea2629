/* SPDX-License-Identifier: MIT
 *
 * Finding the source tree.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "source/tree.h"

static void make_tree(struct scratch *s, const char *name)
{
	static const char *const parts[] = { "ports/stm32/boards", "py", "mpy-cross" };

	for (size_t i = 0; i < 3; i++)
		scratch_mkdir(s, arena_printf(&s->arena, "%s/%s", name, parts[i]));
}

/* start NULL: from the variable or the current folder */
static void assert_found(struct scratch *s, const char *start, const char *want)
{
	struct tree t;

	must(tree_open(&t, start, &s->err), &s->err);
	assert_string_equal(t.root, scratch_path(s, want));
	tree_close(&t);
}

static void assert_refused(struct scratch *s, const char *start, const char *message,
			   const char *hint)
{
	struct tree t;

	assert_false(tree_open(&t, start, &s->err));
	assert_err(&s->err, message, hint);
	err_free(&s->err);
	tree_close(&t);
}

static void test_a_tree_is_found_at_its_root(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "t");
	assert_found(s, scratch_path(s, "t"), "t");
}

static void test_a_tree_is_found_from_below(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "t");
	assert_found(s, scratch_path(s, "t/ports/stm32/boards"), "t");
}

static void test_the_innermost_tree_wins(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "t");
	make_tree(s, "t/ports/inner");
	assert_found(s, scratch_path(s, "t/ports/inner/py"), "t/ports/inner");
}

static void test_the_variable_names_it(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "t");
	setenv("MICROPY_DIR", scratch_path(s, "t"), 1);
	assert_found(s, NULL, "t");
	unsetenv("MICROPY_DIR");
}

static void test_an_argument_goes_before_the_variable(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "one");
	make_tree(s, "two");
	setenv("MICROPY_DIR", scratch_path(s, "one"), 1);
	assert_found(s, scratch_path(s, "two"), "two");
	unsetenv("MICROPY_DIR");
}

static void test_without_either_it_is_found_from_the_current_folder(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "t");
	setenv("MICROPY_DIR", "", 1);
	assert_int_equal(chdir(scratch_path(s, "t/py")), 0);
	assert_found(s, NULL, "t");
	assert_int_equal(chdir("/"), 0);
	unsetenv("MICROPY_DIR");
}

static void test_links_are_resolved(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "t");
	assert_int_equal(symlink("t", scratch_path(s, "link")), 0);
	assert_found(s, scratch_path(s, "link/ports"), "t");
}

static void test_a_link_in_the_tree_leads_out_of_it_and_back(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "t");
	scratch_mkdir(s, "elsewhere/driver/src");
	assert_int_equal(symlink("../../../elsewhere/driver", scratch_path(s, "t/ports/stm32/d")),
			 0);
	assert_found(s, scratch_path(s, "t/ports/stm32/d/src"), "t");
	assert_int_equal(chdir(scratch_path(s, "t/ports/stm32/d/src")), 0);
	setenv("PWD", scratch_path(s, "t/ports/stm32/d/src"), 1);
	assert_found(s, NULL, "t");
	/* a variable from somewhere else says nothing */
	assert_int_equal(chdir(scratch_path(s, "elsewhere")), 0);
	assert_refused(s, NULL, "or above it", "run inside");
	assert_int_equal(chdir("/"), 0);
	unsetenv("PWD");
}

static void test_a_submodule_and_a_build_folder_lie_in_the_tree(void **state)
{
	struct scratch *s = *state;

	make_tree(s, "t");
	scratch_mkdir(s, "t/lib/m/src");
	scratch_mkdir(s, "t/ports/stm32/build-X/genhdr");
	GIT(s, "t", "init", "-q");
	GIT(s, "t/lib/m", "init", "-q");
	assert_found(s, scratch_path(s, "t/lib/m/src"), "t");
	assert_found(s, scratch_path(s, "t/ports/stm32/build-X/genhdr"), "t");
	assert_found(s, scratch_path(s, "t/.git/objects"), "t");
}

static void test_a_bare_repository_is_told_from_nothing(void **state)
{
	struct scratch *s = *state;

	GIT(s, ".", "init", "-q", "--bare", "b.git");
	assert_refused(s, scratch_path(s, "b.git"), "is a bare git repository", "worktree add");
}

static void test_the_variable_is_named_when_it_leads_nowhere(void **state)
{
	struct scratch *s = *state;

	setenv("MICROPY_DIR", "/nowhere", 1);
	assert_refused(s, NULL, "MICROPY_DIR: no MicroPython source tree at /nowhere",
		       "MICROPY_DIR=");
	unsetenv("MICROPY_DIR");
}

static void test_a_folder_that_lacks_a_part_is_no_tree(void **state)
{
	struct scratch *s = *state;
	struct tree t;

	scratch_mkdir(s, "t/ports");
	scratch_mkdir(s, "t/py");
	scratch_put(s, "t/mpy-cross", "a file");
	assert_false(tree_open(&t, scratch_path(s, "t"), &s->err));
	assert_err(&s->err, "no MicroPython source tree at", "MICROPY_DIR=");
	assert_has(s->err.msg, scratch_path(s, "t"));
	tree_close(&t);
}

static void test_a_folder_that_does_not_exist_is_no_tree(void **state)
{
	struct scratch *s = *state;
	struct tree t;

	assert_false(tree_open(&t, scratch_path(s, "none"), &s->err));
	assert_err(&s->err, "no MicroPython source tree at", "-C DIR");
	tree_close(&t);
}

static void test_a_checkout_has_a_repository_and_an_archive_has_none(void **state)
{
	struct scratch *s = *state;
	struct tree t;

	make_tree(s, "outer/archive");
	GIT(s, "outer", "init", "-q");
	must(tree_open(&t, scratch_path(s, "outer/archive"), &s->err), &s->err);
	assert_null(tree_repo(&t)); /* a repository around it is not its own */
	tree_close(&t);
	GIT(s, "outer/archive", "init", "-q");
	must(tree_open(&t, scratch_path(s, "outer/archive"), &s->err), &s->err);
	assert_non_null(tree_repo(&t));
	tree_close(&t);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_tree_is_found_at_its_root),
		TEST(test_a_tree_is_found_from_below),
		TEST(test_the_innermost_tree_wins),
		TEST(test_the_variable_names_it),
		TEST(test_an_argument_goes_before_the_variable),
		TEST(test_without_either_it_is_found_from_the_current_folder),
		TEST(test_links_are_resolved),
		TEST(test_a_link_in_the_tree_leads_out_of_it_and_back),
		TEST(test_a_submodule_and_a_build_folder_lie_in_the_tree),
		TEST(test_a_bare_repository_is_told_from_nothing),
		TEST(test_the_variable_is_named_when_it_leads_nowhere),
		TEST(test_a_folder_that_lacks_a_part_is_no_tree),
		TEST(test_a_folder_that_does_not_exist_is_no_tree),
		TEST(test_a_checkout_has_a_repository_and_an_archive_has_none),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
