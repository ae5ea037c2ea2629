/* SPDX-License-Identifier: MIT
 *
 * The version stamp against git's own words, in the form that py/makeversionhdr.py gives them.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "scratch.h"
#include "source/stamp.h"

/* A tree "t" with one commit of py/a.c. */
static int setup(void **state)
{
	struct scratch *s = scratch_create();

	scratch_put(s, "t/ports/p", "");
	scratch_put(s, "t/mpy-cross/m", "");
	scratch_put(s, "t/py/a.c", "a");
	scratch_put(s, "t/.gitignore", "*.o\n");
	GIT(s, "t", "init", "-q");
	GIT(s, "t", "add", ".");
	GIT(s, "t", "commit", "-qm", "one");
	*state = s;
	return 0;
}

static struct stamp read_stamp(struct scratch *s, const char *tree)
{
	struct stamp stamp;
	struct tree t;

	must(tree_open(&t, scratch_path(s, tree), &s->err), &s->err);
	must(stamp_read(&t, &stamp, &s->err), &s->err);
	tree_close(&t);
	return stamp;
}

static const char *tag(struct scratch *s)
{
	return arena_strdup(&s->arena, read_stamp(s, "t").tag);
}

/* git's output without its newline */
#define LINE(s, ...)                                         \
	arena_strndup(&(s)->arena, GIT(s, "t", __VA_ARGS__), \
		      strcspn(GIT(s, "t", __VA_ARGS__), "\n"))

/* What makeversionhdr.py makes of git describe: release, rest = tag.split("-", 1); rest.replace("-", "."). */
static const char *described(struct scratch *s)
{
	char *text = LINE(s, "describe", "--tags", "--dirty", "--always", "--match", "v[1-9].*",
			  "--abbrev=10");
	char *dash = strchr(text, '-');

	while (dash && (dash = strchr(dash + 1, '-')))
		*dash = '.';
	return text;
}

static void commit(struct scratch *s, const char *text)
{
	scratch_put(s, "t/py/a.c", text);
	GIT(s, "t", "commit", "-qam", text);
}

static void test_at_a_tag_it_is_the_tag(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "v1.29.0");
	assert_string_equal(tag(s), "v1.29.0");
	assert_string_equal(tag(s), described(s));
}

static void test_after_a_tag_it_counts_commits(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "-am", "x", "v1.28.0");
	commit(s, "b");
	commit(s, "c");
	assert_has(tag(s), "v1.28.0-2.g");
	assert_string_equal(tag(s), described(s));
}

static void test_a_preview_tag_keeps_its_one_dash(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "v1.29.0-preview");
	assert_string_equal(tag(s), "v1.29.0-preview");
	commit(s, "b");
	assert_has(tag(s), "v1.29.0-preview.1.g");
	assert_string_equal(tag(s), described(s));
}

static void test_without_a_tag_it_is_the_commit(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(strlen(tag(s)), 10);
	assert_string_equal(tag(s), described(s));
}

static void test_other_tags_do_not_count(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "v1.2.3");
	commit(s, "b");
	GIT(s, "t", "tag", "release-9");
	GIT(s, "t", "tag", "v0.1");
	assert_has(tag(s), "v1.2.3-1.g");
	assert_string_equal(tag(s), described(s));
}

static void test_only_other_tags_is_no_tag(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "-am", "x", "nightly");
	assert_string_equal(tag(s), described(s));
	assert_int_equal(strlen(tag(s)), 10);
}

static void test_an_annotated_tag_wins_over_a_light_one(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "v1.9");
	GIT(s, "t", "tag", "-am", "x", "v1.10.0");
	GIT(s, "t", "tag", "v2.0");
	assert_string_equal(described(s), "v1.10.0");
	assert_string_equal(tag(s), described(s));
}

static void test_the_nearest_tag_wins_across_a_merge(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "-am", "x", "v1.1.0");
	GIT(s, "t", "checkout", "-qb", "side");
	scratch_put(s, "t/py/side.c", "");
	GIT(s, "t", "add", ".");
	GIT(s, "t", "commit", "-qm", "side");
	GIT(s, "t", "tag", "-am", "x", "v1.2.0");
	GIT(s, "t", "checkout", "-q", "main");
	commit(s, "b");
	GIT(s, "t", "merge", "-q", "--no-edit", "side");
	assert_has(described(s), "v1.2.0-2.g");
	assert_string_equal(tag(s), described(s));
}

