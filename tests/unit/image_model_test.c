/* SPDX-License-Identifier: MIT
 *
 * The image model: segments, overlaps, reading, the digest, the version text.
 */
#include "image_helpers.h"

#include <stdlib.h>

#include "base/xalloc.h"

static void test_segments_are_sorted_and_disjoint(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x3000, 16);
	add_pattern(&img, 0x1000, 16);
	add_pattern(&img, 0x2000, 16);
	assert_int_equal(img.count, 3);
	assert_segment(&img, 0, 0x1000, 16);
	assert_segment(&img, 1, 0x2000, 16);
	assert_segment(&img, 2, 0x3000, 16);
	assert_int_equal(image_size(&img), 48);
	assert_int_equal(image_start(&img), 0x1000);
	assert_int_equal(image_end(&img), 0x3010);
}

static void assert_pattern(const struct image *img)
{
	for (size_t i = 0; i < img->count; i++)
		for (uint32_t n = 0; n < img->segments[i].size; n++)
			assert_int_equal(img->segments[i].data[n],
					 pattern_at(img->segments[i].address + n));
}

static void test_segments_that_touch_are_merged(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x1000, 16);
	add_pattern(&img, 0x1020, 16);
	add_pattern(&img, 0x1010, 16); /* closes the gap on both sides */
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x1000, 48);
	add_pattern(&img, 0x0ff0, 16);
	add_pattern(&img, 0x1030, 1);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x0ff0, 65);
	assert_pattern(&img);
}

static void test_many_small_additions_merge_in_any_order(void **state)
{
	enum { COUNT = 500 };
	uint32_t order[COUNT], seed = 1;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++)
		order[i] = i;
	for (uint32_t i = COUNT - 1; i; i--) {
		uint32_t j = (seed = seed * 1103515245 + 12345) % (i + 1), was = order[i];

		order[i] = order[j];
		order[j] = was;
	}
	for (uint32_t i = 0; i < COUNT; i++)
		add_pattern(&img, 0x8000 + order[i] * 3, 3);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x8000, 3 * COUNT);
	assert_pattern(&img);
}

static void test_neighbours_in_memory_are_not_copied(void **state)
{
	static const uint8_t bytes[32] = { 1, 2, 3 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(image_add(&img, 0x100, bytes, 16, false, &e));
	assert_true(image_add(&img, 0x110, bytes + 16, 16, false, &e));
	assert_int_equal(img.count, 1);
	assert_ptr_equal(img.segments[0].data, bytes);
	assert_null(img.arena.blocks);
}

static void assert_refused(struct image *img, uint32_t address, size_t size, const char *words)
{
	struct digest before = image_digest(img), after;
	size_t count = img->count;
	static uint8_t bytes[64];
	AUTO_ERR e = ERR_INIT;

	assert_false(image_add(img, address, bytes, size, true, &e));
	assert_contains(e.msg, words);
	after = image_digest(img);
	assert_int_equal(img->count, count);
	assert_true(digest_equal(&before, &after));
}

static void test_an_overlap_names_both_ranges(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x1000, 16);
	add_pattern(&img, 0x1020, 16);
	assert_refused(&img, 0x100f, 2, "0x0000100f-0x00001010 overlaps 0x00001000-0x0000100f");
	assert_refused(&img, 0x0fff, 2, "0x00000fff-0x00001000 overlaps 0x00001000-0x0000100f");
	assert_refused(&img, 0x0ff0, 64, "0x00000ff0-0x0000102f overlaps 0x00001000-0x0000100f");
	assert_refused(&img, 0x1024, 1, "0x00001024-0x00001024 overlaps 0x00001020-0x0000102f");
	assert_refused(&img, 0x101f, 2, "0x0000101f-0x00001020 overlaps 0x00001020-0x0000102f");
}

static void test_the_address_space_ends_at_4_gib(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	assert_refused(&img, 0xfffffff0, 17, "17 bytes at 0xfffffff0 run past the end");
	add_pattern(&img, 0xfffffff0, 16);
	assert_int_equal(image_end(&img), UINT64_C(0x100000000));
	add_pattern(&img, 0, 0);
	assert_int_equal(img.count, 1);
}

static void test_a_gibibyte_is_refused(void **state)
{
	uint8_t *huge = calloc(1, IMAGE_MAX_SIZE); /* never touched: no memory behind it */
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_non_null(huge);
	assert_false(image_add(&img, 0, huge, IMAGE_MAX_SIZE, false, &e));
	assert_contains(e.msg, "1024 MiB");
	assert_true(image_add(&img, 0, huge, IMAGE_MAX_SIZE - 2, false, &e));
	assert_true(image_add(&img, 0x80000000, huge, 1, false, &e));
	assert_false(image_add(&img, 0x90000000, huge, 1, false, &e));
	image_free(&img);
	free(huge);
}

