/* SPDX-License-Identifier: MIT
 *
 * Archives of the store: what is written, and that nothing else is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache/archive.h"
#include "cache/archive_index.h"
#include "cache/manifest.h"
#include "cache/verify.h"
#include "os/fs.h"
#include "scratch.h"

static struct store *open_store(struct scratch *s, const char *name)
{
	struct store *store = store_open(scratch_path(s, name), false, &s->err);

	must(store != NULL, &s->err);
	return store;
}

static struct digest key_of(const char *text)
{
	return digest_of(text, strlen(text));
}

/* An action with one output, a last run, and a manifest of these paths. */
static struct digest put(struct scratch *s, struct store *store, const char *name,
			 const char *const *paths, size_t count)
{
	struct digest key = key_of(name), weak = key_of("weak");
	struct store_output o = { .name = "firmware.bin", .size = strlen(name), .mode = 0644 };
	struct store_action a = { .stamp = "v1\t\\n", .stamp_hash = "abc", .time_ns = 12 };
	struct store_last last = { .key = key };
	struct manifest m = { 0 };
	AUTO_STRBUF text = STRBUF_INIT;
	uint32_t numbers[8];

	must(store_put_bytes(store, name, strlen(name), &o.blob, &s->err), &s->err);
	vec_push(&a.outputs, o);
	must(store_put_action(store, &key, &a, &s->err), &s->err);
	must(store_put_bytes(store, "parts", 5, &last.parts, &s->err), &s->err);
	must(store_put_last(store, arena_printf(&s->arena, "tree %s", name), &last, &s->err),
	     &s->err);
	must(store_intern_paths(store, paths, count, numbers, &s->err), &s->err);
	for (uint32_t n = 0; n < 100; n++) /* sorted by number */
		for (size_t i = 0; i < count; i++)
			if (numbers[i] == n)
				vec_push(&m.entries,
					 (struct manifest_entry){ .path = n,
								  .kind = MANIFEST_CONTENT,
								  .readers = 3,
								  .digest = key_of(paths[i]) });
	manifest_encode(&m, &text);
	must(store_put_manifest(
		     store, &weak,
		     &(struct store_manifest){ .key = key, .data = text.buf, .len = text.len },
		     &s->err),
	     &s->err);
	vec_free(&a.outputs);
	vec_free(&m.entries);
	return key;
}

static void export_all(struct scratch *s, struct store *store, const char *file)
{
	struct store_keys keys = { 0 };
	struct archive_result r;

	must(store_last_keys(store, &keys, &s->err), &s->err);
	must(store_export(store, &keys, scratch_path(s, file), &r, &s->err), &s->err);
	vec_free(&keys);
}

static const char *const first_paths[] = { "py/a.c", "~/tools/x", "/usr/bin/gcc" };
static const char *const second_paths[] = { "/usr/bin/gcc", "py/b.c" };

/* Every entry of the action's manifest has the digest of its own path: numbers and paths belong together. */
static void assert_manifest(struct scratch *s, struct store *store, const char *name, size_t count)
{
	struct digest key = key_of(name), weak = key_of("weak");
	struct store_manifest stored;
	struct store_paths paths;
	struct manifest m;
	bool found;

	must(store_get_manifest(store, &weak, &key, &s->arena, &stored, &found, &s->err), &s->err);
	assert_true(found);
	must(store_paths(store, &paths, &s->err), &s->err);
	assert_true(manifest_decode(stored.data, stored.len, paths.count, &m));
	assert_int_equal(m.entries.count, count);
	for (size_t i = 0; i < m.entries.count; i++) {
		struct digest want = key_of(paths.items[m.entries.items[i].path]);

		assert_true(digest_equal(&m.entries.items[i].digest, &want));
		assert_int_equal(m.entries.items[i].readers, 3);
	}
	vec_free(&m.entries);
}

static void test_manifests_keep_their_paths_in_a_store_with_other_numbers(void **state)
{
	static const char *const others[] = { "z", "py/b.c", "y" };
	struct scratch *s = *state;
	struct store *from = open_store(s, "from"), *to = open_store(s, "to");
	struct archive_result r;

	put(s, from, "one", first_paths, 3);
	put(s, from, "two", second_paths, 2);
	put(s, to, "three", others, 3);
	export_all(s, from, "a.zst");
	must(store_import(to, scratch_path(s, "a.zst"), &r, &s->err), &s->err);
	assert_int_equal(r.new_actions, 2);
	assert_int_equal(r.new_blobs, 2);
	assert_manifest(s, to, "one", 3);
	assert_manifest(s, to, "two", 2);
	assert_manifest(s, to, "three", 3);
	store_close(from);
	store_close(to);
}