static void test_the_hash_and_the_date_are_the_commits(void **state)
{
	struct scratch *s = *state;
	struct stamp stamp = read_stamp(s, "t");

	assert_string_equal(stamp.hash, LINE(s, "rev-parse", "--short=10", "HEAD"));
	assert_int_equal(stamp.epoch, strtoll(LINE(s, "log", "-1", "--format=%ct"), NULL, 10));
	assert_int_equal(stamp.epoch, 1700000000);
}

/* --- changes --- */

/* True for text = head + separator + "dirty." + 8 hex digits. */
static bool is_dirty_form(const char *text, const char *head)
{
	size_t len = strlen(head);

	return strncmp(text, head, len) == 0 && strncmp(text + len, ".", 1) == 0 &&
	       strlen(text + len + 1) == 8 && strspn(text + len + 1, "0123456789abcdef") == 8;
}

static void test_a_change_adds_its_digest_to_gits_words(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "v1.29.0");
	scratch_put(s, "t/py/a.c", "changed");
	assert_string_equal(described(s), "v1.29.0-dirty");
	assert_true(is_dirty_form(tag(s), described(s)));
	commit(s, "b");
	scratch_put(s, "t/py/a.c", "changed again");
	assert_has(described(s), ".dirty");
	assert_true(is_dirty_form(tag(s), described(s)));
}

static void test_without_a_tag_a_change_is_told_too(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "t/py/a.c", "changed");
	assert_true(is_dirty_form(tag(s), described(s)));
}

static void test_another_change_has_another_digest_and_back_is_back(void **state)
{
	struct scratch *s = *state;
	const char *clean = tag(s), *first, *second;

	scratch_put(s, "t/py/a.c", "first");
	first = tag(s);
	scratch_put(s, "t/py/a.c", "second");
	second = tag(s);
	assert_string_not_equal(first, clean);
	assert_string_not_equal(first, second);
	scratch_put(s, "t/py/a.c", "first");
	assert_string_equal(tag(s), first);
	scratch_put(s, "t/py/a.c", "a");
	assert_string_equal(tag(s), clean);
}

static void test_the_same_change_on_another_commit_differs(void **state)
{
	struct scratch *s = *state;
	const char *first, *second;

	scratch_put(s, "t/py/b.c", "new");
	first = strrchr(tag(s), '.');
	commit(s, "b");
	second = strrchr(tag(s), '.');
	assert_string_not_equal(first, second);
}

static void test_staging_a_change_makes_no_difference(void **state)
{
	struct scratch *s = *state;
	const char *before;

	scratch_put(s, "t/py/a.c", "changed");
	scratch_put(s, "t/py/new.c", "new");
	before = tag(s);
	GIT(s, "t", "add", "py");
	assert_string_equal(tag(s), before);
}

static void test_an_untracked_file_is_a_change_by_its_content(void **state)
{
	struct scratch *s = *state;
	const char *clean = tag(s), *first;

	scratch_put(s, "t/py/sub/new.c", "1");
	first = tag(s);
	assert_string_not_equal(first, clean);
	scratch_put(s, "t/py/sub/new.c", "2");
	assert_string_not_equal(tag(s), first);
}

static void test_an_ignored_file_is_no_change(void **state)
{
	struct scratch *s = *state;
	const char *clean = tag(s);

	scratch_put(s, "t/py/a.o", "1");
	assert_string_equal(tag(s), clean);
}

static void test_a_touched_file_is_no_change(void **state)
{
	struct scratch *s = *state;
	const char *clean = tag(s);

	scratch_date(s, "t/py/a.c", 1234567890000000000);
	assert_string_equal(tag(s), clean);
}

static void test_a_deleted_file_differs_from_an_emptied_one(void **state)
{
	struct scratch *s = *state;
	const char *emptied;

	scratch_put(s, "t/py/a.c", "");
	emptied = tag(s);
	assert_int_equal(unlink(scratch_path(s, "t/py/a.c")), 0);
	assert_has(tag(s), "dirty");
	assert_string_not_equal(tag(s), emptied);
}

static void test_a_link_counts_by_its_text(void **state)
{
	struct scratch *s = *state;
	const char *first;

	scratch_mkdir(s, "one");
	scratch_mkdir(s, "two");
	assert_int_equal(symlink("../../one", scratch_path(s, "t/py/link")), 0);
	first = tag(s);
	assert_int_equal(unlink(scratch_path(s, "t/py/link")), 0);
	assert_int_equal(symlink("../../two", scratch_path(s, "t/py/link")), 0);
	assert_string_not_equal(tag(s), first);
}

/* --- submodules --- */

