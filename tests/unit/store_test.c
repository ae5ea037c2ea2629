/* SPDX-License-Identifier: MIT
 *
 * The store: blobs and the index, alone, damaged, and shared by processes.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "cache/store.h"
#include "os/clock.h"
#include "os/fs.h"
#include "os/process.h"
#include "scratch.h"

static struct store *open_store(struct scratch *s)
{
	struct store *store = store_open(scratch_path(s, "store"), false, &s->err);

	must(store != NULL, &s->err);
	return store;
}

static struct digest put(struct scratch *s, struct store *store, const char *text)
{
	struct digest d;

	must(store_put_bytes(store, text, strlen(text), &d, &s->err), &s->err);
	return d;
}

static const char *blob_path(struct scratch *s, const struct store *store, const struct digest *d)
{
	AUTO_STRBUF path = STRBUF_INIT;

	store_blob_path(store, d, &path);
	return arena_strdup(&s->arena, path.buf);
}

/* Overwrites a blob, which is read-only, in place. */
static void spoil(struct scratch *s, const struct store *store, const struct digest *d,
		  const char *text)
{
	const char *path = blob_path(s, store, d);

	assert_int_equal(chmod(path, 0644), 0);
	scratch_put(s, path, text);
}

static struct digest key_of(const char *text)
{
	return digest_of(text, strlen(text));
}

/* --- blobs --- */

static void test_a_blob_is_known_by_the_digest_of_its_bytes(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware"), want = key_of("firmware");
	AUTO_STRBUF back = STRBUF_INIT;

	assert_true(digest_equal(&d, &want));
	assert_true(store_read_blob(store, &d, &back));
	assert_string_equal(back.buf, "firmware");
	store_close(store);
}

static void test_a_file_and_its_bytes_are_one_blob(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest a, b;
	const char *before;

	scratch_put(s, "f", "firmware");
	must(store_put_file(store, scratch_path(s, "f"), &a, &s->err), &s->err);
	before = scratch_list(s, "store/blobs");
	b = put(s, store, "firmware");
	assert_true(digest_equal(&a, &b));
	assert_string_equal(scratch_list(s, "store/blobs"), before);
	store_close(store);
}

static void test_an_empty_file_is_a_blob_too(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	AUTO_STRBUF back = STRBUF_INIT;
	struct digest d;

	scratch_put(s, "f", "");
	must(store_put_file(store, scratch_path(s, "f"), &d, &s->err), &s->err);
	assert_true(store_has_blob(store, &d, 0));
	assert_true(store_read_blob(store, &d, &back));
	assert_int_equal(back.len, 0);
	store_close(store);
}

static void test_blobs_are_read_only(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");
	struct fs_stat st;

	assert_true(fs_lstat(blob_path(s, store, &d), &st));
	assert_int_equal(st.mode & 0777, 0444);
	store_close(store);
}

static void test_editing_the_source_of_a_blob_leaves_the_blob_alone(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d;

	scratch_put(s, "f", "one");
	must(store_put_file(store, scratch_path(s, "f"), &d, &s->err), &s->err);
	scratch_put(s, "f", "two");
	assert_true(store_check_blob(store, &d, NULL));
	store_close(store);
}

static void test_a_blob_that_was_never_put_is_missing(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = key_of("other");
	AUTO_STRBUF back = STRBUF_INIT;
	bool corrupt = true;

	assert_false(store_has_blob(store, &d, 5));
	assert_false(store_check_blob(store, &d, &corrupt));
	assert_false(corrupt);
	assert_false(store_read_blob(store, &d, &back));
	assert_int_equal(back.len, 0);
	store_close(store);
}

static void test_a_blob_of_another_size_is_not_there(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");

	assert_true(store_has_blob(store, &d, 8));
	assert_false(store_has_blob(store, &d, 9));
	spoil(s, store, &d, "firm");
	assert_false(store_has_blob(store, &d, 8));
	store_close(store);
}

static void test_putting_again_heals_a_cut_blob(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");

	spoil(s, store, &d, "firm");
	put(s, store, "firmware");
	assert_true(store_check_blob(store, &d, NULL));
	store_close(store);
}

