/* SPDX-License-Identifier: MIT
 *
 * Digests remembered by lstat. Whether a file was read again shows when the remembered digest is spoiled first: what is
 * answered then is either the spoiled one (remembered) or the right one (read).
 *
 * A file is remembered only when it did not change for two seconds, so one folder of files is made before all tests,
 * old enough then. Each test has a file of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "cache/statcache.h"
#include "os/clock.h"
#include "os/fs.h"
#include "scratch.h"

static const char *const names[] = {
	"same",   "touched", "edited",    "restored", "replaced",  "chmodded",       "removed",
	"linked", "other",   "forgotten", "kept",     "not-asked", "becomes-folder", "cut",
};

struct group {
	struct scratch *s;
	struct store *store;
};

static int group_setup(void **state)
{
	struct group *g = xcalloc(1, sizeof(*g));

	g->s = scratch_create();
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		scratch_put(g->s, names[i], "content");
	assert_int_equal(symlink("same", scratch_path(g->s, "link")), 0);
	scratch_mkdir(g->s, "rested");
	g->store = store_open(scratch_path(g->s, "store"), false, &g->s->err);
	must(g->store != NULL, &g->s->err);
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

static struct statcache *open_cache(struct group *g, const char *root)
{
	struct statcache *c = statcache_open(g->store, root, &g->s->err);

	must(c != NULL, &g->s->err);
	return c;
}

static void close_cache(struct group *g, struct statcache *c)
{
	must(statcache_close(c, false, &g->s->err), &g->s->err);
}

static struct digest ask(struct group *g, struct statcache *c, const char *name)
{
	struct digest d;
	bool missing = true;

	must(statcache_digest(c, scratch_path(g->s, name), &d, &missing, &g->s->err), &g->s->err);
	assert_false(missing);
	return d;
}

/* Asks for the file in a run of its own; the test's name is the root, so that tests do not meet. */
static struct digest ask_once(struct group *g, const char *root, const char *name)
{
	struct statcache *c = open_cache(g, root);
	struct digest d = ask(g, c, name);

	close_cache(g, c);
	return d;
}

static bool is_digest_of(struct digest d, const char *text)
{
	struct digest want = digest_of(text, strlen(text));

	return digest_equal(&d, &want);
}

/* Whether the saved memory names the file. */
static bool is_remembered(struct group *g, const char *root, const char *name)
{
	AUTO_STRBUF saved = STRBUF_INIT;
	const char *path = scratch_path(g->s, name);
	size_t len = strlen(path) + 1;

	must(store_get_stats(g->store, root, &saved, &g->s->err), &g->s->err);
	for (size_t i = 0; i + len <= saved.len; i++)
		if (memcmp(saved.buf + i, path, len) == 0)
			return true;
	return false;
}

/* Turns every remembered digest of "content" into a wrong one. */
static void spoil(struct group *g, const char *root)
{
	struct digest d = digest_of("content", 7);
	AUTO_STRBUF saved = STRBUF_INIT;
	size_t hits = 0;

	must(store_get_stats(g->store, root, &saved, &g->s->err), &g->s->err);
	for (size_t i = 0; i + sizeof(d.bytes) <= saved.len; i++)
		if (memcmp(saved.buf + i, d.bytes, sizeof(d.bytes)) == 0) {
			saved.buf[i] ^= 1;
			hits++;
		}
	assert_int_not_equal(hits, 0);
	must(store_put_stats(g->store, root, saved.buf, saved.len, &g->s->err), &g->s->err);
}

/* Learns the file's digest and spoils it. */
static void learn(struct group *g, const char *root, const char *name)
{
	assert_true(is_digest_of(ask_once(g, root, name), "content"));
	assert_true(is_remembered(g, root, name));
	spoil(g, root);
}

static void test_an_unchanged_file_is_not_read_again(void **state)
{
	learn(*state, "same", "same");
	assert_false(is_digest_of(ask_once(*state, "same", "same"), "content"));
}

/*
 * A saved record is dev, ino, size, mtime and ctime (8 bytes each), two digests (16 each), the mode (4). Each has to be what
 * lstat says; on a real disk ctime changes along with all others.
 */
