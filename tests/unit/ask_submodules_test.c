/* SPDX-License-Identifier: MIT
 *
 * What a port's `make submodules` asked git for, from the words of its calls.
 */
#include <string.h>

#include "base/strbuf.h"
#include "build/ask_submodules.h"
#include "scratch.h"

/* "lib/a|lib/b"; a '!' behind it: not all are named. */
static const char *asked(struct scratch *s, const char *log)
{
	struct strv paths = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;
	bool all = submodules_asked("/t", log, &s->arena, &paths);

	for (size_t i = 0; i < paths.count; i++)
		strbuf_addf(&out, "%s%s", i ? "|" : "", paths.items[i]);
	if (!all)
		strbuf_addch(&out, '!');
	vec_free(&paths);
	return arena_strdup(&s->arena, out.buf);
}

static void test_an_update_names_paths(void **state)
{
	assert_string_equal(asked(*state, "/t\nsubmodule\nupdate\n--init\nlib/a\nlib/b\n\n"),
			    "lib/a|lib/b");
	assert_string_equal(asked(*state, ""), "");
}

static void test_each_path_counts_once(void **state)
{
	assert_string_equal(asked(*state,
				  "/t\nsubmodule\nupdate\nlib/a\n\n"
				  "/t/ports/x\nsubmodule\nupdate\n../../lib/a\n../../lib/b/\n\n"),
			    "lib/a|lib/b");
}

static void test_options_are_no_paths(void **state)
{
	assert_string_equal(asked(*state,
				  "/t\n-c\na.b=c\nsubmodule\n--quiet\nupdate\n--init\n--depth\n1\n"
				  "--filter=blob:none\n-j\n4\n--\nlib/a\n\n"),
			    "lib/a");
}

static void test_a_folder_may_be_given(void **state)
{
	assert_string_equal(asked(*state, "/t/ports/x\n-C\n../../lib/a\nsubmodule\nupdate\nb\n\n"),
			    "lib/a/b");
}

static void test_other_calls_name_nothing(void **state)
{
	assert_string_equal(asked(*state, "/t\nsubmodule\nsync\nlib/a\n\n/t\nsubmodule\nstatus\n\n"
					  "/t\nsubmodule\n\n"),
			    "");
}

static void test_without_paths_all_are_meant(void **state)
{
	assert_string_equal(asked(*state, "/t\nsubmodule\nupdate\n--init\n\n"
					  "/t\nsubmodule\nupdate\nlib/a\n\n"),
			    "lib/a!");
}

static void test_paths_outside_of_the_tree_are_none(void **state)
{
	assert_string_equal(asked(*state, "/t\nsubmodule\nupdate\n../u\n/etc\n.\n/t2/x\n\n"), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_an_update_names_paths),
		TEST(test_each_path_counts_once),
		TEST(test_options_are_no_paths),
		TEST(test_a_folder_may_be_given),
		TEST(test_other_calls_name_nothing),
		TEST(test_without_paths_all_are_meant),
		TEST(test_paths_outside_of_the_tree_are_none),
	};

	return cmocka_run_group_tests_name("ask_submodules", tests, NULL, NULL);
}