static void test_a_corrupt_blob_is_told_and_removed(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");
	bool corrupt = false;

	spoil(s, store, &d, "firmwarf");
	assert_false(store_check_blob(store, &d, &corrupt));
	assert_true(corrupt);
	assert_false(fs_exists(blob_path(s, store, &d)));
	assert_false(store_check_blob(store, &d, &corrupt));
	assert_false(corrupt);
	put(s, store, "firmware");
	assert_true(store_check_blob(store, &d, NULL));
	store_close(store);
}

static void test_putting_again_heals_a_corrupt_blob_of_the_right_size(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");

	spoil(s, store, &d, "firmwarf");
	put(s, store, "firmware");
	assert_true(store_check_blob(store, &d, NULL));
	spoil(s, store, &d, "firmwarf");
	scratch_put(s, "f", "firmware");
	must(store_put_file(store, scratch_path(s, "f"), &d, &s->err), &s->err);
	assert_true(store_check_blob(store, &d, NULL));
	store_close(store);
}

static void test_a_corrupt_blob_is_never_read(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");
	AUTO_STRBUF back = STRBUF_INIT;

	spoil(s, store, &d, "firmwarf");
	assert_false(store_read_blob(store, &d, &back));
	assert_int_equal(back.len, 0);
	store_close(store);
}

static void test_placing_writes_the_bytes_with_the_mode(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");
	struct fs_stat st;

	scratch_put(s, "out", "old");
	must(store_place(store, &d, scratch_path(s, "out"), 0755, &s->err), &s->err);
	assert_string_equal(scratch_text(s, "out"), "firmware");
	assert_true(fs_lstat(scratch_path(s, "out"), &st));
	assert_int_equal(st.mode & 0777, 0755);
	store_close(store);
}

static void test_editing_a_placed_file_leaves_the_blob_alone(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");

	must(store_place(store, &d, scratch_path(s, "out"), 0644, &s->err), &s->err);
	scratch_put(s, "out", "FIRMWARE");
	assert_true(store_check_blob(store, &d, NULL));
	store_close(store);
}

static void test_a_corrupt_blob_is_never_placed(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");

	scratch_put(s, "out", "old");
	spoil(s, store, &d, "firmwarf");
	assert_false(store_place(store, &d, scratch_path(s, "out"), 0644, &s->err));
	assert_err(&s->err, "the store has lost the content of", NULL);
	assert_has(s->err.msg, scratch_path(s, "out"));
	assert_string_equal(scratch_text(s, "out"), "old");
	store_close(store);
}

/* --- actions --- */

static struct store_action action_with(struct store_output *outputs, size_t count)
{
	struct store_action a = { .stamp = "v1.2.3", .time_ns = 123456789012, .duration_ms = 42 };

	a.outputs.items = outputs;
	a.outputs.count = a.outputs.cap = count;
	return a;
}

static void test_an_action_reads_back_with_its_outputs_in_order(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest key = key_of("key"), zero = { { 0 } };
	struct store_output outputs[] = {
		{ "z.elf", key_of("elf"), key_of("image"), (uint64_t)1 << 40, 0755 },
		{ "a.map", key_of("map"), zero, 0, 0644 },
	};
	struct store_action a = action_with(outputs, 2), back;
	bool found;

	must(store_put_action(store, &key, &a, &s->err), &s->err);
	store_close(store);
	store = open_store(s);
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_true(found);
	assert_string_equal(back.stamp, "v1.2.3");
	assert_int_equal(back.time_ns, 123456789012);
	assert_int_equal(back.duration_ms, 42);
	assert_int_equal(back.outputs.count, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct store_output *o = &back.outputs.items[i];

		assert_string_equal(o->name, outputs[i].name);
		assert_true(digest_equal(&o->blob, &outputs[i].blob));
		assert_true(digest_equal(&o->image, &outputs[i].image));
		assert_true(o->size == outputs[i].size);
		assert_int_equal(o->mode, outputs[i].mode);
	}
	store_close(store);
}

static void test_an_unknown_action_is_not_found(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest key = key_of("key");
	struct store_action back;
	bool found = true;

	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_false(found);
	assert_int_equal(back.outputs.count, 0);
	store_close(store);
}

