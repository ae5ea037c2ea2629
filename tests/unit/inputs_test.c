/* SPDX-License-Identifier: MIT
 *
 * Declared inputs, in real git repositories.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/xalloc.h"
#include "cache/statcache.h"
#include "cache/store.h"
#include "scratch.h"
#include "source/inputs.h"

struct fixture {
	struct scratch *s;
	struct store *store;
};

/* A repository with one commit of py/a.c and .gitignore (*.o, build*, lib/generated). */
static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->s = scratch_create();
	f->store = store_open(scratch_path(f->s, "store"), false, &f->s->err);
	must(f->store != NULL, &f->s->err);
	scratch_mkdir(f->s, "t/ports");
	scratch_mkdir(f->s, "t/mpy-cross");
	scratch_put(f->s, "t/py/a.c", "a");
	scratch_put(f->s, "t/.gitignore", "*.o\nbuild*/\n/lib/generated/\n");
	GIT(f->s, "t", "init", "-q");
	GIT(f->s, "t", "add", ".");
	GIT(f->s, "t", "commit", "-qm", "one");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	scratch_destroy(f->s);
	free(f);
	return 0;
}

static const char *scan(struct fixture *f, const char *tree, const char *const *roots, size_t count)
{
	struct scratch *s = f->s;
	struct statcache *stats = statcache_open(f->store, "x", &s->err);
	AUTO_STRBUF out = STRBUF_INIT;
	struct tree t;

	must(stats != NULL, &s->err);
	must(tree_open(&t, scratch_path(s, tree), &s->err), &s->err);
	must(inputs_scan(&t, roots, count, stats, &out, &s->err), &s->err);
	tree_close(&t);
	must(statcache_close(stats, false, &s->err), &s->err);
	return arena_strdup(&s->arena, out.buf);
}

/* The paths that a scan lists, one space behind each; "-" before absent ones. */
static const char *paths(struct fixture *f, const char *tree, const char *const *roots,
			 size_t count)
{
	const char *text = scan(f, tree, roots, count);
	AUTO_STRBUF out = STRBUF_INIT;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (strncmp(text, "absent ", 7) == 0) {
			strbuf_addf(&out, "-%.*s ", (int)len - 7, text + 7);
		} else {
			assert_int_equal(strspn(text, "0123456789abcdef"), 32);
			assert_int_equal(text[32], ' ');
			strbuf_addf(&out, "%.*s ", (int)len - 33, text + 33);
		}
		text += len + 1;
	}
	return arena_strdup(&f->s->arena, out.buf);
}

#define ROOTS(...) \
	(const char *const[]){ __VA_ARGS__ }, ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ }))

static void test_a_line_is_the_digest_and_the_path_in_the_tree(void **state)
{
	struct fixture *f = *state;
	char hex[DIGEST_HEX_SIZE];
	struct digest d = digest_of("a", 1);

	digest_hex(&d, hex);
	assert_string_equal(scan(f, "t", ROOTS("py")),
			    arena_printf(&f->s->arena, "%s py/a.c\n", hex));
}

static void test_files_are_listed_in_order_of_their_names(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/py/z.c", "");
	scratch_put(f->s, "t/py/b/c.c", "");
	scratch_put(f->s, "t/py/B.c", "");
	assert_string_equal(paths(f, "t", ROOTS("py")), "py/B.c py/a.c py/b/c.c py/z.c ");
}

static void test_roots_are_listed_in_the_order_given(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/lib/x.c", "");
	assert_string_equal(paths(f, "t", ROOTS("py", "lib/x.c")), "py/a.c lib/x.c ");
}

static void test_untracked_files_count(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/py/new.c", "");
	assert_string_equal(paths(f, "t", ROOTS("py")), "py/a.c py/new.c ");
}

static void test_ignored_files_and_folders_do_not(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/py/a.o", "");
	scratch_put(f->s, "t/py/build-x/y.c", "");
	assert_string_equal(paths(f, "t", ROOTS("py")), "py/a.c ");
}

static void test_a_tracked_file_counts_whatever_is_ignored(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/py/blob.o", "");
	scratch_put(f->s, "t/py/build-data/y.c", "");
	scratch_put(f->s, "t/py/build-data/untracked.c", "");
	GIT(f->s, "t", "add", "-f", "py/blob.o", "py/build-data/y.c");
	assert_string_equal(paths(f, "t", ROOTS("py")), "py/a.c py/blob.o py/build-data/y.c ");
}

static void test_a_tracked_file_that_is_gone_is_not_listed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(unlink(scratch_path(f->s, "t/py/a.c")), 0);
	assert_string_equal(paths(f, "t", ROOTS("py")), "");
}