static void test_each_thing_that_lstat_says_counts(void **state)
{
	enum { MAGIC = 8, DIGEST = MAGIC + 40, MODE = DIGEST + 32, END = MODE + 4 };
	struct group *g = *state;
	AUTO_STRBUF saved = STRBUF_INIT;

	learn(g, "lstat", "same");
	must(store_get_stats(g->store, "lstat", &saved, &g->s->err), &g->s->err);
	for (size_t i = MAGIC; i < END; i++) {
		struct statcache *c;

		if (i == DIGEST)
			i = MODE;
		saved.buf[i] ^= 1;
		must(store_put_stats(g->store, "lstat", saved.buf, saved.len, &g->s->err),
		     &g->s->err);
		c = open_cache(g, "lstat");
		assert_true(is_digest_of(ask(g, c, "same"), "content"));
		must(statcache_close(c, true, &g->s->err), &g->s->err);
		saved.buf[i] ^= 1;
	}
}

static void test_a_folder_is_remembered_with_its_rules_while_it_rests(void **state)
{
	struct group *g = *state;
	const char *path = scratch_path(g->s, "rested");
	struct digest rules = digest_of("rules", 5), list = digest_of("names", 5), r, n;
	struct statcache *c = open_cache(g, "folder");
	struct fs_stat st;

	assert_true(fs_lstat(path, &st));
	assert_false(statcache_get_folder(c, path, &st, &r, &n));
	statcache_put_folder(c, path, &st, clock_now_ns(), &rules, &list);
	close_cache(g, c);
	c = open_cache(g, "folder");
	assert_true(statcache_get_folder(c, path, &st, &r, &n));
	assert_true(digest_equal(&r, &rules) && digest_equal(&n, &list));
	st.mtime_ns++;
	assert_false(statcache_get_folder(c, path, &st, &r, &n));
	close_cache(g, c);
}

static void test_a_folder_that_changed_just_now_is_not_remembered(void **state)
{
	struct group *g = *state;
	struct digest rules = digest_of("rules", 5), list = digest_of("names", 5), r, n;
	struct statcache *c = open_cache(g, "new folder");
	const char *path = scratch_path(g->s, "new");
	struct fs_stat st;

	scratch_mkdir(g->s, "new");
	assert_true(fs_lstat(path, &st));
	statcache_put_folder(c, path, &st, clock_now_ns(), &rules, &list);
	assert_false(statcache_get_folder(c, path, &st, &r, &n));
	close_cache(g, c);
}

static void test_a_touched_file_is_read_and_has_the_same_digest(void **state)
{
	struct group *g = *state;

	learn(g, "touched", "touched");
	scratch_date(g->s, "touched", clock_now_ns());
	assert_true(is_digest_of(ask_once(g, "touched", "touched"), "content"));
}

static void test_an_edited_file_has_another_digest(void **state)
{
	struct group *g = *state;

	learn(g, "edited", "edited");
	scratch_put(g->s, "edited", "CONTENT");
	assert_true(is_digest_of(ask_once(g, "edited", "edited"), "CONTENT"));
}

static void test_an_edit_behind_a_restored_date_is_seen(void **state)
{
	struct group *g = *state;
	struct fs_stat before, after;

	learn(g, "restored", "restored");
	assert_true(fs_lstat(scratch_path(g->s, "restored"), &before));
	scratch_put(g->s, "restored", "CONTENT");
	scratch_date(g->s, "restored", before.mtime_ns);
	assert_true(fs_lstat(scratch_path(g->s, "restored"), &after));
	assert_int_equal(before.mtime_ns, after.mtime_ns);
	assert_int_equal(before.ino, after.ino);
	assert_true(is_digest_of(ask_once(g, "restored", "restored"), "CONTENT"));
}

static void test_a_file_replaced_by_an_older_one_is_seen(void **state)
{
	struct group *g = *state;

	learn(g, "replaced", "replaced");
	scratch_put(g->s, "older", "CONTENT");
	scratch_date(g->s, "older", 1000000000000000000);
	assert_int_equal(rename(scratch_path(g->s, "older"), scratch_path(g->s, "replaced")), 0);
	assert_true(is_digest_of(ask_once(g, "replaced", "replaced"), "CONTENT"));
}

