/* SPDX-License-Identifier: MIT
 *
 * The names of a folder that count, in real git repositories. Whether a digest was remembered shows when the remembered
 * one is spoiled first: what is answered then is either the spoiled one (remembered) or the right one (listed).
 *
 * Only folders at rest for two seconds are remembered, so a row of equal trees is made before all tests; each test that
 * changes something has a tree of its own.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "cache/statcache.h"
#include "cache/store.h"
#include "os/clock.h"
#include "scratch.h"
#include "source/listing.h"

struct group {
	struct scratch *s;
	struct store *store;
};

static const char *const trees[] = { "same",    "added",  "scratch", "rule",   "own-rule",
				     "exclude", "config", "include", "forced", "plain",
				     "apart",   "behind", "refused", "again" };

static void make_tree(struct scratch *s, const char *t)
{
	char *dir = arena_strdup(&s->arena, t);

	scratch_mkdir(s, arena_printf(&s->arena, "%s/ports/p", dir));
	scratch_mkdir(s, arena_printf(&s->arena, "%s/mpy-cross", dir));
	scratch_put(s, arena_printf(&s->arena, "%s/py/a.c", dir), "a");
	scratch_put(s, arena_printf(&s->arena, "%s/py/old.lst", dir), "a");
	scratch_put(s, arena_printf(&s->arena, "%s/.gitignore", dir), "*.o\nbuild*/\n");
}

static int group_setup(void **state)
{
	struct group *g = xcalloc(1, sizeof(*g));
	struct scratch *s = g->s = scratch_create();

	setenv("HOME", scratch_path(s, "home"), 1);
	unsetenv("XDG_CONFIG_HOME");
	scratch_put(s, "home/.gitconfig", "[include]\n\tpath = more.inc\n");
	scratch_put(s, "home/more.inc", "[core]\n\tExcludesFile = \"~/my-ignores\"\n");
	scratch_put(s, "home/my-ignores", "*.mine\n");
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		make_tree(s, trees[i]);
		if (strcmp(trees[i], "plain") == 0)
			continue;
		GIT(s, trees[i], "init", "-q");
		GIT(s, trees[i], "add", ".");
		GIT(s, trees[i], "commit", "-qm", "one");
	}
	scratch_put(s, "outside/a.c", "a");
	g->store = store_open(scratch_path(s, "store"), false, &s->err);
	must(g->store != NULL, &s->err);
	clock_sleep_ms(2100);
	*state = g;
	return 0;
}

static int group_teardown(void **state)
{
	struct group *g = *state;

	store_close(g->store);
	scratch_destroy(g->s);
	free(g);
	return 0;
}

/* One run of the program on a tree. */
struct look {
	struct tree tree;
	struct statcache *stats;
	struct listings *l;
	struct err *e;
};

static void look_open(struct group *g, struct look *k, const char *t)
{
	k->e = &g->s->err;
	must(tree_open(&k->tree, scratch_path(g->s, t), k->e), k->e);
	k->stats = statcache_open(g->store, t, k->e);
	must(k->stats != NULL, k->e);
	k->l = listings_open(&k->tree, k->stats);
}

static void look_close(struct look *k)
{
	listings_close(k->l);
	must(statcache_close(k->stats, false, k->e), k->e);
	tree_close(&k->tree);
}

static struct digest ask(struct group *g, const char *t, const char *dir)
{
	struct digest d;
	bool missing = true;
	struct look k;

	look_open(g, &k, t);
	must(listing_digest(k.l, scratch_path(g->s, dir), &d, &missing, k.e), k.e);
	assert_false(missing);
	look_close(&k);
	return d;
}

static bool is_missing(struct group *g, const char *t, const char *dir)
{
	struct digest d;
	bool missing = true;
	struct look k;

	look_open(g, &k, t);
	must(listing_digest(k.l, scratch_path(g->s, dir), &d, &missing, k.e), k.e);
	assert_int_equal(missing, digest_is_zero(&d));
	look_close(&k);
	return missing;
}

/* The names that count, one space behind each. */
static const char *names(struct group *g, const char *t, const char *dir)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct look k;

	look_open(g, &k, t);
	must(listing_text(k.l, scratch_path(g->s, dir), &out, k.e), k.e);
	look_close(&k);
	for (size_t i = 0; i < out.len; i++)
		if (out.buf[i] == '\n')
			out.buf[i] = ' ';
	return arena_strdup(&g->s->arena, out.buf);
}

static struct digest spoiled(struct digest d)
{
	d.bytes[0] ^= 1;
	return d;
}

/* Asks, and spoils what is remembered now. */
static struct digest learn(struct group *g, const char *t, const char *dir)
{
	struct digest d = ask(g, t, dir);
	AUTO_STRBUF saved = STRBUF_INIT;
	size_t hits = 0;