static void add_submodule(struct scratch *s)
{
	scratch_put(s, "sub/x.c", "x");
	GIT(s, "sub", "init", "-q");
	GIT(s, "sub", "add", ".");
	GIT(s, "sub", "commit", "-qm", "sub");
	GIT(s, "t", "submodule", "--quiet", "add", "../sub", "lib/sub");
	GIT(s, "t", "commit", "-qm", "submodule");
}

static void test_a_change_in_a_submodule_is_a_change_by_its_content(void **state)
{
	struct scratch *s = *state;
	const char *clean, *first;

	add_submodule(s);
	clean = tag(s);
	assert_lacks(clean, "dirty");
	scratch_put(s, "t/lib/sub/x.c", "1");
	first = tag(s);
	assert_string_not_equal(first, clean);
	scratch_put(s, "t/lib/sub/x.c", "2");
	assert_string_not_equal(tag(s), first);
	scratch_put(s, "t/lib/sub/x.c", "x");
	assert_string_equal(tag(s), clean);
}

static void test_another_commit_of_a_submodule_is_a_change(void **state)
{
	struct scratch *s = *state;
	const char *clean, *first;

	add_submodule(s);
	clean = tag(s);
	GIT(s, "t/lib/sub", "commit", "-q", "--allow-empty", "-m", "one");
	first = tag(s);
	assert_string_not_equal(first, clean);
	GIT(s, "t/lib/sub", "commit", "-q", "--allow-empty", "-m", "two");
	assert_string_not_equal(tag(s), first);
}

/* --- trees without history --- */

#define VERSION(major, minor, micro, prerelease)                                        \
	"#define MICROPY_VERSION_MAJOR " major "\n#define MICROPY_VERSION_MINOR " minor \
	"\n#define MICROPY_VERSION_MICRO " micro                                        \
	"\n#define MICROPY_VERSION_PRERELEASE " prerelease "\n"

/* A tree "a" without git. */
static void make_archive(struct scratch *s, const char *mpconfig)
{
	scratch_mkdir(s, "a/ports");
	scratch_mkdir(s, "a/mpy-cross");
	scratch_put(s, "a/py/mpconfig.h", mpconfig);
}

static void test_without_git_the_version_is_the_sources(void **state)
{
	struct scratch *s = *state;
	struct stamp stamp;

	make_archive(s, "// x\n" VERSION("1", "28", "3", "0"));
	scratch_date(s, "a/py/mpconfig.h", 1500000000000000000);
	stamp = read_stamp(s, "a");
	assert_string_equal(stamp.tag, "v1.28.3");
	assert_string_equal(stamp.hash, "<no hash>");
	assert_int_equal(stamp.epoch, 1500000000);
}

static void test_without_git_a_prerelease_is_a_preview(void **state)
{
	struct scratch *s = *state;

	make_archive(s, VERSION("1", "29", "0", "1"));
	assert_string_equal(read_stamp(s, "a").tag, "v1.29.0-preview");
}

static void test_numbers_may_stand_in_parentheses(void **state)
{
	struct scratch *s = *state;

	make_archive(s, VERSION("(1)", "(20)", "(0)", "(0)"));
	assert_string_equal(read_stamp(s, "a").tag, "v1.20.0");
}

static void test_a_repository_without_commits_counts_as_none(void **state)
{
	struct scratch *s = *state;

	make_archive(s, VERSION("1", "29", "0", "0"));
	GIT(s, "a", "init", "-q");
	assert_string_equal(read_stamp(s, "a").tag, "v1.29.0");
}

static void test_without_any_version_it_is_an_error(void **state)
{
	struct scratch *s = *state;
	struct stamp stamp;
	struct tree t;

	make_archive(s, "#define MICROPY_VERSION_MAJOR 1\n");
	must(tree_open(&t, scratch_path(s, "a"), &s->err), &s->err);
	assert_false(stamp_read(&t, &stamp, &s->err));
	assert_err(&s->err, "does not name a version", NULL);
	assert_int_equal(unlink(scratch_path(s, "a/py/mpconfig.h")), 0);
	assert_false(stamp_read(&t, &stamp, &s->err));
	assert_err(&s->err, "no git history and no version", NULL);
	tree_close(&t);
}

/* --- what libgit2 does not read ---------------------------------------------------------------------------- */

/* A second repository of the same files that needs the git program. */
static void make_sha256(struct scratch *s)
{
	scratch_mkdir(s, "t2/ports");
	scratch_mkdir(s, "t2/mpy-cross");
	scratch_put(s, "t2/py/a.c", "a");
	GIT(s, "t2", "init", "-q", "--object-format=sha256");
	GIT(s, "t2", "add", ".");
	GIT(s, "t2", "commit", "-qm", "one");
	GIT(s, "t2", "tag", "v1.2.3");
	GIT(s, "t2", "commit", "-q", "--allow-empty", "-m", "two");
}