static void test_the_executable_bit_counts_and_the_content_alone_does_not(void **state)
{
	struct group *g = *state;
	struct digest before = ask_once(g, "chmodded", "chmodded"), after, bytes;
	struct statcache *c;
	bool missing;

	assert_int_equal(chmod(scratch_path(g->s, "chmodded"), 0755), 0);
	c = open_cache(g, "chmodded");
	after = ask(g, c, "chmodded");
	assert_false(digest_equal(&before, &after));
	must(statcache_content(c, scratch_path(g->s, "chmodded"), &bytes, &missing, &g->s->err),
	     &g->s->err);
	assert_true(is_digest_of(bytes, "content"));
	close_cache(g, c);
	assert_int_equal(chmod(scratch_path(g->s, "chmodded"), 0644), 0);
	after = ask_once(g, "chmodded", "chmodded");
	assert_true(digest_equal(&before, &after));
}

static void test_a_link_stands_for_its_text(void **state)
{
	struct group *g = *state;
	struct digest first, second;

	assert_int_equal(symlink("linked", scratch_path(g->s, "l")), 0);
	first = ask_once(g, "linked", "l");
	scratch_put(g->s, "linked", "another content");
	second = ask_once(g, "linked", "l");
	assert_true(digest_equal(&first, &second));
	assert_int_equal(unlink(scratch_path(g->s, "l")), 0);
	assert_int_equal(symlink("other", scratch_path(g->s, "l")), 0);
	second = ask_once(g, "linked", "l");
	assert_false(digest_equal(&first, &second));
}

static void test_a_dangling_link_is_not_missing(void **state)
{
	struct group *g = *state;

	assert_int_equal(symlink("nowhere", scratch_path(g->s, "dangling")), 0);
	ask_once(g, "dangling", "dangling");
}

static void test_a_missing_file_is_no_error(void **state)
{
	struct group *g = *state;
	struct statcache *c = open_cache(g, "missing");
	struct digest d;
	bool missing = false;

	must(statcache_digest(c, scratch_path(g->s, "none"), &d, &missing, &g->s->err), &g->s->err);
	assert_true(missing);
	assert_true(digest_is_zero(&d));
	missing = false;
	must(statcache_digest(c, scratch_path(g->s, "same/below"), &d, &missing, &g->s->err),
	     &g->s->err);
	assert_true(missing);
	close_cache(g, c);
}

static void test_a_file_that_goes_is_missed_and_forgotten(void **state)
{
	struct group *g = *state;
	struct statcache *c;
	struct digest d;
	bool missing;

	learn(g, "removed", "removed");
	assert_int_equal(unlink(scratch_path(g->s, "removed")), 0);
	c = open_cache(g, "removed");
	must(statcache_digest(c, scratch_path(g->s, "removed"), &d, &missing, &g->s->err),
	     &g->s->err);
	assert_true(missing);
	ask(g, c, "other"); /* something new to save */
	close_cache(g, c);
	assert_false(is_remembered(g, "removed", "removed"));
}

static void test_a_folder_is_an_error(void **state)
{
	struct group *g = *state;
	struct statcache *c = open_cache(g, "folder");
	struct digest d;
	bool missing = true;

	assert_false(statcache_digest(c, g->s->dir, &d, &missing, &g->s->err));
	assert_false(missing);
	assert_err(&g->s->err, "not a file", NULL);
	err_free(&g->s->err);
	close_cache(g, c);
}

static void test_a_named_pipe_is_an_error_and_not_waited_for(void **state)
{
	struct group *g = *state;
	struct statcache *c = open_cache(g, "pipe");
	const char *path = scratch_path(g->s, "pipe");
	struct digest d;
	bool missing;

	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(20);
	assert_false(statcache_digest(c, path, &d, &missing, &g->s->err));
	alarm(0);
	assert_err(&g->s->err, "not a file", NULL);
	err_free(&g->s->err);
	close_cache(g, c);
}