static void test_editors_leftovers_do_not_count_unless_tracked(void **state)
{
	static const char *const left[] = { ".a.c.swp", "#a.c#",   "a.c~",
					    "a.c.orig", ".hidden", "x.swo" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		scratch_put(f->s, arena_printf(&f->s->arena, "t/py/%s", left[i]), "");
	assert_string_equal(paths(f, "t", ROOTS("py")), "py/a.c ");
	GIT(f->s, "t", "add", "-f", "py/.hidden", "py/a.c~");
	assert_string_equal(paths(f, "t", ROOTS("py")), "py/.hidden py/a.c py/a.c~ ");
}

static void test_our_own_folder_never_counts(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/build-mpflash/PYBV11/firmware.elf", "");
	scratch_put(f->s, "t/py/build-mpflash/x", "");
	assert_string_equal(paths(f, "t", ROOTS(".")), ".gitignore py/a.c ");
}

static void test_what_does_not_exist_is_told(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(paths(f, "t", ROOTS("none", "py/none.c")), "-none -py/none.c ");
}

static void test_a_folder_outside_the_tree_has_absolute_paths(void **state)
{
	struct fixture *f = *state;
	const char *outside = scratch_path(f->s, "boards/MINE");

	scratch_put(f->s, "boards/MINE/mpconfigboard.h", "");
	scratch_put(f->s, "boards/MINE/x~", "");
	scratch_put(f->s, "boards/MINE/build/x.o", "");
	assert_string_equal(paths(f, "t", ROOTS(outside)),
			    arena_printf(&f->s->arena, "%s/mpconfigboard.h ", outside));
}

static void test_a_folder_outside_that_is_a_checkout_has_its_own_rules(void **state)
{
	struct fixture *f = *state;
	const char *outside = scratch_path(f->s, "mine");

	scratch_put(f->s, "mine/.gitignore", "*.bak\n");
	scratch_put(f->s, "mine/x.bak", "");
	scratch_put(f->s, "mine/x.o", "");
	GIT(f->s, "mine", "init", "-q");
	GIT(f->s, "mine", "add", ".gitignore");
	assert_string_equal(paths(f, "t", ROOTS(outside)),
			    arena_printf(&f->s->arena, "%s/.gitignore %s/x.o ", outside, outside));
}

static void test_an_ignored_folder_that_is_named_counts(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/lib/generated/x.c", "");
	scratch_put(f->s, "t/lib/generated/sub/y.c", "");
	assert_string_equal(paths(f, "t", ROOTS("lib")), "");
	assert_string_equal(paths(f, "t", ROOTS("lib/generated")),
			    "lib/generated/sub/y.c lib/generated/x.c ");
	assert_string_equal(paths(f, "t", ROOTS("lib/generated/sub")), "lib/generated/sub/y.c ");
}

static void test_an_ignored_file_that_is_named_counts(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/py/a.o", "");
	assert_string_equal(paths(f, "t", ROOTS("py/a.o")), "py/a.o ");
}

/* --- submodules --- */

/* A repository "sub" with x.c, build/tracked.c and a .gitignore (*.tmp), as submodule lib/sub of the tree. */
static void add_submodule(struct fixture *f)
{
	struct scratch *s = f->s;

	scratch_put(s, "sub/x.c", "x");
	scratch_put(s, "sub/build/tracked.c", "");
	scratch_put(s, "sub/.gitignore", "*.tmp\n");
	GIT(s, "sub", "init", "-q");
	GIT(s, "sub", "add", "-f", ".");
	GIT(s, "sub", "commit", "-qm", "sub");
	GIT(s, "t", "submodule", "--quiet", "add", "../sub", "lib/sub");
	GIT(s, "t", "commit", "-qm", "submodule");
}

static void test_the_files_of_a_submodule_count(void **state)
{
	struct fixture *f = *state;

	add_submodule(f);
	assert_string_equal(paths(f, "t", ROOTS("lib")),
			    "lib/sub/.gitignore lib/sub/build/tracked.c lib/sub/x.c ");
}

static void test_a_submodule_has_its_own_ignore_rules(void **state)
{
	struct fixture *f = *state;

	add_submodule(f);
	scratch_put(f->s, "t/lib/sub/x.tmp", "");
	scratch_put(f->s, "t/lib/sub/x.o", ""); /* the tree's rule does not reach here */
	assert_string_equal(paths(f, "t", ROOTS("lib")),
			    "lib/sub/.gitignore lib/sub/build/tracked.c lib/sub/x.c lib/sub/x.o ");
}

static void test_a_root_inside_a_submodule_has_the_submodules_rules(void **state)
{
	struct fixture *f = *state;

	add_submodule(f);
	scratch_put(f->s, "t/lib/sub/build/x.tmp", "");
	scratch_put(f->s, "t/lib/sub/build/x.o", "");
	assert_string_equal(paths(f, "t", ROOTS("lib/sub/build")),
			    "lib/sub/build/tracked.c lib/sub/build/x.o ");
}

static void test_a_submodule_below_an_ignored_name_counts(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "sub/x.c", "x");
	GIT(f->s, "sub", "init", "-q");
	GIT(f->s, "sub", "add", ".");
	GIT(f->s, "sub", "commit", "-qm", "sub");
	GIT(f->s, "t", "submodule", "--quiet", "add", "-f", "../sub", "lib/build-tool");
	assert_string_equal(paths(f, "t", ROOTS("lib")), "lib/build-tool/x.c ");
}