static void test_an_action_comes_back_as_it_was(void **state)
{
	struct scratch *s = *state;
	struct store *from = open_store(s, "from"), *to = open_store(s, "to");
	struct digest key = put(s, from, "one", first_paths, 3);
	struct store_action back;
	struct archive_result r;
	bool found;

	export_all(s, from, "a.zst");
	must(store_import(to, scratch_path(s, "a.zst"), &r, &s->err), &s->err);
	must(store_get_action(to, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_true(found);
	assert_string_equal(back.stamp, "v1\t\\n");
	assert_string_equal(back.stamp_hash, "abc");
	assert_int_equal(back.time_ns, 12);
	assert_int_equal(back.outputs.count, 1);
	assert_true(store_check_blob(to, &back.outputs.items[0].blob, NULL));
	store_close(from);
	store_close(to);
}

static void test_the_order_in_which_things_were_built_does_not_show(void **state)
{
	struct scratch *s = *state;
	struct store *a = open_store(s, "a"), *b = open_store(s, "b");
	AUTO_STRBUF x = STRBUF_INIT, y = STRBUF_INIT;

	put(s, a, "one", first_paths, 3);
	put(s, a, "two", second_paths, 2);
	put(s, b, "two", second_paths, 2);
	put(s, b, "one", first_paths, 3);
	export_all(s, a, "a.zst");
	export_all(s, b, "b.zst");
	must(fs_read(&x, scratch_path(s, "a.zst"), 1 << 20, &s->err), &s->err);
	must(fs_read(&y, scratch_path(s, "b.zst"), 1 << 20, &s->err), &s->err);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.buf, y.buf, x.len);
	store_close(a);
	store_close(b);
}

static void test_a_damaged_blob_is_not_exported(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s, "store");
	struct store_keys keys = { 0 };
	struct digest blob = key_of("one");
	AUTO_STRBUF path = STRBUF_INIT;
	struct archive_result r;

	put(s, store, "one", first_paths, 3);
	store_blob_path(store, &blob, &path);
	must(fs_remove_tree(path.buf, &s->err), &s->err);
	scratch_put(s, path.buf, "ONE");
	must(store_last_keys(store, &keys, &s->err), &s->err);
	assert_false(store_export(store, &keys, scratch_path(s, "a.zst"), &r, &s->err));
	assert_err(&s->err, "damaged file", "cache verify");
	assert_false(fs_exists(scratch_path(s, "a.zst")));
	vec_free(&keys);
	store_close(store);
}

/* Any byte that is lost or changed: refused or harmless, and never half taken. */
static void test_an_archive_damaged_anywhere_is_taken_whole_or_not_at_all(void **state)
{
	struct scratch *s = *state;
	struct store *from = open_store(s, "from"), *to = open_store(s, "to");
	AUTO_STRBUF good = STRBUF_INIT;
	const char *empty;
	struct digest blob = key_of("one");
	size_t refused = 0;

	put(s, from, "one", first_paths, 3);
	export_all(s, from, "a.zst");
	must(fs_read(&good, scratch_path(s, "a.zst"), 1 << 20, &s->err), &s->err);
	empty = scratch_list(s, "to/blobs");
	for (size_t at = 0; at < good.len; at++) {
		struct archive_result r;

		good.buf[at] ^= 0x55;
		scratch_put_bytes(s, "bad.zst", good.buf, good.len);
		good.buf[at] ^= 0x55;
		if (store_import(to, scratch_path(s, "bad.zst"), &r, &s->err)) {
			/* A byte that nobody reads (padding); then it is all there. */
			assert_true(store_check_blob(to, &blob, NULL));
			store_close(to);
			must(fs_remove_tree(scratch_path(s, "to"), &s->err), &s->err);
			to = open_store(s, "to");
			continue;
		}
		refused++;
		err_free(&s->err);
		assert_string_equal(scratch_list(s, "to/blobs"), empty);
	}
	assert_true(refused > good.len / 2);
	for (size_t len = 0; len + 1 < good.len; len += 7) {
		struct archive_result r;

		scratch_put_bytes(s, "bad.zst", good.buf, len);
		assert_false(store_import(to, scratch_path(s, "bad.zst"), &r, &s->err));
		err_free(&s->err);
		assert_string_equal(scratch_list(s, "to/blobs"), empty);
	}
	store_close(from);
	store_close(to);
}

/* --- the index --- */

static const char good_index[] =
	"mpflash store 1\n"
	"path\t/usr/bin/gcc\n"
	"path\tpy/a\\tb.c\n"
	"action\t00112233445566778899aabbccddeeff\t5\t6\t7\tv1\tabc\n"
	"output\t0123456789abcdef0123456789abcdef\t00000000000000000000000000000000\t3\t644\tsub/fw.bin\n"
	"manifest\t11112233445566778899aabbccddeeff\t00112233445566778899aabbccddeeff\t01010000\n"
	"end\n";

static bool parses(struct scratch *s, const char *text)
{
	struct archive_index x = { 0 };
	bool ok = archive_index_parse(text, strlen(text), &x, &s->err);
	AUTO_STRBUF again = STRBUF_INIT;

	if (ok) {
		archive_index_write(&x, &again);
		assert_string_equal(again.buf, text);
	}
	archive_index_free(&x);
	return ok;
}