static void test_an_action_put_again_replaces_all_of_it(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest key = key_of("key");
	struct store_output outputs[] = {
		{ .name = "a", .size = 1 },
		{ .name = "b", .size = 2 },
		{ .name = "c", .size = 3 },
	};
	struct store_action a = action_with(outputs, 2), back;
	bool found;

	must(store_put_action(store, &key, &a, &s->err), &s->err);
	a = action_with(outputs + 2, 1);
	must(store_put_action(store, &key, &a, &s->err), &s->err);
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_int_equal(back.outputs.count, 1);
	assert_string_equal(back.outputs.items[0].name, "c");
	store_close(store);
}

static void test_a_dropped_action_takes_its_outputs_along(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest key = key_of("key");
	struct store_output output = { .name = "a" };
	struct store_action a = action_with(&output, 1), none = action_with(NULL, 0), back;
	bool found;

	must(store_put_action(store, &key, &a, &s->err), &s->err);
	must(store_drop_action(store, &key, &s->err), &s->err);
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_false(found);
	must(store_put_action(store, &key, &none, &s->err), &s->err);
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_int_equal(back.outputs.count, 0);
	store_close(store);
}

static void test_the_last_run_of_a_step_is_the_last_one_put(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct store_last first = { .key = key_of("1"), .parts = key_of("p1"), .duration_ms = 10 },
			  second = { .key = key_of("2"), .parts = key_of("p2"), .duration_ms = 20 };
	struct store_last back;
	bool found = true;

	must(store_get_last(store, "PYBV11 hex", &back, &found, &s->err), &s->err);
	assert_false(found);
	must(store_put_last(store, "PYBV11 hex", &first, &s->err), &s->err);
	must(store_put_last(store, "PYBV11 dfu", &first, &s->err), &s->err);
	must(store_put_last(store, "PYBV11 hex", &second, &s->err), &s->err);
	must(store_get_last(store, "PYBV11 hex", &back, &found, &s->err), &s->err);
	assert_true(found);
	assert_true(digest_equal(&back.key, &second.key));
	assert_true(digest_equal(&back.parts, &second.parts));
	assert_int_equal(back.duration_ms, 20);
	store_close(store);
}

/* --- devices --- */

static void put_device(struct scratch *s, struct store *store, const char *id, const char *stamp)
{
	struct store_device d = {
		.id = id,
		.board = "qemu/MICROBIT",
		.method = "qemu",
		.image = key_of(id),
		.stamp = stamp,
		.time_ns = 5,
	};

	must(store_put_device(store, &d, &s->err), &s->err);
}

static void test_each_flash_of_a_device_is_counted(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest image = key_of("qemu:a");
	struct store_device back;
	bool found;

	for (int i = 1; i <= 3; i++) {
		put_device(s, store, "qemu:a", "v1");
		must(store_get_device(store, "qemu:a", &s->arena, &back, &found, &s->err), &s->err);
		assert_int_equal(back.count, i);
	}
	assert_string_equal(back.board, "qemu/MICROBIT");
	assert_string_equal(back.method, "qemu");
	assert_true(digest_equal(&back.image, &image));
	assert_string_equal(back.answer, "");
	store_close(store);
}

static void test_a_device_holds_what_was_written_last(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct store_device back;
	bool found;

	put_device(s, store, "qemu:a", "v1");
	put_device(s, store, "qemu:a", "v2");
	must(store_get_device(store, "qemu:a", &s->arena, &back, &found, &s->err), &s->err);
	assert_string_equal(back.stamp, "v2");
	store_close(store);
}

static void test_devices_are_listed_by_id(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct store_devices all;

	must(store_list_devices(store, &s->arena, &all, &s->err), &s->err);
	assert_int_equal(all.count, 0);
	put_device(s, store, "b", NULL);
	put_device(s, store, "a", "v1");
	must(store_list_devices(store, &s->arena, &all, &s->err), &s->err);
	assert_int_equal(all.count, 2);
	assert_string_equal(all.items[0].id, "a");
	assert_string_equal(all.items[1].id, "b");
	assert_string_equal(all.items[1].stamp, "");
	store_close(store);
}

static void test_a_dropped_device_is_forgotten_with_its_count(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct store_device back;
	bool found;

	put_device(s, store, "a", "v1");
	must(store_drop_device(store, "a", &s->err), &s->err);
	must(store_get_device(store, "a", &s->arena, &back, &found, &s->err), &s->err);
	assert_false(found);
	put_device(s, store, "a", "v1");
	must(store_get_device(store, "a", &s->arena, &back, &found, &s->err), &s->err);
	assert_int_equal(back.count, 1);
	store_close(store);
}