static void test_the_git_program_reads_what_libgit2_does_not(void **state)
{
	struct scratch *s = *state;
	const char *head, *clean;
	struct stamp stamp;

	make_sha256(s);
	head = GIT(s, "t2", "rev-parse", "HEAD");
	stamp = read_stamp(s, "t2");
	assert_string_equal(stamp.tag, arena_printf(&s->arena, "v1.2.3-1.g%.10s", head));
	assert_string_equal(stamp.hash, arena_strndup(&s->arena, head, 10));
	assert_int_equal(stamp.epoch, strtoll(GIT(s, "t2", "log", "-1", "--format=%ct"), NULL, 10));
	assert_string_equal(stamp.note, "");
	clean = arena_strdup(&s->arena, stamp.tag);
	scratch_put(s, "t2/py/a.c", "b");
	scratch_put(s, "t2/py/new.c", "c");
	stamp = read_stamp(s, "t2");
	assert_has(stamp.tag, arena_printf(&s->arena, "%s.dirty.", clean));
	head = arena_strdup(&s->arena, stamp.tag);
	scratch_put(s, "t2/py/new.c", "d");
	stamp = read_stamp(s, "t2");
	assert_string_not_equal(stamp.tag, head);
	scratch_put(s, "t2/py/new.c", "c");
	assert_string_equal(read_stamp(s, "t2").tag, head);
}

static void test_without_the_program_too_the_sources_stand_in_with_a_note(void **state)
{
	struct scratch *s = *state;
	AUTO_FREE char *path = xstrdup(getenv("PATH"));
	struct stamp stamp;

	make_sha256(s);
	scratch_put(s, "t2/py/mpconfig.h",
		    "#define MICROPY_VERSION_MAJOR 1\n#define MICROPY_VERSION_MINOR 9\n"
		    "#define MICROPY_VERSION_MICRO 2\n");
	setenv("PATH", scratch_path(s, "none"), 1);
	stamp = read_stamp(s, "t2");
	setenv("PATH", path, 1);
	assert_string_equal(stamp.tag, "v1.9.2");
	assert_has(stamp.note, "the git history cannot be read");
	assert_has(stamp.note, "git");
}

static void test_a_clone_that_lacks_old_files_is_read(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "v1.2.3");
	GIT(s, "t", "config", "core.repositoryformatversion", "1");
	GIT(s, "t", "config", "extensions.partialClone", "origin");
	GIT(s, "t", "config", "extensions.worktreeConfig", "true");
	assert_string_equal(read_stamp(s, "t").tag, "v1.2.3");
}

static void test_a_shallow_clone_has_what_git_says_of_it(void **state)
{
	struct scratch *s = *state;
	struct stamp stamp;

	GIT(s, "t", "tag", "v1.2.3");
	GIT(s, "t", "commit", "-q", "--allow-empty", "-m", "two");
	GIT(s, "t", "commit", "-q", "--allow-empty", "-m", "three");
	GIT(s, ".", "clone", "-q", "--depth=1",
	    arena_printf(&s->arena, "file://%s", scratch_path(s, "t")), "shallow");
	scratch_mkdir(s, "shallow/ports");
	scratch_mkdir(s, "shallow/mpy-cross");
	stamp = read_stamp(s, "shallow");
	assert_string_equal(stamp.tag,
			    arena_strndup(&s->arena, GIT(s, "t", "rev-parse", "HEAD"), 10));
	assert_string_equal(stamp.note, "");
}

static void test_a_linked_worktree_has_its_own_commit_and_changes(void **state)
{
	struct scratch *s = *state;

	GIT(s, "t", "tag", "v1.2.3");
	GIT(s, "t", "worktree", "add", "-q", "../linked", "HEAD");
	scratch_mkdir(s, "linked/ports");
	scratch_mkdir(s, "linked/mpy-cross");
	assert_string_equal(read_stamp(s, "linked").tag, "v1.2.3");
	scratch_put(s, "linked/py/a.c", "changed");
	assert_has(read_stamp(s, "linked").tag, "v1.2.3-dirty.");
	assert_string_equal(tag(s), "v1.2.3");
}