static void test_an_index_is_read_as_it_was_written(void **state)
{
	struct scratch *s = *state;

	must(parses(s, good_index), &s->err);
}

static void test_an_index_with_anything_else_is_refused(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} cases[] = {
		{ "store 1", "store 2", "no index that this version knows" },
		{ "path\tpy/a\\tb.c", "path\t/bin", "paths are not in order" },
		{ "path\tpy/a\\tb.c", "path\tpy/a\\qb.c", "unknown escape" },
		{ "\t5\t6\t7\t", "\t-5\t6\t7\t", "a number or digest that is none" },
		{ "\t5\t6\t7\t", "\t05\t6\t7\t", "a number or digest that is none" },
		{ "\t5\t6\t7\t", "\t5\t6\t99999999999999999999\t",
		  "a number or digest that is none" },
		{ "abcdef0123456789abcdef\t0", "ABCDEF0123456789abcdef\t0",
		  "a number or digest that is none" },
		{ "\t644\t", "\t4755\t", "a number or digest that is none" },
		{ "\t3\t644", "\t99999999999\t644", "a number or digest that is none" },
		{ "sub/fw.bin", "../fw.bin", "no plain file name" },
		{ "sub/fw.bin", "/fw.bin", "no plain file name" },
		{ "sub/fw.bin", "sub//fw.bin", "no plain file name" },
		{ "sub/fw.bin", "sub/.", "no plain file name" },
		{ "sub/fw.bin", "", "no plain file name" },
		{ "sub/fw.bin", "a\\nb", "no plain file name" },
		{ "\t01010000\n", "\t0102\n", "damaged" },
		{ "\t01010000\n", "\t0105000\n", "a digest that is none" },
		{ "ddeeff\t01010000", "ddeefe\t01010000", "a manifest of no action" },
		{ "end\n", "", "ends too early" },
		{ "end\n", "end\nend\n", "something follows the end" },
		{ "output\t", "outputs\t", "no row that belongs here" },
	};
	struct scratch *s = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at = strstr(good_index, cases[i].from);
		const char *text =
			arena_printf(&s->arena, "%.*s%s%s", (int)(at - good_index), good_index,
				     cases[i].to, at + strlen(cases[i].from));

		if (parses(s, text))
			fail_msg("accepted: %s for %s", cases[i].to, cases[i].from);
		assert_has(s->err.msg, cases[i].why);
		err_free(&s->err);
	}
}

/* --- verifying (cache/verify.h) --- */

static size_t faults(struct scratch *s, const char *name, const char *first)
{
	struct store *store = open_store(s, name);
	struct verify_result r;
	size_t count;

	must(store_verify(store, true, &s->arena, &r, &s->err), &s->err);
	count = r.faults.count;
	if (first) {
		assert_int_not_equal(count, 0);
		assert_has(r.faults.items[0], first);
	}
	vec_free(&r.faults);
	vec_free(&r.notes);
	store_close(store);
	return count;
}

static void test_verifying_drops_what_cannot_be_read_and_keeps_the_rest(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s, "store");
	struct digest weak = key_of("weak"), key = put(s, store, "one", first_paths, 3);
	struct store_manifest bad = { .key = key_of("two"), .data = "\x7f", .len = 1 };

	put(s, store, "two", second_paths, 2);
	must(store_put_manifest(store, &weak, &bad, &s->err), &s->err);
	store_close(store);
	assert_int_equal(faults(s, "store", "two: its list of inputs is damaged"), 1);
	assert_int_equal(faults(s, "store", NULL), 0);
	store = open_store(s, "store");
	assert_manifest(s, store, "one", 3);
	(void)key;
	store_close(store);
}

static void test_verifying_drops_an_action_without_its_file(void **state)
{
	struct scratch *s = *state;
	struct store *store = open_store(s, "store");
	struct digest blob = key_of("one"), key = put(s, store, "one", first_paths, 3);
	AUTO_STRBUF path = STRBUF_INIT;
	struct store_action back;
	bool found;

	store_blob_path(store, &blob, &path);
	store_close(store);
	must(fs_remove_tree(path.buf, &s->err), &s->err);
	assert_int_equal(faults(s, "store", "one: its firmware.bin is not in the store"), 1);
	assert_int_equal(faults(s, "store", NULL), 0);
	store = open_store(s, "store");
	must(store_get_action(store, &key, &s->arena, &back, &found, &s->err), &s->err);
	assert_false(found);
	store_close(store);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_manifests_keep_their_paths_in_a_store_with_other_numbers),
		TEST(test_an_action_comes_back_as_it_was),
		TEST(test_the_order_in_which_things_were_built_does_not_show),
		TEST(test_a_damaged_blob_is_not_exported),
		TEST(test_an_archive_damaged_anywhere_is_taken_whole_or_not_at_all),
		TEST(test_an_index_is_read_as_it_was_written),
		TEST(test_an_index_with_anything_else_is_refused),
		TEST(test_verifying_drops_what_cannot_be_read_and_keeps_the_rest),
		TEST(test_verifying_drops_an_action_without_its_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
#undef TEST
}