static void test_a_submodule_that_is_not_checked_out_is_empty(void **state)
{
	struct fixture *f = *state;

	add_submodule(f);
	GIT(f->s, "t", "submodule", "--quiet", "deinit", "-f", "lib/sub");
	assert_string_equal(paths(f, "t", ROOTS("lib")), "");
}

/* --- other kinds of trees and files --- */

static void test_a_linked_worktree_is_a_checkout_too(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "t/ports/p", "");
	scratch_put(f->s, "t/mpy-cross/m", "");
	GIT(f->s, "t", "add", ".");
	GIT(f->s, "t", "commit", "-qm", "two");
	GIT(f->s, "t", "worktree", "add", "-q", "../w");
	scratch_put(f->s, "w/py/a.o", "");
	scratch_put(f->s, "w/py/new.c", "");
	assert_string_equal(paths(f, "w", ROOTS("py")), "py/a.c py/new.c ");
}

static void test_a_tree_without_git_leaves_out_what_builds_leave(void **state)
{
	struct fixture *f = *state;

	scratch_mkdir(f->s, "a/ports");
	scratch_mkdir(f->s, "a/mpy-cross");
	scratch_put(f->s, "a/py/a.c", "");
	scratch_put(f->s, "a/py/build/x.o", "");
	scratch_put(f->s, "a/py/build-PYBV11/x.o", "");
	scratch_put(f->s, "a/py/__pycache__/x.pyc", "");
	scratch_put(f->s, "a/py/.hidden", "");
	scratch_put(f->s, "a/py/builder.c", "");
	assert_string_equal(paths(f, "a", ROOTS("py")), "py/a.c py/builder.c ");
}

static void put_link(struct fixture *f, const char *text, const char *name)
{
	assert_int_equal(symlink(text, scratch_path(f->s, name)), 0);
}

static void test_a_link_counts_and_so_does_the_file_behind_it(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "outside.h", "");
	put_link(f, "../../outside.h", "t/py/link.h");
	assert_string_equal(paths(f, "t", ROOTS("py")),
			    arena_printf(&f->s->arena, "py/a.c py/link.h %s ",
					 scratch_path(f->s, "outside.h")));
	assert_string_equal(
		paths(f, "t", ROOTS("py/link.h")),
		arena_printf(&f->s->arena, "py/link.h %s ", scratch_path(f->s, "outside.h")));
}

static void test_the_folder_behind_a_link_counts(void **state)
{
	struct fixture *f = *state;

	scratch_put(f->s, "sdk/x.h", "");
	scratch_put(f->s, "sdk/sub/y.h", "");
	put_link(f, "../sdk", "t/sdk");
	assert_string_equal(paths(f, "t", ROOTS("sdk")),
			    arena_printf(&f->s->arena, "sdk %s %s ",
					 scratch_path(f->s, "sdk/sub/y.h"),
					 scratch_path(f->s, "sdk/x.h")));
}

static void test_a_link_to_a_folder_above_is_not_followed(void **state)
{
	struct fixture *f = *state;

	put_link(f, "../py", "t/py/loop");
	assert_string_equal(paths(f, "t", ROOTS("py")), "py/a.c py/loop ");
}

static void test_links_in_a_circle_come_to_an_end(void **state)
{
	struct fixture *f = *state;

	scratch_mkdir(f->s, "one");
	scratch_mkdir(f->s, "two");
	put_link(f, "../two", "one/to-two");
	put_link(f, "../one", "two/to-one");
	put_link(f, "../../one", "t/py/link");
	alarm(60);
	assert_has(paths(f, "t", ROOTS("py")), "py/a.c py/link ");
	alarm(0);
}