/* --- the store as a whole --- */

static void test_opening_makes_what_is_missing(void **state)
{
	struct scratch *s = *state;
	struct store *store = store_open(scratch_path(s, "deep/er/store"), false, &s->err);

	must(store != NULL, &s->err);
	assert_true(fs_is_dir(scratch_path(s, "deep/er/store/blobs")));
	assert_string_equal(store_path(store, &s->arena, "log"),
			    scratch_path(s, "deep/er/store/log"));
	store_close(store);
	store_close(NULL);
}

static void test_a_dry_store_makes_nothing_and_is_empty(void **state)
{
	struct scratch *s = *state;
	struct store *store = store_open(scratch_path(s, "store"), true, &s->err);
	struct digest key = key_of("key");
	struct store_action none = action_with(NULL, 0), back;
	bool found;

	must(store != NULL, &s->err);
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_false(found);
	must(store_put_action(store, &key, &none, &s->err), &s->err);
	store_close(store);
	assert_string_equal(scratch_list(s, ""), "");
}

static void test_a_dry_store_that_exists_is_read_and_stays_as_it_is(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest key = key_of("key");
	struct store_action none = action_with(NULL, 0), back;
	const char *before;
	struct digest index;
	AUTO_STRBUF bytes = STRBUF_INIT;
	bool found;

	must(store_put_action(store, &key, &none, &s->err), &s->err);
	store_close(store);
	before = scratch_list(s, "store");
	must(fs_read(&bytes, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	index = digest_of(bytes.buf, bytes.len);
	store = store_open(scratch_path(s, "store"), true, &s->err);
	must(store != NULL, &s->err);
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_true(found);
	store_close(store);
	assert_string_equal(scratch_list(s, "store"), before);
	strbuf_reset(&bytes);
	must(fs_read(&bytes, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	key = digest_of(bytes.buf, bytes.len);
	assert_true(digest_equal(&key, &index));
}

static void test_a_store_below_a_file_is_an_error_with_a_hint(void **state)
{
	struct scratch *s = *state;

	scratch_put(s, "file", "");
	assert_null(store_open(scratch_path(s, "file/store"), false, &s->err));
	assert_err(&s->err, "Not a directory", "MPFLASH_CACHE=");
}

static void run_sql(struct scratch *s, const char *name, const char *statements)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(scratch_path(s, name), &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, statements, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_a_store_of_a_newer_version_is_refused(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF before = STRBUF_INIT, after = STRBUF_INIT;
	const char *names;

	store_close(open_store(s));
	run_sql(s, "store/index.db", "PRAGMA user_version=999");
	names = scratch_list(s, "store");
	must(fs_read(&before, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	for (int dry = 0; dry < 2; dry++) {
		assert_null(store_open(scratch_path(s, "store"), dry, &s->err));
		assert_err(&s->err, "newer mpflash", "update mpflash");
	}
	assert_string_equal(scratch_list(s, "store"), names);
	must(fs_read(&after, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	assert_memory_equal(before.buf, after.buf, before.len);
}

/* The one name in the store that begins so. */
static const char *put_aside_name(struct scratch *s)
{
	const char *list = scratch_list(s, "store"), *at = strstr(list, "index.db.bad-");
	const char *end = at ? strchr(at, ' ') : NULL;

	assert_non_null(end);
	return arena_printf(&s->arena, "store/%.*s", (int)(end - at), at);
}

/* Opening goes on with an empty index and says what it did; the bytes that were there are kept; the next is silent. */
static void assert_heals(struct scratch *s, const char *cause)
{
	AUTO_STRBUF before = STRBUF_INIT, after = STRBUF_INIT;
	struct digest key = key_of("key 5");
	struct store_action none = action_with(NULL, 0), back;
	struct store *store;
	bool found;

	must(fs_read(&before, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	store = open_store(s);
	assert_non_null(store_note(store));
	assert_has(store_note(store), cause);
	assert_has(store_note(store), put_aside_name(s));
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_false(found);
	must(store_put_action(store, &key, &none, &s->err), &s->err);
	store_close(store);
	must(fs_read(&after, scratch_path(s, put_aside_name(s)), 1 << 20, &s->err), &s->err);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.buf, after.buf, before.len);
	store = open_store(s);
	assert_null(store_note(store));
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_true(found);
	store_close(store);
}

static void fill_index(struct scratch *s)
{
	struct store *store = open_store(s);

	for (int i = 0; i < 300; i++) {
		struct digest key = key_of(arena_printf(&s->arena, "key %d", i));
		struct store_output output = { .name = "firmware.elf" };
		struct store_action a = action_with(&output, 1);

		must(store_put_action(store, &key, &a, &s->err), &s->err);
	}
	store_close(store);
}

static void test_a_garbage_index_is_put_aside(void **state)
{
	struct scratch *s = *state;

	store_close(open_store(s));
	scratch_put(s, "store/index.db", "this is no database, whatever its name says: it is text");
	assert_heals(s, "not a database");
}

static void test_a_truncated_index_is_put_aside(void **state)
{
	struct scratch *s = *state;
	struct fs_stat st;

	fill_index(s);
	assert_true(fs_lstat(scratch_path(s, "store/index.db"), &st));
	assert_int_equal(truncate(scratch_path(s, "store/index.db"), (off_t)st.size - 1), 0);
	assert_heals(s, "cut short");
}

static void test_an_index_cut_before_its_header_ends_is_put_aside(void **state)
{
	struct scratch *s = *state;

	fill_index(s);
	assert_int_equal(truncate(scratch_path(s, "store/index.db"), 70), 0);
	assert_heals(s, "malformed");
}

static void test_another_programs_database_is_put_aside(void **state)
{
	struct scratch *s = *state;

	scratch_mkdir(s, "store");
	run_sql(s, "store/index.db", "CREATE TABLE bookmarks(url)");
	assert_heals(s, "another program's");
}

static void test_another_programs_database_with_a_high_version_is_no_newer_store(void **state)
{
	struct scratch *s = *state;

	scratch_mkdir(s, "store");
	run_sql(s, "store/index.db", "CREATE TABLE bookmarks(url); PRAGMA user_version=999");
	assert_heals(s, "another program's");
}

/* All pages but the first are overwritten: SQLite finds it only when it gets there. */
static void break_index(struct scratch *s)
{
	AUTO_STRBUF bytes = STRBUF_INIT;
	size_t page;

	fill_index(s);
	must(fs_read(&bytes, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	page = (size_t)((uint8_t)bytes.buf[16] << 8 | (uint8_t)bytes.buf[17] << 16);
	assert_true(page < bytes.len);
	memset(bytes.buf + page, 0xee, bytes.len - page);
	scratch_put_bytes(s, "store/index.db", bytes.buf, bytes.len);
}

static void test_an_index_found_damaged_in_use_is_put_aside_for_the_next_run(void **state)
{
	struct scratch *s = *state;
	struct store_devices devices;
	struct store *store;
	bool ok = true;

	break_index(s);
	store = open_store(s);
	assert_null(store_note(store));
	ok = store_list_devices(store, &s->arena, &devices, &s->err);
	store_close(store);
	assert_false(ok);
	assert_err(&s->err, "malformed", "run the same command again");
	err_free(&s->err);
	assert_has(scratch_text(s, put_aside_name(s)), "SQLite format 3");
	store = open_store(s);
	must(store_list_devices(store, &s->arena, &devices, &s->err), &s->err);
	store_close(store);
}

/* Meanwhile a newer program has mended it: that one is not damaged, only not for us. */
static void test_an_index_that_cannot_be_opened_is_not_put_aside_for_that(void **state)
{
	struct scratch *s = *state;
	struct store_devices devices;
	struct store *store;

	break_index(s);
	store = open_store(s);
	assert_false(store_list_devices(store, &s->arena, &devices, &s->err));
	err_free(&s->err);
	must(fs_remove_tree(scratch_path(s, "store/index.db"), &s->err), &s->err);
	must(fs_remove_tree(scratch_path(s, "store/index.db-wal"), &s->err), &s->err);
	must(fs_remove_tree(scratch_path(s, "store/index.db-shm"), &s->err), &s->err);
	run_sql(s, "store/index.db", "PRAGMA user_version=999; PRAGMA application_id=1836082796");
	store_close(store);
	assert_true(fs_exists(scratch_path(s, "store/index.db")));
	assert_null(strstr(scratch_list(s, "store"), "index.db.bad-"));
	assert_null(store_open(scratch_path(s, "store"), false, &s->err));
	assert_err(&s->err, "newer mpflash", "update mpflash");
}

/* gc removes it a month after it was put aside, however old it is. */
static void test_what_is_put_aside_is_dated_then(void **state)
{
	struct scratch *s = *state;
	struct fs_stat st;

	store_close(open_store(s));
	scratch_put(s, "store/index.db", "this is no database, whatever its name says: it is text");
	scratch_date(s, "store/index.db", 1000000000);
	store_close(open_store(s));
	assert_true(fs_lstat(scratch_path(s, put_aside_name(s)), &st));
	assert_true(st.mtime_ns > clock_now_ns() - 3600 * INT64_C(1000000000));
}

static void test_a_dry_store_tells_of_a_damaged_index_and_leaves_it(void **state)
{
	struct scratch *s = *state;
	const char *before;
	struct store *store;

	store_close(open_store(s));
	scratch_put(s, "store/index.db", "this is no database, whatever its name says: it is text");
	before = scratch_list(s, "store");
	store = store_open(scratch_path(s, "store"), true, &s->err);
	must(store != NULL, &s->err);
	assert_has(store_note(store), "without -n it is put aside");
	store_close(store);
	assert_string_equal(scratch_list(s, "store"), before);
	assert_has(scratch_text(s, "store/index.db"), "this is no database");
}

/* Version 2 is what the last release without totals wrote: its tables, no application id. */
static void make_old(struct scratch *s)
{
	fill_index(s);
	run_sql(s, "store/index.db",
		"DROP TABLE totals; DROP TABLE works; DROP TABLE sightings; DROP INDEX manifests_key;"
		" PRAGMA user_version=2; PRAGMA application_id=0");
}

static bool has_key_5(struct scratch *s, bool dry)
{
	struct store *store = store_open(scratch_path(s, "store"), dry, &s->err);
	struct digest key = key_of("key 5");
	struct store_action back;
	bool found;

	must(store != NULL, &s->err);
	assert_null(store_note(store));
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	store_close(store);
	return found;
}

static void test_an_older_store_is_migrated_with_all_it_knows(void **state)
{
	struct scratch *s = *state;

	make_old(s);
	assert_true(has_key_5(s, false));
}

static void test_a_dry_store_reads_an_older_one_and_migrates_nothing(void **state)
{
	struct scratch *s = *state;
	AUTO_STRBUF before = STRBUF_INIT, after = STRBUF_INIT;

	make_old(s);
	must(fs_read(&before, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	assert_true(has_key_5(s, true));
	must(fs_read(&after, scratch_path(s, "store/index.db"), 1 << 20, &s->err), &s->err);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.buf, after.buf, before.len);
}

static void test_a_dry_store_sees_what_a_process_at_work_has_written(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest key = key_of("key 5");
	struct store_action none = action_with(NULL, 0);

	must(store_put_action(store, &key, &none, &s->err), &s->err);
	assert_true(has_key_5(s, true)); /* it is in the log still */
	store_close(store);
}

static void test_a_deleted_index_is_made_again_and_blobs_are_found(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s);
	struct digest d = put(s, store, "firmware");

	store_close(store);
	must(fs_remove_tree(scratch_path(s, "store/index.db"), &s->err), &s->err);
	store = open_store(s);
	assert_true(store_check_blob(store, &d, NULL));
	store_close(store);
}

enum { PROCESSES = 4, ROUNDS = 25 };

/* Each process puts the same blobs, actions of its own, and the same device. */
static int work_on_store(void *ctx, int fd)
{
	struct scratch *s = ctx;
	struct store *store = store_open(scratch_path(s, "store"), false, &s->err);
	bool ok = store != NULL;

	for (int i = 0; ok && i < ROUNDS; i++) {
		const char *text = arena_printf(&s->arena, "blob %d", i);
		struct store_output output = { .name = text, .size = strlen(text) };
		struct digest key = key_of(arena_printf(&s->arena, "%ld %d", (long)getpid(), i));
		struct store_action a = action_with(&output, 1), back;
		struct store_device d = { .id = "dev", .board = "b", .method = "m" };
		bool found;

		ok = store_put_bytes(store, text, strlen(text), &output.blob, &s->err) &&
		     store_put_action(store, &key, &a, &s->err) &&
		     store_put_device(store, &d, &s->err) &&
		     store_get_action(store, &key, &s->arena, &back, &found, &s->err);
		if (ok && (!found || !store_check_blob(store, &back.outputs.items[0].blob, NULL)))
			ok = err_set(&s->err, "lost action %d", i);
	}
	store_close(store);
	if (!ok)
		dprintf(fd, "%s", s->err.msg);
	return !ok;
}

static void test_processes_may_share_a_store(void **state)
{
	struct scratch *s = *state;
	struct store_device back;
	struct store *store;
	pid_t pids[PROCESSES];
	int fds[PROCESSES];
	bool found;

	for (int i = 0; i < PROCESSES; i++)
		pids[i] = process_fork(work_on_store, s, &fds[i], &s->err);
	for (int i = 0; i < PROCESSES; i++) {
		char text[300] = "";
		struct process_exit x;
		int at = process_wait_any(pids, PROCESSES, 60000, &x);

		assert_in_range(at, 0, PROCESSES - 1);
		if (read(fds[at], text, sizeof(text) - 1) > 0)
			fail_msg("%s", text);
		assert_int_equal(x.code, 0);
		close(fds[at]);
		pids[at] = 0;
	}
	store = open_store(s);
	must(store_get_device(store, "dev", &s->arena, &back, &found, &s->err), &s->err);
	assert_int_equal(back.count, PROCESSES * ROUNDS);
	store_close(store);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_blob_is_known_by_the_digest_of_its_bytes),
		TEST(test_a_file_and_its_bytes_are_one_blob),
		TEST(test_an_empty_file_is_a_blob_too),
		TEST(test_blobs_are_read_only),
		TEST(test_editing_the_source_of_a_blob_leaves_the_blob_alone),
		TEST(test_a_blob_that_was_never_put_is_missing),
		TEST(test_a_blob_of_another_size_is_not_there),
		TEST(test_putting_again_heals_a_cut_blob),
		TEST(test_a_corrupt_blob_is_told_and_removed),
		TEST(test_putting_again_heals_a_corrupt_blob_of_the_right_size),
		TEST(test_a_corrupt_blob_is_never_read),
		TEST(test_placing_writes_the_bytes_with_the_mode),
		TEST(test_editing_a_placed_file_leaves_the_blob_alone),
		TEST(test_a_corrupt_blob_is_never_placed),
		TEST(test_an_action_reads_back_with_its_outputs_in_order),
		TEST(test_an_unknown_action_is_not_found),
		TEST(test_an_action_put_again_replaces_all_of_it),
		TEST(test_a_dropped_action_takes_its_outputs_along),
		TEST(test_the_last_run_of_a_step_is_the_last_one_put),
		TEST(test_each_flash_of_a_device_is_counted),
		TEST(test_a_device_holds_what_was_written_last),
		TEST(test_devices_are_listed_by_id),
		TEST(test_a_dropped_device_is_forgotten_with_its_count),
		TEST(test_opening_makes_what_is_missing),
		TEST(test_a_dry_store_makes_nothing_and_is_empty),
		TEST(test_a_dry_store_that_exists_is_read_and_stays_as_it_is),
		TEST(test_a_store_below_a_file_is_an_error_with_a_hint),
		TEST(test_a_store_of_a_newer_version_is_refused),
		TEST(test_a_garbage_index_is_put_aside),
		TEST(test_a_truncated_index_is_put_aside),
		TEST(test_an_index_cut_before_its_header_ends_is_put_aside),
		TEST(test_another_programs_database_is_put_aside),
		TEST(test_another_programs_database_with_a_high_version_is_no_newer_store),
		TEST(test_an_index_found_damaged_in_use_is_put_aside_for_the_next_run),
		TEST(test_an_index_that_cannot_be_opened_is_not_put_aside_for_that),
		TEST(test_what_is_put_aside_is_dated_then),
		TEST(test_a_dry_store_tells_of_a_damaged_index_and_leaves_it),
		TEST(test_an_older_store_is_migrated_with_all_it_knows),
		TEST(test_a_dry_store_reads_an_older_one_and_migrates_nothing),
		TEST(test_a_dry_store_sees_what_a_process_at_work_has_written),
		TEST(test_a_deleted_index_is_made_again_and_blobs_are_found),
		TEST(test_processes_may_share_a_store),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