static void test_the_newest_change_of_what_was_asked_for_is_known(void **state)
{
	struct group *g = *state;
	struct statcache *c = open_cache(g, "newest");
	struct fs_stat old, new;

	assert_int_equal(statcache_newest(c, false), 0);
	scratch_put(g->s, "newer", "content");
	assert_true(fs_lstat(scratch_path(g->s, "same"), &old));
	assert_true(fs_lstat(scratch_path(g->s, "newer"), &new));
	ask(g, c, "newer");
	ask(g, c, "same");
	assert_int_equal(statcache_newest(c, false), new.ctime_ns);
	assert_int_equal(statcache_newest(c, true), new.ctime_ns);
	assert_int_equal(statcache_newest(c, false), 0);
	ask(g, c, "same"); /* remembered, and still counted */
	assert_int_equal(statcache_newest(c, false), old.ctime_ns);
	close_cache(g, c);
}

static void test_a_file_that_becomes_a_folder_is_an_error(void **state)
{
	struct group *g = *state;
	struct statcache *c;
	struct digest d;
	bool missing;

	learn(g, "becomes", "becomes-folder");
	assert_int_equal(unlink(scratch_path(g->s, "becomes-folder")), 0);
	scratch_mkdir(g->s, "becomes-folder");
	c = open_cache(g, "becomes");
	assert_false(statcache_digest(c, scratch_path(g->s, "becomes-folder"), &d, &missing,
				      &g->s->err));
	err_free(&g->s->err);
	close_cache(g, c);
}

static void test_a_file_changed_just_now_is_not_remembered(void **state)
{
	struct group *g = *state;

	scratch_put(g->s, "fresh", "content");
	assert_true(is_digest_of(ask_once(g, "fresh", "fresh"), "content"));
	assert_false(is_remembered(g, "fresh", "fresh"));
}

static void test_a_file_with_an_old_date_that_came_just_now_is_not_remembered(void **state)
{
	struct group *g = *state;

	scratch_put(g->s, "unpacked", "content");
	scratch_date(g->s, "unpacked", 1000000000000000000);
	assert_true(is_digest_of(ask_once(g, "unpacked", "unpacked"), "content"));
	assert_false(is_remembered(g, "unpacked", "unpacked"));
}

static void test_a_file_with_a_date_in_the_future_is_not_remembered(void **state)
{
	struct group *g = *state;
	struct fs_stat st;

	scratch_put(g->s, "future", "content");
	scratch_date(g->s, "future", clock_now_ns() + 3600000000000);
	clock_sleep_ms(2100); /* its ctime is old enough */
	assert_true(fs_lstat(scratch_path(g->s, "future"), &st));
	assert_true(st.ctime_ns < clock_now_ns() - 2000000000);
	assert_true(is_digest_of(ask_once(g, "future", "future"), "content"));
	assert_false(is_remembered(g, "future", "future"));
}

static void test_within_one_run_a_fresh_file_is_read_each_time(void **state)
{
	struct group *g = *state;
	struct statcache *c = open_cache(g, "run");

	for (int i = 0; i < 20; i++) {
		const char *text = i % 2 ? "aaaa" : "bbbb";

		scratch_put(g->s, "changing", text);
		scratch_date(g->s, "changing", 1000000000000000000);
		assert_true(is_digest_of(ask(g, c, "changing"), text));
	}
	close_cache(g, c);
}

static void test_forgetting_saves_nothing(void **state)
{
	struct group *g = *state;
	struct statcache *c = open_cache(g, "forgotten");

	ask(g, c, "forgotten");
	must(statcache_close(c, true, &g->s->err), &g->s->err);
	assert_false(is_remembered(g, "forgotten", "forgotten"));
	must(statcache_close(NULL, false, &g->s->err), &g->s->err);
}

static void test_what_this_run_did_not_ask_for_stays_remembered(void **state)
{
	struct group *g = *state;

	ask_once(g, "kept", "not-asked");
	ask_once(g, "kept", "kept");
	assert_true(is_remembered(g, "kept", "not-asked"));
	assert_true(is_remembered(g, "kept", "kept"));
}

