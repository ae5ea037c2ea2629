/* SPDX-License-Identifier: MIT
 *
 * What a container is shown, and how that is written for an engine.
 */
#include "build/mount.h"

#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "scratch.h"

/* "-v PATH:PATH:ro"; the error's message when there is one. */
static const char *words(struct scratch *s, const char *path, bool writable)
{
	struct mount m = { .path = path, .from = path, .writable = writable };
	struct strv out = { 0 };
	const char *text = NULL;

	if (mount_words(&m, &s->arena, &out, &s->err))
		text = arena_printf(&s->arena, "%s|%s", out.items[0], out.items[1]);
	vec_free(&out);
	return text;
}

static void test_the_form_goes_by_the_path(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(words(s, "/a/b", true), "-v|/a/b:/a/b");
	assert_string_equal(words(s, "/a b/c'd", false), "-v|/a b/c'd:/a b/c'd:ro");
	assert_string_equal(words(s, "/a,b/\"c", false), "-v|/a,b/\"c:/a,b/\"c:ro");
	assert_string_equal(words(s, "/a:b", false),
			    "--mount|type=bind,source=/a:b,target=/a:b,readonly");
	assert_string_equal(words(s, "/a:b", true), "--mount|type=bind,source=/a:b,target=/a:b");
}

static void test_what_no_engine_can_take_is_refused(void **state)
{
	struct scratch *s = *state;

	assert_null(words(s, "/a:b,c", true));
	assert_err(&s->err, "/a:b,c cannot be given to a container", "plainer name");
	err_free(&s->err);
	assert_null(words(s, "/a:b\"c", true));
	assert_err(&s->err, "cannot be given", "plainer name");
}

/* "PATH PATH! ": relative to the scratch, '!' for writable. */
static const char *show(struct scratch *s, const struct mounts *m)
{
	AUTO_STRBUF out = STRBUF_INIT;

	for (size_t i = 0; i < m->items.count; i++) {
		assert_string_equal(m->items.items[i].path, m->items.items[i].from);
		strbuf_addf(&out, "%s%s ", m->items.items[i].path + strlen(s->dir) + 1,
			    m->items.items[i].writable ? "!" : "");
	}
	return arena_strdup(&s->arena, out.buf);
}

static void test_each_path_is_mounted_once(void **state)
{
	struct scratch *s = *state;
	struct mounts m = { 0 };

	scratch_mkdir(s, "tree/lib");
	scratch_mkdir(s, "tree/work");
	mounts_add(&m, scratch_path(s, "tree"), false, &s->arena);
	mounts_add(&m, scratch_path(s, "tree/lib"), false, &s->arena);
	mounts_add(&m, scratch_path(s, "tree/work"), true, &s->arena);
	mounts_add(&m, scratch_path(s, "tree/./work/"), false, &s->arena);
	mounts_add(&m, scratch_path(s, "gone"), false, &s->arena);
	assert_string_equal(show(s, &m), "tree tree/work! ");
	vec_free(&m.items);
}

static void test_one_path_has_the_greater_right(void **state)
{
	struct scratch *s = *state;
	struct mounts m = { 0 };

	scratch_mkdir(s, "work");
	mounts_add(&m, scratch_path(s, "work"), false, &s->arena);
	mounts_add(&m, scratch_path(s, "work"), true, &s->arena);
	assert_string_equal(show(s, &m), "work! ");
	vec_free(&m.items);
}

static void test_a_link_is_mounted_with_what_it_leads_to(void **state)
{
	struct scratch *s = *state;
	struct mounts m = { 0 };

	scratch_mkdir(s, "real/boards");
	assert_int_equal(symlink("real", scratch_path(s, "link")), 0);
	mounts_add(&m, scratch_path(s, "link/boards"), false, &s->arena);
	assert_string_equal(show(s, &m), "real/boards link/boards ");
	vec_free(&m.items);
}

static void test_what_is_shown_is_told_from_the_image(void **state)
{
	struct scratch *s = *state;
	struct mounts m = { 0 };

	scratch_mkdir(s, "tree/lib");
	mounts_add(&m, scratch_path(s, "tree"), false, &s->arena);
	assert_true(mounts_show(&m, scratch_path(s, "tree")));
	assert_true(mounts_show(&m, scratch_path(s, "tree/lib/x.c")));
	assert_false(mounts_show(&m, scratch_path(s, "tree2")));
	assert_false(mounts_show(&m, "/usr/include/stdio.h"));
	assert_false(mounts_show(&m, s->dir));
	assert_true(mounts_lead_through(&m, s->dir));
	assert_true(mounts_lead_through(&m, "/"));
	assert_false(mounts_lead_through(&m, "/usr"));
	vec_free(&m.items);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_the_form_goes_by_the_path),
		TEST(test_what_no_engine_can_take_is_refused),
		TEST(test_each_path_is_mounted_once),
		TEST(test_one_path_has_the_greater_right),
		TEST(test_a_link_is_mounted_with_what_it_leads_to),
		TEST(test_what_is_shown_is_told_from_the_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