static void test_a_damaged_repository_is_told(void **state)
{
	struct scratch *s = *state;
	struct stamp stamp;

	scratch_put(s, "t/py/mpconfig.h",
		    "#define MICROPY_VERSION_MAJOR 1\n#define MICROPY_VERSION_MINOR 9\n"
		    "#define MICROPY_VERSION_MICRO 2\n");
	RUN(s, "t", "rm", "-rf", ".git/objects");
	scratch_mkdir(s, "t/.git/objects");
	stamp = read_stamp(s, "t");
	assert_string_equal(stamp.tag, "v1.9.2");
	assert_has(stamp.note, "the git history cannot be read");
}

static void test_changes_that_cannot_be_told_are_not_called_none(void **state)
{
	struct scratch *s = *state;
	struct stamp stamp;

	GIT(s, "t", "tag", "v1.2.3");
	scratch_put(s, "t/.git/index", "garbage");
	stamp = read_stamp(s, "t");
	assert_string_equal(stamp.tag, "v1.2.3-dirty.unknown");
	assert_has(stamp.note, "cannot tell what changed");
}

/* --- words behind it, and trees that do not listen --------------------------------------------------------- */

static void test_a_word_is_added_as_versions_have_it(void **state)
{
	struct stamp release = { .tag = "v1.25.0" }, preview = { .tag = "v1.26.0-preview" };

	(void)state;
	stamp_append(&release, "c12345678");
	stamp_append(&release, "more");
	stamp_append(&preview, "c12345678");
	assert_string_equal(release.tag, "v1.25.0-c12345678.more");
	assert_string_equal(preview.tag, "v1.26.0-preview.c12345678");
}

static bool is_ignored_by(struct scratch *s, const char *script)
{
	struct tree t;
	bool ignored;

	if (script)
		scratch_put(s, "t/py/makeversionhdr.py", script);
	must(tree_open(&t, scratch_path(s, "t"), &s->err), &s->err);
	ignored = stamp_is_ignored(&t);
	tree_close(&t);
	return ignored;
}

static void test_a_script_that_does_not_read_the_variables_ignores_the_stamp(void **state)
{
	assert_false(is_ignored_by(*state, NULL));
	assert_true(is_ignored_by(*state, "file_data = '#define MICROPY_GIT_TAG \"%s\"'\n"));
	assert_false(is_ignored_by(*state, "if \"MICROPY_GIT_TAG\" in os.environ:\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_at_a_tag_it_is_the_tag),
		TEST(test_after_a_tag_it_counts_commits),
		TEST(test_a_preview_tag_keeps_its_one_dash),
		TEST(test_without_a_tag_it_is_the_commit),
		TEST(test_other_tags_do_not_count),
		TEST(test_only_other_tags_is_no_tag),
		TEST(test_an_annotated_tag_wins_over_a_light_one),
		TEST(test_the_nearest_tag_wins_across_a_merge),
		TEST(test_the_hash_and_the_date_are_the_commits),
		TEST(test_a_change_adds_its_digest_to_gits_words),
		TEST(test_without_a_tag_a_change_is_told_too),
		TEST(test_another_change_has_another_digest_and_back_is_back),
		TEST(test_the_same_change_on_another_commit_differs),
		TEST(test_staging_a_change_makes_no_difference),
		TEST(test_an_untracked_file_is_a_change_by_its_content),
		TEST(test_an_ignored_file_is_no_change),
		TEST(test_a_touched_file_is_no_change),
		TEST(test_a_deleted_file_differs_from_an_emptied_one),
		TEST(test_a_link_counts_by_its_text),
		TEST(test_a_change_in_a_submodule_is_a_change_by_its_content),
		TEST(test_another_commit_of_a_submodule_is_a_change),
		TEST(test_without_git_the_version_is_the_sources),
		TEST(test_without_git_a_prerelease_is_a_preview),
		TEST(test_numbers_may_stand_in_parentheses),
		TEST(test_a_repository_without_commits_counts_as_none),
		TEST(test_without_any_version_it_is_an_error),
		TEST(test_the_git_program_reads_what_libgit2_does_not),
		TEST(test_without_the_program_too_the_sources_stand_in_with_a_note),
		TEST(test_a_clone_that_lacks_old_files_is_read),
		TEST(test_a_shallow_clone_has_what_git_says_of_it),
		TEST(test_a_linked_worktree_has_its_own_commit_and_changes),
		TEST(test_a_damaged_repository_is_told),
		TEST(test_changes_that_cannot_be_told_are_not_called_none),
		TEST(test_a_word_is_added_as_versions_have_it),
		TEST(test_a_script_that_does_not_read_the_variables_ignores_the_stamp),
	};

	return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}