static void test_a_link_to_nothing_or_to_a_device_counts_by_its_text(void **state)
{
	struct fixture *f = *state;

	put_link(f, "nowhere", "t/py/b");
	put_link(f, "/dev/zero", "t/py/c");
	alarm(60);
	assert_string_equal(paths(f, "t", ROOTS("py", "py/c")), "py/a.c py/b py/c py/c ");
	alarm(0);
}

static void test_a_named_pipe_is_passed_over(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mkfifo(scratch_path(f->s, "t/py/pipe"), 0600), 0);
	assert_string_equal(paths(f, "t", ROOTS("py")), "py/a.c ");
}

static void test_an_executable_bit_makes_another_list(void **state)
{
	struct fixture *f = *state;
	const char *before = scan(f, "t", ROOTS("py"));

	assert_int_equal(chmod(scratch_path(f->s, "t/py/a.c"), 0755), 0);
	assert_string_not_equal(scan(f, "t", ROOTS("py")), before);
	assert_int_equal(chmod(scratch_path(f->s, "t/py/a.c"), 0644), 0);
	assert_string_equal(scan(f, "t", ROOTS("py")), before);
}

static void test_a_change_and_back_gives_the_same_list(void **state)
{
	struct fixture *f = *state;
	const char *before = scan(f, "t", ROOTS("py"));

	scratch_put(f->s, "t/py/a.c", "b");
	assert_string_not_equal(scan(f, "t", ROOTS("py")), before);
	scratch_put(f->s, "t/py/a.c", "a");
	assert_string_equal(scan(f, "t", ROOTS("py")), before);
}

static void test_a_commit_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const char *before;

	scratch_put(f->s, "t/py/new.c", "");
	before = scan(f, "t", ROOTS("py"));
	GIT(f->s, "t", "add", ".");
	GIT(f->s, "t", "commit", "-qm", "new");
	assert_string_equal(scan(f, "t", ROOTS("py")), before);
}

static void test_a_damaged_git_index_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct scratch *s = f->s;
	static const char *const roots[] = { "py" };
	struct statcache *stats = statcache_open(f->store, "x", &s->err);
	AUTO_STRBUF out = STRBUF_INIT;
	struct tree t;

	scratch_put(s, "t/.git/index", "garbage");
	must(tree_open(&t, scratch_path(s, "t"), &s->err), &s->err);
	assert_false(inputs_scan(&t, roots, 1, stats, &out, &s->err));
	assert_err(&s->err, "git index", NULL);
	tree_close(&t);
	err_free(&s->err);
	must(statcache_close(stats, true, &s->err), &s->err);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_line_is_the_digest_and_the_path_in_the_tree),
		TEST(test_files_are_listed_in_order_of_their_names),
		TEST(test_roots_are_listed_in_the_order_given),
		TEST(test_untracked_files_count),
		TEST(test_ignored_files_and_folders_do_not),
		TEST(test_a_tracked_file_counts_whatever_is_ignored),
		TEST(test_a_tracked_file_that_is_gone_is_not_listed),
		TEST(test_editors_leftovers_do_not_count_unless_tracked),
		TEST(test_our_own_folder_never_counts),
		TEST(test_what_does_not_exist_is_told),
		TEST(test_a_folder_outside_the_tree_has_absolute_paths),
		TEST(test_a_folder_outside_that_is_a_checkout_has_its_own_rules),
		TEST(test_an_ignored_folder_that_is_named_counts),
		TEST(test_an_ignored_file_that_is_named_counts),
		TEST(test_the_files_of_a_submodule_count),
		TEST(test_a_submodule_has_its_own_ignore_rules),
		TEST(test_a_root_inside_a_submodule_has_the_submodules_rules),
		TEST(test_a_submodule_below_an_ignored_name_counts),
		TEST(test_a_submodule_that_is_not_checked_out_is_empty),
		TEST(test_a_linked_worktree_is_a_checkout_too),
		TEST(test_a_tree_without_git_leaves_out_what_builds_leave),
		TEST(test_a_link_counts_and_so_does_the_file_behind_it),
		TEST(test_the_folder_behind_a_link_counts),
		TEST(test_a_link_to_a_folder_above_is_not_followed),
		TEST(test_links_in_a_circle_come_to_an_end),
		TEST(test_a_link_to_nothing_or_to_a_device_counts_by_its_text),
		TEST(test_a_named_pipe_is_passed_over),
		TEST(test_an_executable_bit_makes_another_list),
		TEST(test_a_change_and_back_gives_the_same_list),
		TEST(test_a_commit_changes_nothing),
		TEST(test_a_damaged_git_index_is_an_error),
	};

	return cmocka_run_group_tests_name("inputs", tests, NULL, NULL);
}
