/* SPDX-License-Identifier: MIT
 *
 * Where things live on this machine.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "os/dirs.h"
#include "os/fs.h"
#include "scratch.h"

/* The cache folder with these variables; NULL: not set. */
static void assert_cache(const char *own, const char *xdg, const char *home, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	const struct {
		const char *name, *value;
	} set[] = { { "MPFLASH_CACHE", own }, { "XDG_CACHE_HOME", xdg }, { "HOME", home } };

	for (size_t i = 0; i < 3; i++)
		if (set[i].value)
			setenv(set[i].name, set[i].value, 1);
		else
			unsetenv(set[i].name);
	must(dirs_cache(&out, &e), &e);
	assert_string_equal(out.buf, want);
}

static void test_the_cache_is_where_our_own_variable_says(void **state)
{
	(void)state;
	assert_cache("/own", "/xdg", "/home/x", "/own");
}

static void test_then_where_xdg_says(void **state)
{
	(void)state;
	assert_cache(NULL, "/xdg", "/home/x", "/xdg/mpflash");
}

static void test_then_below_the_home_folder(void **state)
{
	(void)state;
	assert_cache(NULL, NULL, "/home/x", "/home/x/.cache/mpflash");
}

static void test_an_empty_variable_counts_as_unset(void **state)
{
	(void)state;
	assert_cache("", "", "/home/x", "/home/x/.cache/mpflash");
}

static void test_the_cache_is_absolute_and_not_made(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(chdir(s->dir), 0);
	assert_cache("a/../cache", NULL, NULL, scratch_path(s, "cache"));
	assert_string_equal(scratch_list(s, ""), "");
	assert_int_equal(chdir("/"), 0);
}

static void test_without_any_of_them_the_hint_names_one(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	unsetenv("MPFLASH_CACHE");
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	assert_false(dirs_cache(&out, &s->err));
	assert_err(&s->err, "HOME is not set", "MPFLASH_CACHE=");
}

static void test_a_path_is_made_absolute_against_the_current_folder(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	assert_int_equal(chdir(s->dir), 0);
	must(dirs_absolute(&out, "./x/../y", &s->err), &s->err);
	assert_string_equal(out.buf, scratch_path(s, "y"));
	strbuf_reset(&out);
	must(dirs_absolute(&out, "/a/../b", &s->err), &s->err);
	assert_string_equal(out.buf, "/b");
	assert_int_equal(chdir("/"), 0);
}

static void test_the_current_folder_may_be_gone(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	scratch_mkdir(s, "gone");
	assert_int_equal(chdir(scratch_path(s, "gone")), 0);
	assert_int_equal(rmdir(scratch_path(s, "gone")), 0);
	assert_false(dirs_current(&out, &s->err));
	assert_int_equal(chdir("/"), 0);
	assert_err(&s->err, "cannot tell the current folder", NULL);
}

static void test_the_programs_folder_has_this_program(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF out = STRBUF_INIT;

	must(dirs_program(&out, &s->err), &s->err);
	assert_true(fs_exists(path_join(&s->arena, out.buf, "dirs_test")));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_cache_is_where_our_own_variable_says),
		TEST(test_then_where_xdg_says),
		TEST(test_then_below_the_home_folder),
		TEST(test_an_empty_variable_counts_as_unset),
		TEST(test_the_cache_is_absolute_and_not_made),
		TEST(test_without_any_of_them_the_hint_names_one),
		TEST(test_a_path_is_made_absolute_against_the_current_folder),
		TEST(test_the_current_folder_may_be_gone),
		TEST(test_the_programs_folder_has_this_program),
	};

	return cmocka_run_group_tests_name("dirs", tests, NULL, NULL);
}
