/* SPDX-License-Identifier: MIT
 *
 * Eviction: what goes, in which order, and what stays because somebody needs it.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache/gc.h"
#include "cache/usage.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/lock.h"
#include "os/process.h"
#include "scratch.h"

static const int64_t hour_ns = 3600 * INT64_C(1000000000);
static const int64_t day_ns = 24 * 3600 * INT64_C(1000000000);

static struct store *open_store(struct scratch *s)
{
	struct store *store = store_open(scratch_path(s, "store"), false, &s->err);

	must(store != NULL, &s->err);
	return store;
}

static struct digest key_of(const char *text)
{
	return digest_of(text, strlen(text));
}

/* `size` bytes that no other name has. */
static struct digest put_bytes(struct scratch *s, struct store *store, const char *name,
			       size_t size)
{
	char *data = arena_printf(&s->arena, "%*s", (int)size, name);
	struct digest d;

	must(store_put_bytes(store, data, size, &d, &s->err), &s->err);
	return d;
}

/* An action `name` with one output of that many bytes, last used `age_ns` ago; its step's last run is recorded too. */
static struct digest put_action(struct scratch *s, struct store *store, const char *name,
				size_t size, int64_t age_ns)
{
	struct store_output o = { .name = "firmware.bin", .size = size, .image = key_of(name) };
	struct digest key = key_of(arena_printf(&s->arena, "key of %s", name));
	struct store_action a = { .stamp = "v1", .time_ns = clock_now_ns() - age_ns };
	struct store_last last = { .key = key };

	o.blob = put_bytes(s, store, name, size);
	last.parts = put_bytes(s, store, arena_printf(&s->arena, "parts of %s", name), 100);
	vec_push(&a.outputs, o);
	must(store_put_action(store, &key, &a, &s->err), &s->err);
	must(store_put_last(store, arena_printf(&s->arena, "tree %s", name), &last, &s->err),
	     &s->err);
	vec_free(&a.outputs);
	return key;
}

static bool is_known(struct scratch *s, struct store *store, const char *name)
{
	struct digest key = key_of(arena_printf(&s->arena, "key of %s", name));
	struct store_action back;
	bool found;

	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	if (found)
		assert_true(store_check_blob(store, &back.outputs.items[0].blob, NULL));
	return found;
}

static struct gc_result run_gc(struct scratch *s, struct store *store, uint64_t limit)
{
	struct gc_options o = { .limits = { .blobs = limit },
				.work_root = scratch_path(s, "work") };
	struct gc_result r;

	must(gc_run(store, &o, &s->arena, &r, &s->err), &s->err);
	return r;
}

static size_t blob_count(struct scratch *s, struct store *store)
{
	struct store_usage u;

	must(store_measure(store, scratch_path(s, "work"), &u, &s->err), &s->err);
	return u.blobs;
}

/* Nobody else has the store open then. */
static struct store *three_actions(struct scratch *s)
{
	struct store *store = open_store(s);

	put_action(s, store, "old", 1000, 30 * day_ns);
	put_action(s, store, "middle", 1000, 20 * day_ns);
	put_action(s, store, "new", 1000, 10 * day_ns);
	return store;
}

static void test_what_was_not_used_for_longest_goes_first(void **state)
{
	struct scratch *s = *state;
	struct store *store = three_actions(s);
	struct gc_result r = run_gc(s, store, 2500);

	assert_int_equal(r.actions, 1);
	assert_int_equal(r.blobs, 2);
	assert_int_equal(r.blob_bytes, 1100);
	assert_int_equal(r.bytes, 2200);
	assert_false(is_known(s, store, "old"));
	assert_true(is_known(s, store, "middle"));
	assert_true(is_known(s, store, "new"));
	assert_int_equal(blob_count(s, store), 4);
	vec_free(&r.spared);
	store_close(store);
}