	must(store_get_stats(g->store, t, &saved, &g->s->err), &g->s->err);
	for (size_t i = 0; i + sizeof(d.bytes) <= saved.len; i++)
		if (memcmp(saved.buf + i, d.bytes, sizeof(d.bytes)) == 0) {
			saved.buf[i] ^= 1;
			hits++;
		}
	assert_int_equal(hits, 1);
	must(store_put_stats(g->store, t, saved.buf, saved.len, &g->s->err), &g->s->err);
	return d;
}

static void assert_remembered(struct group *g, const char *t, const char *dir, struct digest d)
{
	struct digest now = ask(g, t, dir), want = spoiled(d);

	assert_true(digest_equal(&now, &want));
}

/* Listed again, with this verdict. */
static void assert_same(struct group *g, const char *t, const char *dir, struct digest d)
{
	struct digest now = ask(g, t, dir);

	assert_true(digest_equal(&now, &d));
}

static void assert_other(struct group *g, const char *t, const char *dir, struct digest d)
{
	struct digest now = ask(g, t, dir), old = spoiled(d);

	assert_false(digest_equal(&now, &d));
	assert_false(digest_equal(&now, &old));
}

static void test_sources_and_folders_count(void **state)
{
	struct group *g = *state;

	scratch_put(g->s, "apart/lib/x.c", "");
	scratch_put(g->s, "apart/lib/sub/y.c", "");
	assert_int_equal(symlink("x.c", scratch_path(g->s, "apart/lib/link")), 0);
	assert_string_equal(names(*state, "apart", "apart/lib"), "link@ sub/ x.c ");
}

static void test_what_no_build_picks_up_does_not_count(void **state)
{
	static const char *const left[] = {
		".hidden",  "#x.c#",     "x.c~",    "x.c.swp", "x.orig", "x.rej",     "notes.txt",
		"notes.md", "notes.rst", "run.log", "x.patch", "x.diff", "x.tmp",     "x.bak",
		"x.old",    "TODO",      "x.o",     "x.mine",  "a.pdf",  "trailing.",
	};
	static const char *const taken[] = { "CMakeLists.txt", "x.c", "x.py", "x.csv", "x.ld" };
	struct group *g = *state;

	for (size_t i = 0; i < ARRAY_SIZE(left); i++)
		scratch_put(g->s, arena_printf(&g->s->arena, "apart/n/%s", left[i]), "");
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		scratch_put(g->s, arena_printf(&g->s->arena, "apart/n/%s", taken[i]), "");
	scratch_mkdir(g->s, "apart/n/__pycache__");
	scratch_mkdir(g->s, "apart/n/build-mpflash");
	scratch_mkdir(g->s, "apart/n/build-X");
	scratch_mkdir(g->s, "apart/n/v1.old");
	assert_int_equal(mkfifo(scratch_path(g->s, "apart/n/pipe.c"), 0600), 0);
	assert_string_equal(names(g, "apart", "apart/n"),
			    "CMakeLists.txt v1.old/ x.c x.csv x.ld x.py ");
}

static void test_a_tracked_name_counts_whatever_is_ignored(void **state)
{
	struct group *g = *state;

	scratch_put(g->s, "apart/k/blob.o", "");
	scratch_put(g->s, "apart/k/build/x.c", "");
	assert_string_equal(names(g, "apart", "apart/k"), "");
	GIT(g->s, "apart", "add", "-f", "k/blob.o", "k/build/x.c");
	assert_string_equal(names(g, "apart", "apart/k"), "blob.o build/ ");
}

static void test_an_ignored_folder_is_judged_by_names_alone(void **state)
{
	struct group *g = *state;

	scratch_put(g->s, "apart/build-gen/x.o", "");
	scratch_put(g->s, "apart/build-gen/y~", "");
	assert_string_equal(names(g, "apart", "apart/build-gen"), "x.o ");
}

static void test_outside_of_the_tree_all_but_backups_count(void **state)
{
	struct group *g = *state;

	scratch_put(g->s, "lib/x.o", "");
	scratch_put(g->s, "lib/vector", "");
	scratch_put(g->s, "lib/notes.txt", "");
	scratch_put(g->s, "lib/.hidden", "");
	scratch_put(g->s, "lib/x~", "");
	scratch_mkdir(g->s, "lib/build");
	scratch_mkdir(g->s, "lib/__pycache__");
	assert_string_equal(names(g, "same", "lib"), "build/ notes.txt vector x.o ");
}