static void test_roots_have_memories_of_their_own(void **state)
{
	struct group *g = *state;

	learn(g, "root one", "same");
	assert_true(is_digest_of(ask_once(g, "root two", "same"), "content"));
}

static void test_a_memory_cut_anywhere_is_still_safe(void **state)
{
	struct group *g = *state;
	AUTO_STRBUF saved = STRBUF_INIT;
	struct statcache *c = open_cache(g, "cut");

	ask(g, c, "cut");
	ask(g, c, "same");
	close_cache(g, c);
	must(store_get_stats(g->store, "cut", &saved, &g->s->err), &g->s->err);
	for (size_t len = 0; len <= saved.len; len++) {
		/* A copy of just that size, so that a step too far is seen. */
		must(store_put_stats(g->store, "cut", saved.buf, len, &g->s->err), &g->s->err);
		c = open_cache(g, "cut");
		assert_true(is_digest_of(ask(g, c, "cut"), "content"));
		must(statcache_close(c, true, &g->s->err), &g->s->err);
	}
}

static void test_a_memory_of_another_format_is_passed_over(void **state)
{
	struct group *g = *state;
	char foreign[200];

	memset(foreign, 0xff, sizeof(foreign));
	must(store_put_stats(g->store, "foreign", foreign, sizeof(foreign), &g->s->err),
	     &g->s->err);
	assert_true(is_digest_of(ask_once(g, "foreign", "same"), "content"));
	/* Our magic, then lengths without sense. */
	memcpy(foreign, "mpstat1", 8);
	must(store_put_stats(g->store, "foreign", foreign, sizeof(foreign), &g->s->err),
	     &g->s->err);
	assert_true(is_digest_of(ask_once(g, "foreign", "same"), "content"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_unchanged_file_is_not_read_again),
		cmocka_unit_test(test_each_thing_that_lstat_says_counts),
		cmocka_unit_test(test_a_folder_is_remembered_with_its_rules_while_it_rests),
		cmocka_unit_test(test_a_folder_that_changed_just_now_is_not_remembered),
		cmocka_unit_test(test_a_touched_file_is_read_and_has_the_same_digest),
		cmocka_unit_test(test_an_edited_file_has_another_digest),
		cmocka_unit_test(test_an_edit_behind_a_restored_date_is_seen),
		cmocka_unit_test(test_a_file_replaced_by_an_older_one_is_seen),
		cmocka_unit_test(test_the_executable_bit_counts_and_the_content_alone_does_not),
		cmocka_unit_test(test_a_link_stands_for_its_text),
		cmocka_unit_test(test_a_dangling_link_is_not_missing),
		cmocka_unit_test(test_a_missing_file_is_no_error),
		cmocka_unit_test(test_a_file_that_goes_is_missed_and_forgotten),
		cmocka_unit_test(test_a_folder_is_an_error),
		cmocka_unit_test(test_a_named_pipe_is_an_error_and_not_waited_for),
		cmocka_unit_test(test_the_newest_change_of_what_was_asked_for_is_known),
		cmocka_unit_test(test_a_file_that_becomes_a_folder_is_an_error),
		cmocka_unit_test(test_a_file_changed_just_now_is_not_remembered),
		cmocka_unit_test(test_a_file_with_an_old_date_that_came_just_now_is_not_remembered),
		cmocka_unit_test(test_a_file_with_a_date_in_the_future_is_not_remembered),
		cmocka_unit_test(test_within_one_run_a_fresh_file_is_read_each_time),
		cmocka_unit_test(test_forgetting_saves_nothing),
		cmocka_unit_test(test_what_this_run_did_not_ask_for_stays_remembered),
		cmocka_unit_test(test_roots_have_memories_of_their_own),
		cmocka_unit_test(test_a_memory_cut_anywhere_is_still_safe),
		cmocka_unit_test(test_a_memory_of_another_format_is_passed_over),
	};

	return cmocka_run_group_tests_name("statcache", tests, group_setup, group_teardown);
}