static void test_a_use_is_remembered(void **state)
{
	struct scratch *s = *state;
	struct store *store = three_actions(s);
	struct gc_result r;

	assert_true(is_known(s, store, "old"));
	store_close(store);
	store = open_store(s);
	r = run_gc(s, store, 1500);
	assert_int_equal(r.actions, 2);
	assert_true(is_known(s, store, "old"));
	vec_free(&r.spared);
	store_close(store);
}

/* As an archive of a machine whose clock is wrong brings it. */
static void test_what_was_made_tomorrow_was_used_now(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct store_usage u;

	put_action(s, store, "a", 100, -365 * day_ns);
	must(store_measure(store, scratch_path(s, "work"), &u, &s->err), &s->err);
	assert_true(u.newest_use_ns <= clock_now_ns());
	store_close(store);
}

static void test_a_use_within_the_hour_writes_nothing(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	AUTO_STRBUF before = STRBUF_INIT, after = STRBUF_INIT;

	put_action(s, store, "recent", 1000, hour_ns / 2);
	store_close(store);
	must(fs_read(&before, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	store = open_store(s);
	assert_true(is_known(s, store, "recent"));
	store_close(store);
	must(fs_read(&after, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.buf, after.buf, before.len);
}

static void test_within_the_limit_nothing_goes_but_what_nothing_refers_to(void **state)
{
	struct scratch *s = *state;
	struct store *store = three_actions(s);
	struct digest loose = put_bytes(s, store, "loose", 700);
	struct gc_result r = run_gc(s, store, 0);

	assert_int_equal(r.actions, 0);
	assert_int_equal(r.blobs, 1);
	assert_false(store_has_blob(store, &loose, 700));
	assert_int_equal(blob_count(s, store), 6);
	vec_free(&r.spared);
	store_close(store);
}

static void test_a_blob_that_another_action_shares_stays(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct store_action a = { .time_ns = clock_now_ns() - 5 * day_ns };
	struct store_output o = { .name = "same.bin", .size = 1000 };
	struct digest key = key_of("key of twin");
	struct gc_result r;

	put_action(s, store, "old", 1000, 30 * day_ns);
	o.blob = put_bytes(s, store, "old", 1000);
	vec_push(&a.outputs, o);
	must(store_put_action(store, &key, &a, &s->err), &s->err);
	vec_free(&a.outputs);
	r = run_gc(s, store, 1050);
	assert_int_equal(r.actions, 1);
	assert_int_equal(r.blob_bytes, 100); /* its parts */
	assert_true(is_known(s, store, "twin"));
	vec_free(&r.spared);
	store_close(store);
}

static void test_a_list_that_the_parts_name_stays_with_them(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest list = put_bytes(s, store, "list of inputs", 500);
	struct store_last last = { .key = put_action(s, store, "a", 100, 0) };
	char hex[DIGEST_HEX_SIZE], *parts;
	struct gc_result r;

	digest_hex(&list, hex);
	parts = arena_printf(&s->arena, "board\tX\ninputs\t%s\n", hex);
	must(store_put_bytes(store, parts, strlen(parts), &last.parts, &s->err), &s->err);
	must(store_put_last(store, "tree a", &last, &s->err), &s->err);
	r = run_gc(s, store, 0);
	assert_true(store_has_blob(store, &list, 500));
	vec_free(&r.spared);
	r = run_gc(s, store, 1);
	assert_false(store_has_blob(store, &list, 500));
	assert_int_equal(r.bytes, 0);
	vec_free(&r.spared);
	store_close(store);
}

static void test_firmware_on_a_device_stays(void **state)
{
	struct scratch *s = *state;
	struct store *store = three_actions(s);
	struct store_device d = {
		.id = "dev", .board = "b", .method = "m", .image = key_of("old")
	};
	struct gc_result r;

	must(store_put_device(store, &d, &s->err), &s->err);
	r = run_gc(s, store, 1);
	assert_int_equal(r.actions, 2);
	assert_true(is_known(s, store, "old"));
	assert_int_equal(r.spared.count, 1);
	assert_string_equal(r.spared.items[0], "1 action in use");
	vec_free(&r.spared);
	store_close(store);
}

static void test_the_actions_of_a_tree_that_is_being_built_stay(void **state)
{
	struct scratch *s = *state;
	struct store *store = three_actions(s);
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock l = LOCK_INIT;
	struct gc_result r;
	bool taken;

	scratch_mkdir(s, "work/tree/BOARD");
	must(lock_try(&l, scratch_path(s, "work/tree/BOARD.lock"), "a build", &taken, &holder,
		      &s->err),
	     &s->err);
	r = run_gc(s, store, 1);
	assert_int_equal(r.actions, 0);
	lock_release(&l);
	vec_free(&r.spared);
	r = run_gc(s, store, 1);
	assert_int_equal(r.actions, 3);
	vec_free(&r.spared);
	store_close(store);
}

static void test_while_others_work_what_is_new_stays(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s), *other = open_store(s);
	struct digest loose = put_bytes(s, store, "about to be recorded", 100);
	struct gc_result r;

	put_action(s, store, "old", 1000, 30 * day_ns);
	put_action(s, store, "recent", 1000, hour_ns);
	r = run_gc(s, store, 1);
	assert_false(r.alone);
	assert_int_equal(r.actions, 1);
	assert_true(is_known(s, store, "recent"));
	assert_true(store_has_blob(store, &loose, 100));
	vec_free(&r.spared);
	store_close(other);
	r = run_gc(s, store, 1);
	assert_true(r.alone);
	assert_int_equal(r.actions, 1);
	assert_int_equal(blob_count(s, store), 0);
	vec_free(&r.spared);
	store_close(store);
}

static void test_a_dry_run_tells_the_same_and_changes_nothing(void **state)
{
	struct scratch *s = *state;
	struct gc_options o = { .limits = { .blobs = 2500 },
				.work_root = scratch_path(s, "work"),
				.dry_run = true };
	struct store *store = three_actions(s);
	const char *before;
	struct gc_result r;

	scratch_put(s, "work/tree/BOARD/firmware.elf", "12345");
	o.limits.work = 1;
	store_close(store);
	before = scratch_list(s, "");
	store = store_open(scratch_path(s, "store"), true, &s->err);
	must(store != NULL, &s->err);
	must(gc_run(store, &o, &s->arena, &r, &s->err), &s->err);
	store_close(store);
	assert_string_equal(scratch_list(s, ""), before);
	assert_int_equal(r.actions, 1);
	assert_int_equal(r.blobs, 2);
	assert_int_equal(r.works, 1);
	vec_free(&r.spared);
}

static void run_sql(struct scratch *s, const char *statement)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(scratch_path(s, "store/index.db"), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, statement, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_manifests_go_with_their_action(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest weak = key_of("weak"), key = put_action(s, store, "a", 100, day_ns);
	struct store_manifest m = { .key = key, .data = "\0", .len = 1 };
	struct store_manifests back;
	struct gc_result r;

	must(store_put_manifest(store, &weak, &m, &s->err), &s->err);
	r = run_gc(s, store, 1);
	must(store_get_manifests(store, &weak, &s->arena, &back, &s->err), &s->err);
	assert_int_equal(back.count, 0);
	vec_free(&r.spared);
	store_close(store);
}

/* --- by itself --- */

static bool ran_by_itself(struct scratch *s, struct store *store, struct gc_limits limits,
			  struct gc_result *r)
{
	struct gc_options o = { .limits = limits, .work_root = scratch_path(s, "work") };
	bool ran;

	must(gc_after_run(store, &o, &s->arena, r, &ran, &s->err), &s->err);
	vec_free(&r->spared);
	return ran;
}

static void test_by_itself_it_runs_only_over_the_limit_and_leaves_room(void **state)
{
	struct scratch *s = *state;
	struct store *store = three_actions(s);
	struct gc_result r;

	assert_false(ran_by_itself(s, store, (struct gc_limits){ .blobs = 3300 }, &r));
	assert_true(ran_by_itself(s, store, (struct gc_limits){ .blobs = 3299 }, &r));
	assert_int_equal(r.actions, 1);
	assert_false(ran_by_itself(s, store, (struct gc_limits){ .blobs = 2200 }, &r));
	store_close(store);
}

static void test_the_total_is_kept_across_processes(void **state)
{
	struct scratch *s = *state;
	struct store *store = three_actions(s);
	struct gc_result r;

	assert_false(ran_by_itself(s, store, (struct gc_limits){ .blobs = 10000 }, &r));
	store_close(store);
	store = open_store(s);
	put_action(s, store, "more", 5000, 0);
	store_close(store);
	/* Only a number in the index: files that it does not know of do not count. */
	scratch_put(s, "store/blobs/00/000000000000000000000000000000", "xxxxxxxxxxxxxxxxxxxx");
	store = open_store(s);
	put_action(s, store, "last", 900, 0);
	assert_false(
		ran_by_itself(s, store, (struct gc_limits){ .blobs = 3300 + 5100 + 1000 }, &r));
	assert_true(ran_by_itself(s, store, (struct gc_limits){ .blobs = 3300 + 5100 + 999 }, &r));
	store_close(store);
}

static void test_by_itself_it_spares_what_was_just_made(void **state)
{
	struct scratch *s = *state;
	struct store *store = three_actions(s);
	struct gc_result r;

	put_action(s, store, "just made", 5000, 0);
	assert_true(ran_by_itself(s, store, (struct gc_limits){ .blobs = 10 }, &r));
	assert_int_equal(r.actions, 3);
	assert_true(is_known(s, store, "just made"));
	store_close(store);
}

static void test_a_run_that_added_nothing_does_not_count(void **state)
{
	struct scratch *s = *state;
	struct gc_result r;
	struct store *store;

	store_close(three_actions(s));
	store = open_store(s);
	assert_false(ran_by_itself(s, store, (struct gc_limits){ .blobs = 10 }, &r));
	store_close(store);
}

/* --- work folders --- */

/* work/tree/NAME with a file of that many bytes, last locked `age_ns` ago. */
static void put_work(struct scratch *s, const char *name, size_t size, int64_t age_ns)
{
	char *data = arena_alloc(&s->arena, size + 1);
	const char *lock = arena_printf(&s->arena, "work/tree/%s.lock", name);

	memset(data, 'x', size);
	scratch_put(s, arena_printf(&s->arena, "work/tree/%s/deep/firmware.elf", name), data);
	scratch_put(s, arena_printf(&s->arena, "work/tree/%s.state", name), "state");
	scratch_put(s, lock, "");
	scratch_date(s, lock, clock_now_ns() - age_ns);
	scratch_date(s, arena_printf(&s->arena, "work/tree/%s", name), clock_now_ns() - age_ns);
}

static struct gc_result trim_works(struct scratch *s, uint64_t limit)
{
	struct gc_options o = { .limits = { .work = limit }, .work_root = scratch_path(s, "work") };
	struct store *store = open_store(s);
	struct gc_result r;

	must(gc_run(store, &o, &s->arena, &r, &s->err), &s->err);
	store_close(store);
	return r;
}

static void test_old_work_folders_go_and_their_state_and_lock(void **state)
{
	struct scratch *s = *state;
	struct gc_result r;

	put_work(s, "A", 1000, 3 * day_ns);
	put_work(s, "B", 1000, 9 * day_ns);
	put_work(s, "C", 1000, 6 * day_ns);
	r = trim_works(s, 2500);
	assert_int_equal(r.works, 1);
	assert_int_equal(r.work_bytes, 1000);
	assert_int_equal(r.work_kept, 2000);
	assert_string_equal(scratch_list(s, "work/tree"),
			    "A/ A/deep/ A/deep/firmware.elf A.lock A.state "
			    "C/ C/deep/ C/deep/firmware.elf C.lock C.state ");
	vec_free(&r.spared);
}

static void test_a_locked_work_folder_is_spared_and_named(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock l = LOCK_INIT;
	struct gc_result r;
	bool taken;

	put_work(s, "A", 1000, 3 * day_ns);
	put_work(s, "B", 1000, 9 * day_ns);
	must(lock_try(&l, scratch_path(s, "work/tree/B.lock"), "mini/B compile", &taken, &holder,
		      &s->err),
	     &s->err);
	r = trim_works(s, 1);
	assert_int_equal(r.works, 1);
	assert_int_equal(r.spared.count, 1);
	assert_has(r.spared.items[0], scratch_path(s, "work/tree/B"));
	assert_has(r.spared.items[0], "(mini/B compile)");
	assert_true(fs_exists(scratch_path(s, "work/tree/B/deep/firmware.elf")));
	assert_false(fs_exists(scratch_path(s, "work/tree/A")));
	lock_release(&l);
	vec_free(&r.spared);
}

static void test_a_commands_folder_goes_by_the_lock_of_its_board(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock l = LOCK_INIT;
	struct gc_result r;
	bool taken;

	scratch_put(s, "work/tree/mini-RED-DARK-cmd/x", "12345");
	must(lock_try(&l, scratch_path(s, "work/tree/mini-RED-DARK.lock"), "sign", &taken, &holder,
		      &s->err),
	     &s->err);
	r = trim_works(s, 1);
	assert_int_equal(r.works, 0);
	assert_int_equal(r.spared.count, 1);
	lock_release(&l);
	vec_free(&r.spared);
	r = trim_works(s, 1);
	assert_int_equal(r.works, 1);
	vec_free(&r.spared);
}

static void test_what_a_killed_removal_left_goes(void **state)
{
	struct scratch *s = *state;
	struct gc_result r;

	scratch_put(s, "work/tree/A.removed/x", "12345");
	r = trim_works(s, 0);
	assert_int_equal(r.works, 1);
	assert_string_equal(scratch_list(s, "work/tree"), "");
	vec_free(&r.spared);
}

/* As when another gc was faster: A's removal takes the leftover with it. */
static void test_a_work_folder_that_went_meanwhile_is_no_failure(void **state)
{
	struct scratch *s = *state;
	struct gc_result r;

	put_work(s, "A", 1000, day_ns);
	scratch_put(s, "work/tree/A.removed/x", "12345");
	r = trim_works(s, 1);
	assert_int_equal(r.works, 1);
	assert_false(fs_exists(scratch_path(s, "work/tree/A")));
	assert_false(fs_exists(scratch_path(s, "work/tree/A.removed")));
	vec_free(&r.spared);
}

static void test_worktrees_count_too(void **state)
{
	struct scratch *s = *state;
	struct gc_result r;

	scratch_put(s, "store/worktrees/tree/v1.22/py/obj.c", "12345");
	r = trim_works(s, 4);
	assert_int_equal(r.works, 1);
	assert_false(fs_exists(scratch_path(s, "store/worktrees/tree/v1.22")));
	vec_free(&r.spared);
}

static void test_a_work_folder_is_measured_once_per_build_in_it(void **state)
{
	struct scratch *s = *state;
	struct store_usage u;
	struct store *store = open_store(s);

	put_work(s, "A", 1000, day_ns);
	run_sql(s, "DELETE FROM works");
	assert_int_equal(trim_works(s, 5000).spared.count, 0);
	/* No lock was taken since: nobody may have written here. */
	scratch_put(s, "work/tree/A/deep/more", "12345");
	must(store_measure(store, scratch_path(s, "work"), &u, &s->err), &s->err);
	assert_int_equal(u.work_bytes, 1000);
	scratch_date(s, "work/tree/A.lock", clock_now_ns());
	must(store_measure(store, scratch_path(s, "work"), &u, &s->err), &s->err);
	assert_int_equal(u.work_bytes, 1005);
	store_close(store);
}

/* --- leftovers --- */

static void test_leftovers_go_when_they_are_old(void **state)
{
	static const struct {
		const char *path;
		int hours;
		bool goes;
	} files[] = {
		{ "store/blobs/aa/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.tmp999999999.aB3dEf", 2, true },
		{ "store/blobs/aa/cccccccccccccccccccccccccccccc.tmp999999999.aB3dEf", 0, false },
		{ "store/import.tmp999999999.aB3dEf/x", 2, true },
		{ "store/import.tmp999999999.aB3dEg/x", 0, false },
		{ "store/index.db.bad-20250101T000000", 24 * 31, true },
		{ "store/index.db.bad-20250102T000000", 24 * 29, false },
		{ "store/log/tree/OLD/compile.log", 24 * 31, true },
		{ "store/log/tree/NEW/compile.log", 24 * 29, false },
		{ "work/mpy-cross-0123456789abcdef/mpy-cross", 48, true },
	};
	struct scratch *s = *state;
	struct gc_result r;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int64_t date = clock_now_ns() - files[i].hours * hour_ns;
		char *dir = arena_strdup(&s->arena, files[i].path);

		scratch_put(s, files[i].path, "x");
		scratch_date(s, files[i].path, date);
		*strrchr(dir, '/') = '\0';
		if (files[i].goes || strstr(dir, "import"))
			scratch_date(s, dir, date);
	}
	r = trim_works(s, 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (fs_exists(scratch_path(s, files[i].path)) == files[i].goes)
			fail_msg("%s", files[i].path);
	assert_int_equal(r.leftovers, 5);
	vec_free(&r.spared);
}

/* --- limits --- */

static void test_limits_come_from_the_environment(void **state)
{
	struct scratch *s = *state;
	struct gc_limits l;

	unsetenv("MPFLASH_CACHE_SIZE");
	setenv("MPFLASH_WORK_SIZE", "1.5G", 1);
	must(gc_read_limits(&l, &s->err), &s->err);
	assert_int_equal(l.blobs, 5000000000);
	assert_int_equal(l.work, 1500000000);
	setenv("MPFLASH_CACHE_SIZE", "0", 1);
	must(gc_read_limits(&l, &s->err), &s->err);
	assert_int_equal(l.blobs, 0);
	setenv("MPFLASH_CACHE_SIZE", "lots", 1);
	assert_false(gc_read_limits(&l, &s->err));
	assert_err(&s->err, "MPFLASH_CACHE_SIZE wants a size, not 'lots'", "MPFLASH_CACHE_SIZE=2G");
	unsetenv("MPFLASH_CACHE_SIZE");
	unsetenv("MPFLASH_WORK_SIZE");
}

/* --- many processes --- */

enum { PROCESSES = 8, ROUNDS = 30, PATHS = 40 };

/* Records an action whose output and manifest are all its own, and reads it back at once, while others evict. */
static bool record_and_check(struct scratch *s, struct store *store, int i)
{
	const char *name = arena_printf(&s->arena, "%ld %d", (long)getpid(), i);
	const char *paths[PATHS];
	uint32_t numbers[PATHS];
	struct store_paths all;
	struct digest key = put_action(s, store, name, 2000, 0);
	struct store_manifest m = { .key = key, .data = "\0", .len = 1 };

	for (int k = 0; k < PATHS; k++)
		paths[k] = arena_printf(&s->arena, "py/%d.c", (i + (int)getpid()) % 7 * 10 + k);
	if (!store_intern_paths(store, paths, PATHS, numbers, &s->err) ||
	    !store_paths(store, &all, &s->err) || !store_put_manifest(store, &key, &m, &s->err))
		return false;
	for (int k = 0; k < PATHS; k++)
		if (numbers[k] >= all.count || strcmp(all.items[numbers[k]], paths[k]) != 0)
			return err_set(&s->err, "%s got another number", paths[k]);
	return is_known(s, store, name) || err_set(&s->err, "lost %s", name);
}

static bool collect(struct scratch *s, struct store *store)
{
	struct gc_options o = { .limits = { .blobs = 1 }, .work_root = scratch_path(s, "work") };
	struct gc_result r;
	bool ok = gc_run(store, &o, &s->arena, &r, &s->err);

	vec_free(&r.spared);
	return ok;
}

static int work_on_store(void *ctx, int fd)
{
	struct scratch *s = ctx;
	bool ok = true;

	for (int i = 0; ok && i < ROUNDS; i++) {
		struct store *store = store_open(scratch_path(s, "store"), false, &s->err);

		ok = store && (i % 3 == 2 ? collect(s, store) : record_and_check(s, store, i));
		store_close(store);
	}
	if (!ok)
		dprintf(fd, "%s", s->err.msg);
	return !ok;
}

static void test_eight_processes_record_read_and_collect_at_once(void **state)
{
	struct scratch *s = *state;
	pid_t pids[PROCESSES];
	int fds[PROCESSES];
	struct gc_result r;
	struct store *store;

	/* One that is open throughout: gc is never alone, so nothing new may be lost. */
	store = open_store(s);
	for (int i = 0; i < PROCESSES; i++)
		pids[i] = process_fork(work_on_store, s, &fds[i], &s->err);
	for (int i = 0; i < PROCESSES; i++) {
		char text[300] = "";
		struct process_exit x;
		int at = process_wait_any(pids, PROCESSES, 120000, &x);

		assert_in_range(at, 0, PROCESSES - 1);
		if (read(fds[at], text, sizeof(text) - 1) > 0)
			fail_msg("%s", text);
		assert_int_equal(x.code, 0);
		close(fds[at]);
		pids[at] = 0;
	}
	r = run_gc(s, store, 1);
	assert_true(r.alone);
	assert_int_equal(r.actions, PROCESSES * ROUNDS * 2 / 3);
	assert_int_equal(blob_count(s, store), 0);
	vec_free(&r.spared);
	store_close(store);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_what_was_not_used_for_longest_goes_first),
		TEST(test_a_use_is_remembered),
		TEST(test_what_was_made_tomorrow_was_used_now),
		TEST(test_a_use_within_the_hour_writes_nothing),
		TEST(test_within_the_limit_nothing_goes_but_what_nothing_refers_to),
		TEST(test_a_blob_that_another_action_shares_stays),
		TEST(test_a_list_that_the_parts_name_stays_with_them),
		TEST(test_firmware_on_a_device_stays),
		TEST(test_the_actions_of_a_tree_that_is_being_built_stay),
		TEST(test_while_others_work_what_is_new_stays),
		TEST(test_a_dry_run_tells_the_same_and_changes_nothing),
		TEST(test_manifests_go_with_their_action),
		TEST(test_by_itself_it_runs_only_over_the_limit_and_leaves_room),
		TEST(test_the_total_is_kept_across_processes),
		TEST(test_by_itself_it_spares_what_was_just_made),
		TEST(test_a_run_that_added_nothing_does_not_count),
		TEST(test_old_work_folders_go_and_their_state_and_lock),
		TEST(test_a_locked_work_folder_is_spared_and_named),
		TEST(test_a_commands_folder_goes_by_the_lock_of_its_board),
		TEST(test_what_a_killed_removal_left_goes),
		TEST(test_a_work_folder_that_went_meanwhile_is_no_failure),
		TEST(test_worktrees_count_too),
		TEST(test_a_work_folder_is_measured_once_per_build_in_it),
		TEST(test_leftovers_go_when_they_are_old),
		TEST(test_limits_come_from_the_environment),
		TEST(test_eight_processes_record_read_and_collect_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
#undef TEST
}