static void test_a_submodule_has_its_own_rules(void **state)
{
	struct group *g = *state;

	scratch_put(g->s, "apart/lib/m/.gitignore", "*.gen\n");
	scratch_put(g->s, "apart/lib/m/d/x.gen", "");
	scratch_put(g->s, "apart/lib/m/d/x.o", "");
	assert_string_equal(names(g, "apart", "apart/lib/m/d"), "");
	GIT(g->s, "apart/lib/m", "init", "-q");
	assert_string_equal(names(g, "apart", "apart/lib/m/d"), "x.o ");
	assert_string_equal(names(g, "apart", "apart/lib/m"), "d/ ");
}

static void test_a_linked_worktree_has_the_main_checkouts_excludes(void **state)
{
	struct group *g = *state;
	struct digest before;

	GIT(g->s, "behind", "worktree", "add", "-q", "../linked", "HEAD");
	scratch_mkdir(g->s, "linked/ports/p");
	scratch_mkdir(g->s, "linked/mpy-cross");
	scratch_put(g->s, "linked/py/x.gen", "");
	before = ask(g, "linked", "linked/py");
	assert_string_equal(names(g, "linked", "linked/py"), "a.c old.lst x.gen ");
	scratch_put(g->s, "behind/.git/info/exclude", "*.gen\n");
	assert_other(g, "linked", "linked/py", before);
	assert_string_equal(names(g, "linked", "linked/py"), "a.c old.lst ");
}

static void test_a_tree_without_git_leaves_out_build_folders(void **state)
{
	struct group *g = *state;
	struct digest d = learn(g, "plain", "plain/py");

	assert_remembered(g, "plain", "plain/py", d);
	scratch_mkdir(g->s, "plain/py/build-X");
	scratch_put(g->s, "plain/py/x.o", "");
	scratch_put(g->s, "plain/py/notes.txt", "");
	assert_string_equal(names(g, "plain", "plain/py"), "a.c old.lst x.o ");
}

static void test_a_repository_that_libgit2_refuses_is_no_error(void **state)
{
	struct group *g = *state;

	GIT(g->s, "refused", "config", "core.repositoryformatversion", "1");
	GIT(g->s, "refused", "config", "extensions.futureThing", "true");
	scratch_mkdir(g->s, "refused/py/build-X");
	assert_string_equal(names(g, "refused", "refused/py"), "a.c old.lst ");
}

static void test_what_is_no_folder_is_missing(void **state)
{
	struct group *g = *state;

	assert_true(is_missing(g, "same", "same/none"));
	assert_true(is_missing(g, "same", "same/py/a.c"));
	assert_true(is_missing(g, "same", "same/py/a.c/below"));
	assert_false(is_missing(g, "same", "same/ports/p"));
}

static void test_a_file_and_a_folder_of_a_name_differ(void **state)
{
	struct group *g = *state;
	struct digest d;

	scratch_put(g->s, "kinds/x.c", "");
	d = ask(g, "same", "kinds");
	assert_int_equal(unlink(scratch_path(g->s, "kinds/x.c")), 0);
	scratch_mkdir(g->s, "kinds/x.c");
	assert_other(g, "same", "kinds", d);
}

static void test_an_unchanged_folder_is_not_listed_again(void **state)
{
	struct group *g = *state;

	assert_remembered(g, "same", "same/py", learn(g, "same", "same/py"));
	assert_remembered(g, "same", "outside", learn(g, "same", "outside"));
}

static void test_a_new_source_is_seen(void **state)
{
	struct group *g = *state;
	struct digest d = learn(g, "added", "added/py");

	scratch_put(g->s, "added/py/b.c", "");
	assert_other(g, "added", "added/py", d);
	assert_int_equal(unlink(scratch_path(g->s, "added/py/b.c")), 0);
	assert_same(g, "added", "added/py", d);
}

static void test_scratch_work_gives_the_same_digest(void **state)
{
	struct group *g = *state;
	struct digest d = learn(g, "scratch", "scratch/py");

	scratch_put(g->s, "scratch/py/notes.txt", "");
	scratch_put(g->s, "scratch/py/.a.c.swp", "");
	scratch_put(g->s, "scratch/py/a.o", "");
	scratch_mkdir(g->s, "scratch/py/build-X");
	assert_same(g, "scratch", "scratch/py", d);
}

/* Changes one file and expects the remembered answer to be dropped, and a.c to be the only name left. */
static void assert_rule_seen(struct group *g, const char *t, const char *file, const char *text)
{
	const char *dir = arena_printf(&g->s->arena, "%s/py", t);
	struct digest d = learn(g, t, dir);

	assert_remembered(g, t, dir, d);
	scratch_put(g->s, file, text);
	assert_other(g, t, dir, d);
	assert_string_equal(names(g, t, dir), "a.c ");
}

static void untrack(struct group *g, const char *t)
{
	GIT(g->s, t, "rm", "-q", "--cached", "py/old.lst");
}

static void test_a_changed_ignore_file_is_seen(void **state)
{
	untrack(*state, "rule");
	assert_rule_seen(*state, "rule", "rule/.gitignore", "*.lst\n");
}

