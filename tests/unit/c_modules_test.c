/* SPDX-License-Identifier: MIT
 *
 * Which user C modules lie in folders, and the one place that is made of them.
 */
#include "build/c_modules.h"

#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "scratch.h"

/* "NAME=PATH NAME=PATH", paths relative to the scratch; the folders are a NULL-terminated list. */
static bool find(struct scratch *s, enum c_modules_form form, const char *const *dirs,
		 struct c_modules *out)
{
	struct strv list = { 0 };
	bool ok;

	for (; *dirs; dirs++)
		vec_push(&list, scratch_path(s, *dirs));
	ok = c_modules_find(&list, form, &s->arena, out, &s->err);
	vec_free(&list);
	return ok;
}

#define DIRS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *show(struct scratch *s, const struct c_modules *m)
{
	AUTO_STRBUF out = STRBUF_INIT;

	for (size_t i = 0; i < m->count; i++)
		strbuf_addf(&out, "%s=%s ", m->items[i].name, path_below(m->items[i].path, s->dir));
	return arena_strdup(&s->arena, out.buf);
}

static void fill(struct scratch *s)
{
	scratch_put(s, "mods/b/micropython.mk", "");
	scratch_put(s, "mods/b/micropython.cmake", "");
	scratch_put(s, "mods/a/micropython.mk", "");
	scratch_put(s, "mods/.hidden/micropython.mk", "");
	scratch_put(s, "mods/none/x.c", "");
	scratch_put(s, "mods/file", "");
	scratch_put(s, "own/micropython.mk", "");
	scratch_put(s, "own/micropython.cmake", "");
	scratch_put(s, "own/below/micropython.mk", "");
}

static void test_a_folder_of_modules_is_what_make_takes(void **state)
{
	struct scratch *s = *state;
	struct c_modules m;

	fill(s);
	must(find(s, C_MODULES_MAKE, DIRS("mods"), &m), &s->err);
	assert_string_equal(show(s, &m), "a=mods/a b=mods/b ");
	assert_string_equal(c_modules_word(&m, "/work/c", &s->arena), scratch_path(s, "mods"));
	vec_free(&m);
}

static void test_several_folders_become_links_for_make(void **state)
{
	struct scratch *s = *state;
	const char *dir = scratch_path(s, "work/c");
	struct c_modules m;

	fill(s);
	must(find(s, C_MODULES_MAKE, DIRS("own", "mods", "own"), &m), &s->err);
	assert_string_equal(show(s, &m), "own=own a=mods/a b=mods/b ");
	assert_string_equal(c_modules_word(&m, dir, &s->arena), dir);
	for (int i = 0; i < 2; i++) { /* a second time it is the same */
		must(c_modules_place(&m, dir, &s->err), &s->err);
		assert_string_equal(RUN(s, "work/c", "readlink", "a", "b", "own"),
				    RUN(s, ".", "printf", "%s\n", scratch_path(s, "mods/a"),
					scratch_path(s, "mods/b"), scratch_path(s, "own")));
	}
	vec_free(&m);
}

static void test_a_module_by_itself_is_linked_too(void **state)
{
	struct scratch *s = *state;
	struct c_modules m;

	fill(s);
	must(find(s, C_MODULES_MAKE, DIRS("own"), &m), &s->err);
	assert_string_equal(show(s, &m), "own=own ");
	assert_null(m.folder);
	vec_free(&m);
}

static void test_cmake_gets_one_file_that_includes_them(void **state)
{
	struct scratch *s = *state;
	const char *dir = scratch_path(s, "work/c");
	struct c_modules m;

	fill(s);
	must(find(s, C_MODULES_CMAKE, DIRS("mods", "own"), &m), &s->err);
	assert_string_equal(show(s, &m), "b=mods/b/micropython.cmake own=own/micropython.cmake ");
	assert_string_equal(c_modules_word(&m, dir, &s->arena),
			    scratch_path(s, "work/c/micropython.cmake"));
	must(c_modules_place(&m, dir, &s->err), &s->err);
	assert_string_equal(scratch_text(s, "work/c/micropython.cmake"),
			    arena_printf(&s->arena, "include(\"%s\")\ninclude(\"%s\")\n",
					 scratch_path(s, "mods/b/micropython.cmake"),
					 scratch_path(s, "own/micropython.cmake")));
	vec_free(&m);
}

static void test_two_of_one_name_are_refused_for_make_alone(void **state)
{
	struct scratch *s = *state;
	struct c_modules m;

	fill(s);
	scratch_put(s, "other/b/micropython.mk", "");
	scratch_put(s, "other/b/micropython.cmake", "");
	assert_false(find(s, C_MODULES_MAKE, DIRS("mods", "other"), &m));
	assert_err(&s->err, "two user C modules are named 'b'", "rename one");
	vec_free(&m);
	err_free(&s->err);
	must(find(s, C_MODULES_CMAKE, DIRS("mods", "other"), &m), &s->err);
	assert_int_equal(m.count, 2);
	vec_free(&m);
}

static void test_a_folder_without_modules_is_named(void **state)
{
	struct scratch *s = *state;
	struct c_modules m;

	fill(s);
	assert_false(find(s, C_MODULES_CMAKE, DIRS("own", "mods/none"), &m));
	assert_err(&s->err, "mods/none: neither micropython.cmake nor", "CMake");
	vec_free(&m);
	err_free(&s->err);
	assert_false(find(s, C_MODULES_MAKE, DIRS("nowhere"), &m));
	assert_err(&s->err, "nowhere", NULL);
	vec_free(&m);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_folder_of_modules_is_what_make_takes),
		TEST(test_several_folders_become_links_for_make),
		TEST(test_a_module_by_itself_is_linked_too),
		TEST(test_cmake_gets_one_file_that_includes_them),
		TEST(test_two_of_one_name_are_refused_for_make_alone),
		TEST(test_a_folder_without_modules_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