static void test_read_fills_what_is_absent(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;
	uint8_t out[64];

	(void)state;
	add_pattern(&img, 0x1008, 8);
	add_pattern(&img, 0x1018, 8);
	add_pattern(&img, 0xfffffffc, 4);
	image_read(&img, 0x1000, out, 0x18, 0xee);
	for (uint32_t i = 0; i < 0x18; i++)
		assert_int_equal(out[i], i >= 8 && i < 16 ? pattern_at(0x1000 + i) : 0xee);
	image_read(&img, 0x100c, out, 0x10, 0);
	for (uint32_t i = 0; i < 0x10; i++)
		assert_int_equal(out[i], i < 4 || i >= 12 ? pattern_at(0x100c + i) : 0);
	image_read(&img, 0xfffffff8, out, 16, 0x55);
	for (uint32_t i = 0; i < 16; i++)
		assert_int_equal(out[i], i >= 4 && i < 8 ? pattern_at(0xfffffff8 + i) : 0x55);
}

/* The definition in image.h, written out for two pages. */
static void test_the_digest_covers_whole_pages(void **state)
{
	uint8_t pages[2][4 + 256] = { { 0x00, 0x10 }, { 0x00, 0x12 } };
	struct digest want, got;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x10fe, 2);
	add_pattern(&img, 0x1280, 4);
	add_pattern(&img, 0x1290, 1); /* the same page */
	image_read(&img, 0x1000, pages[0] + 4, 256, 0);
	image_read(&img, 0x1200, pages[1] + 4, 256, 0);
	want = digest_of(pages, sizeof(pages));
	got = image_digest(&img);
	assert_memory_equal(got.bytes, want.bytes, sizeof(got.bytes));
}

static void test_padding_within_a_page_keeps_the_digest(void **state)
{
	static const uint8_t zeros[256];
	AUTO_IMAGE plain = IMAGE_INIT;
	AUTO_IMAGE padded = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	struct digest a, b;

	(void)state;
	add_pattern(&plain, 0x1000, 0x310);
	add_pattern(&padded, 0x1000, 0x310);
	assert_true(image_add(&padded, 0x1310, zeros, 0xf0, true, &e));
	assert_same_digest(&plain, &padded);
	assert_true(image_add(&padded, 0x1400, zeros, 1, true, &e)); /* one page more */
	a = image_digest(&plain);
	b = image_digest(&padded);
	assert_false(digest_equal(&a, &b));
}

static void test_the_digest_sees_the_address(void **state)
{
	static const uint8_t bytes[256] = { 1 };
	AUTO_IMAGE low = IMAGE_INIT;
	AUTO_IMAGE high = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	struct digest a, b;

	(void)state;
	assert_true(image_add(&low, 0x1000, bytes, 256, true, &e));
	assert_true(image_add(&high, 0x2000, bytes, 256, true, &e));
	a = image_digest(&low);
	b = image_digest(&high);
	assert_false(digest_equal(&a, &b));
}

static void assert_version(const char *text, size_t size, const char *want)
{
	uint8_t *copy = xmalloc(size);
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	memcpy(copy, text, size);
	assert_true(image_add(&img, 0x1000, "xyz", 3, false, &e));
	assert_true(image_add(&img, 0x2000, copy, size, false, &e));
	image_find_version(&img);
	assert_string_equal(img.version, want);
	image_free(&img);
	free(copy);
}

#define ASSERT_VERSION(text, want) assert_version(text, sizeof(text) - 1, want)

static void test_the_version_is_found_in_the_banner(void **state)
{
	(void)state;
	ASSERT_VERSION("3.4.0; MicroPython v1.29.0-preview.731.g1c3c201149 on 2026-11-22; X",
		       "v1.29.0-preview.731.g1c3c201149");
	ASSERT_VERSION("MicroPython M\0MicroPython is\0MicroPython v1.9.2-34-gd64154c73 on",
		       "v1.9.2-34-gd64154c73");
	ASSERT_VERSION("MicroPython v1.20.0;", "v1.20.0");
	ASSERT_VERSION("MMMicroPython v1.20", "v1.20");
	ASSERT_VERSION("MicroPython v1.", "");
	ASSERT_VERSION("MicroPython very.good", "");
	ASSERT_VERSION("MicroPython ", "");
	ASSERT_VERSION("M", "");
}

static void test_a_long_version_is_cut(void **state)
{
	char text[200] = "MicroPython v1.2";
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	memset(text + 16, 'x', sizeof(text) - 16);
	assert_true(image_add(&img, 0, text, sizeof(text), false, &e));
	image_find_version(&img);
	assert_int_equal(strlen(img.version), sizeof(img.version) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments_are_sorted_and_disjoint),
		cmocka_unit_test(test_segments_that_touch_are_merged),
		cmocka_unit_test(test_many_small_additions_merge_in_any_order),
		cmocka_unit_test(test_neighbours_in_memory_are_not_copied),
		cmocka_unit_test(test_an_overlap_names_both_ranges),
		cmocka_unit_test(test_the_address_space_ends_at_4_gib),
		cmocka_unit_test(test_a_gibibyte_is_refused),
		cmocka_unit_test(test_read_fills_what_is_absent),
		cmocka_unit_test(test_the_digest_covers_whole_pages),
		cmocka_unit_test(test_padding_within_a_page_keeps_the_digest),
		cmocka_unit_test(test_the_digest_sees_the_address),
		cmocka_unit_test(test_the_version_is_found_in_the_banner),
		cmocka_unit_test(test_a_long_version_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