static void test_a_new_ignore_file_beside_the_names_is_seen(void **state)
{
	untrack(*state, "own-rule");
	assert_rule_seen(*state, "own-rule", "own-rule/py/.gitignore", "*.lst\n");
}

static void test_changed_excludes_of_the_checkout_are_seen(void **state)
{
	untrack(*state, "exclude");
	assert_rule_seen(*state, "exclude", "exclude/.git/info/exclude", "*.lst\n");
}

static void test_a_changed_configuration_of_the_checkout_is_seen(void **state)
{
	struct group *g = *state;

	untrack(g, "config");
	scratch_put(g->s, "lst-ignores", "*.lst\n");
	assert_rule_seen(g, "config", "config/.git/config",
			 arena_printf(&g->s->arena, "[core]\n\texcludesFile = %s\n",
				      scratch_path(g->s, "lst-ignores")));
}

static void test_the_users_ignore_file_is_found_through_an_include(void **state)
{
	struct group *g = *state;

	untrack(g, "include");
	assert_rule_seen(g, "include", "home/my-ignores", "*.mine\n*.lst\n");
	scratch_put(g->s, "home/my-ignores", "*.mine\n");
}

static void test_a_changed_index_matters_only_beside_ignored_names(void **state)
{
	struct group *g = *state;
	struct digest d = learn(g, "forced", "forced/py");

	scratch_put(g->s, "forced/other.c", "");
	GIT(g->s, "forced", "add", "other.c");
	assert_remembered(g, "forced", "forced/py", d);
	scratch_put(g->s, "forced/py/x.o", "");
	assert_same(g, "forced", "forced/py", d);
	GIT(g->s, "forced", "add", "-f", "py/x.o");
	assert_other(g, "forced", "forced/py", d);
}

static void test_ignore_files_are_looked_at_again_when_told(void **state)
{
	struct group *g = *state;
	struct digest before, after;
	bool missing;
	struct look k;

	untrack(g, "again");
	look_open(g, &k, "again");
	must(listing_digest(k.l, scratch_path(g->s, "again/py"), &before, &missing, k.e), k.e);
	scratch_put(g->s, "again/.gitignore", "*.lst\n");
	listings_forget(k.l);
	must(listing_digest(k.l, scratch_path(g->s, "again/py"), &after, &missing, k.e), k.e);
	assert_false(digest_equal(&before, &after));
	look_close(&k);
}

static void test_without_a_tree_everything_lies_outside(void **state)
{
	struct group *g = *state;
	struct tree none = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;
	struct statcache *stats = statcache_open(g->store, "", &g->s->err);
	struct listings *l = listings_open(&none, stats);

	must(listing_text(l, scratch_path(g->s, "outside"), &out, &g->s->err), &g->s->err);
	assert_string_equal(out.buf, "a.c\n");
	listings_close(l);
	must(statcache_close(stats, true, &g->s->err), &g->s->err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources_and_folders_count),
		cmocka_unit_test(test_what_no_build_picks_up_does_not_count),
		cmocka_unit_test(test_a_tracked_name_counts_whatever_is_ignored),
		cmocka_unit_test(test_an_ignored_folder_is_judged_by_names_alone),
		cmocka_unit_test(test_outside_of_the_tree_all_but_backups_count),
		cmocka_unit_test(test_a_submodule_has_its_own_rules),
		cmocka_unit_test(test_a_linked_worktree_has_the_main_checkouts_excludes),
		cmocka_unit_test(test_a_tree_without_git_leaves_out_build_folders),
		cmocka_unit_test(test_a_repository_that_libgit2_refuses_is_no_error),
		cmocka_unit_test(test_what_is_no_folder_is_missing),
		cmocka_unit_test(test_a_file_and_a_folder_of_a_name_differ),
		cmocka_unit_test(test_an_unchanged_folder_is_not_listed_again),
		cmocka_unit_test(test_a_new_source_is_seen),
		cmocka_unit_test(test_scratch_work_gives_the_same_digest),
		cmocka_unit_test(test_a_changed_ignore_file_is_seen),
		cmocka_unit_test(test_a_new_ignore_file_beside_the_names_is_seen),
		cmocka_unit_test(test_changed_excludes_of_the_checkout_are_seen),
		cmocka_unit_test(test_a_changed_configuration_of_the_checkout_is_seen),
		cmocka_unit_test(test_the_users_ignore_file_is_found_through_an_include),
		cmocka_unit_test(test_a_changed_index_matters_only_beside_ignored_names),
		cmocka_unit_test(test_ignore_files_are_looked_at_again_when_told),
		cmocka_unit_test(test_without_a_tree_everything_lies_outside),
	};

	return cmocka_run_group_tests_name("listing", tests, group_setup, group_teardown);
}
