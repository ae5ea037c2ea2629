/* SPDX-License-Identifier: MIT
 *
 * Manifests as bytes, and as rows of the index: the eight that were used last.
 */
#include <stdio.h>
#include <string.h>

#include "cache/manifest.h"
#include "cache/store.h"
#include "os/clock.h"
#include "scratch.h"

static struct digest key_of(const char *text)
{
	return digest_of(text, strlen(text));
}

static void fill(struct manifest *m)
{
	static const uint32_t paths[] = { 0, 1, 127, 128, 20000, 4000000000U };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct manifest_entry entry = { .path = paths[i],
						.kind = (uint8_t)(i % MANIFEST_KINDS),
						.readers = (uint8_t)(i * 40) };

		if (entry.kind != MANIFEST_ABSENT && entry.kind != MANIFEST_FOLDER)
			entry.digest = key_of((const char[]){ (char)('a' + i), '\0' });
		vec_push(&m->entries, entry);
	}
}

static void test_a_manifest_reads_back_as_it_was_written(void **state)
{
	struct manifest m = { 0 }, back;
	AUTO_STRBUF bytes = STRBUF_INIT;

	(void)state;
	fill(&m);
	manifest_encode(&m, &bytes);
	assert_true(manifest_decode(bytes.buf, bytes.len, UINT32_MAX, &back));
	assert_int_equal(back.entries.count, m.entries.count);
	for (size_t i = 0; i < m.entries.count; i++) {
		const struct manifest_entry *x = &m.entries.items[i], *y = &back.entries.items[i];

		assert_int_equal(x->path, y->path);
		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->readers, y->readers);
		assert_true(digest_equal(&x->digest, &y->digest));
	}
	vec_free(&m.entries);
	vec_free(&back.entries);
}

static void test_an_empty_manifest_is_one_too(void **state)
{
	struct manifest m = { 0 }, back;
	AUTO_STRBUF bytes = STRBUF_INIT;

	(void)state;
	manifest_encode(&m, &bytes);
	assert_true(manifest_decode(bytes.buf, bytes.len, 0, &back));
	assert_int_equal(back.entries.count, 0);
	vec_free(&back.entries);
}

static void test_a_cut_or_longer_manifest_is_damaged(void **state)
{
	struct manifest m = { 0 }, back;
	AUTO_STRBUF bytes = STRBUF_INIT;

	(void)state;
	fill(&m);
	manifest_encode(&m, &bytes);
	for (size_t len = 0; len < bytes.len; len++)
		assert_false(manifest_decode(bytes.buf, len, UINT32_MAX, &back));
	strbuf_addch(&bytes, 0);
	assert_false(manifest_decode(bytes.buf, bytes.len, UINT32_MAX, &back));
	vec_free(&m.entries);
}

static void test_a_path_that_the_store_does_not_have_is_damage(void **state)
{
	struct manifest m = { 0 }, back;
	AUTO_STRBUF bytes = STRBUF_INIT;

	(void)state;
	fill(&m);
	manifest_encode(&m, &bytes);
	assert_false(manifest_decode(bytes.buf, bytes.len, 4000000000U, &back));
	assert_true(manifest_decode(bytes.buf, bytes.len, 4000000001U, &back));
	vec_free(&back.entries);
	vec_free(&m.entries);
}

static void test_a_count_that_is_too_large_asks_for_no_memory(void **state)
{
	static const uint8_t bytes[] = { 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0 };
	struct manifest back;

	(void)state;
	assert_false(manifest_decode(bytes, sizeof(bytes), UINT32_MAX, &back));
}

/* --- rows --- */

static void put(struct scratch *s, struct store *store, const char *key)
{
	struct digest weak = key_of("weak");
	struct store_manifest m = { .key = key_of(key), .data = key, .len = strlen(key) };

	must(store_put_manifest(store, &weak, &m, &s->err), &s->err);
	clock_sleep_ms(1);
}

/* "abc": the first byte of each, in the order in which they are found. */
static const char *order(struct scratch *s, struct store *store)
{
	struct digest weak = key_of("weak");
	struct store_manifests found;
	char *text = arena_alloc(&s->arena, STORE_MANIFESTS_PER_KEY + 1);

	must(store_get_manifests(store, &weak, &s->arena, &found, &s->err), &s->err);
	for (size_t i = 0; i < found.count; i++)
		text[i] = *(const char *)found.items[i].data;
	return text;
}

static void test_eight_a_key_the_last_used_first(void **state)
{
	struct scratch *s = *state;
	struct store *store = store_open(scratch_path(s, "store"), false, &s->err);

	must(store != NULL, &s->err);
	for (const char *p = "abcdefgh"; *p; p++)
		put(s, store, (const char[]){ *p, '\0' });
	assert_string_equal(order(s, store), "hgfedcba");
	put(s, store, "a"); /* used again */
	assert_string_equal(order(s, store), "ahgfedcb");
	put(s, store, "i");
	assert_string_equal(order(s, store), "iahgfedc");
	store_close(store);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_manifest_reads_back_as_it_was_written),
		TEST(test_an_empty_manifest_is_one_too),
		TEST(test_a_cut_or_longer_manifest_is_damaged),
		TEST(test_a_path_that_the_store_does_not_have_is_damage),
		TEST(test_a_count_that_is_too_large_asks_for_no_memory),
		TEST(test_eight_a_key_the_last_used_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
#undef TEST
}
