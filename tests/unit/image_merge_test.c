/* SPDX-License-Identifier: MIT
 *
 * Merging images, keeping them apart, and cutting and filling them.
 */
#include "image_helpers.h"

#include <stdio.h>

#include "image/merge.h"
#include "image/range.h"

static struct image_source source(const char *name, uint32_t address, size_t size)
{
	struct image_source s = { .name = name, .image = IMAGE_INIT };

	if (size)
		add_pattern(&s.image, address, size);
	return s;
}

static bool merge(struct image *out, struct image_source *sources, size_t count, struct err *e)
{
	const struct image_source *list[4];

	for (size_t i = 0; i < count; i++)
		list[i] = &sources[i];
	return image_merge(out, list, count, e);
}

static void free_sources(struct image_source *sources, size_t count)
{
	for (size_t i = 0; i < count; i++)
		image_free(&sources[i].image);
}

static void test_images_in_any_order_become_one(void **state)
{
	struct image_source s[] = { source("c", 0x3000, 16), source("a", 0x1000, 16),
				    source("b", 0x1010, 16) };
	AUTO_IMAGE out = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(merge(&out, s, 3, &e));
	assert_int_equal(out.count, 2);
	assert_segment(&out, 0, 0x1000, 32);
	assert_segment(&out, 1, 0x3000, 16);
	for (uint32_t i = 0; i < 32; i++)
		assert_int_equal(out.segments[0].data[i], pattern_at(0x1000 + i));
	free_sources(s, 3);
}

static void test_bytes_are_not_copied_where_nothing_touches(void **state)
{
	struct image_source s[] = { source("a", 0x1000, 16), source("b", 0x2000, 16) };
	AUTO_IMAGE out = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(merge(&out, s, 2, &e));
	assert_ptr_equal(out.segments[0].data, s[0].image.segments[0].data);
	assert_ptr_equal(out.segments[1].data, s[1].image.segments[0].data);
	free_sources(s, 2);
}

static void test_an_overlap_names_both_and_their_ranges(void **state)
{
	struct image_source s[] = { source("app.bin", 0x1008, 16), source("boot.bin", 0x1000, 9) };
	AUTO_IMAGE out = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_false(merge(&out, s, 2, &e));
	assert_string_equal(e.msg, "0x00001008-0x00001017 of app.bin overlaps "
				   "0x00001000-0x00001008 of boot.bin");
	assert_non_null(e.hint);
	free_sources(s, 2);
}

static void test_hints_are_taken_from_the_first_that_has_them(void **state)
{
	struct image_source s[] = { source("a", 0x1000, 16), source("b", 0x2000, 16),
				    source("c", 0x3000, 16) };
	AUTO_IMAGE out = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	s[1].image.has_entry = s[2].image.has_entry = true;
	s[1].image.entry = 0x2001;
	s[2].image.entry = 0x3001;
	s[2].image.uf2_family = 0xe48bff56;
	s[1].image.chip = "rp2040";
	s[2].image.chip = "RP2040";
	s[1].image.usb_vid = 0x0483;
	s[1].image.usb_pid = 0xdf11;
	snprintf(s[2].image.board, sizeof(s[2].image.board), "%s", "PICO");
	assert_true(merge(&out, s, 3, &e));
	assert_true(out.has_entry);
	assert_int_equal(out.entry, 0x2001);
	assert_int_equal(out.uf2_family, 0xe48bff56);
	assert_string_equal(out.chip, "rp2040");
	assert_int_equal(out.usb_pid, 0xdf11);
	assert_string_equal(out.board, "PICO");
	free_sources(s, 3);
}

static void assert_contradiction(struct image_source *s, const char *message)
{
	AUTO_IMAGE out = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	assert_false(merge(&out, s, 3, &e));
	assert_string_equal(e.msg, message);
	free_sources(s, 3);
}

static void test_contradictions_name_both_even_with_one_between_that_says_nothing(void **state)
{
	struct image_source s[] = { source("a", 0x1000, 16), source("b", 0x2000, 16),
				    source("c", 0x3000, 16) };

	(void)state;
	s[0].image.uf2_family = 0xe48bff56;
	s[2].image.uf2_family = 0x55114460;
	assert_contradiction(s, "a is for UF2 family rp2040, c for samd51");
	for (size_t i = 0; i < 3; i++)
		s[i].image = (struct image)IMAGE_INIT;
	s[0].image.has_alt = s[2].image.has_alt = true;
	s[2].image.alt = 1;
	assert_contradiction(s, "a is for alternate setting 0, c for 1");
}

static void test_processors_that_differ_contradict(void **state)
{
	struct image_source s[] = { source("a", 0x1000, 16), source("b", 0x2000, 16),
				    source("c", 0x3000, 16) };

	(void)state;
	s[0].image.machine = 40;
	s[2].image.machine = 243;
	assert_contradiction(s, "a is for the processor ARM, c for RISC-V");
}

static void test_chips_that_differ_contradict(void **state)
{
	struct image_source s[] = { source("a", 0x1000, 16), source("b", 0x2000, 16),
				    source("c", 0x3000, 16) };

	(void)state;
	s[1].image.chip = "esp32";
	s[2].image.chip = "esp32s3";
	assert_contradiction(s, "b is for the chip esp32, c for esp32s3");
}

static size_t group(struct image_source *s, const char *format, const struct image_options *opt,
		    size_t numbers[3], struct err *e)
{
	return image_group(s, 3, format_named(format), opt, numbers, e);
}

static void test_families_stay_apart_where_the_format_can_hold_several(void **state)
{
	struct image_source s[] = { source("a", 0x1000, 16), source("b", 0x1000, 16),
				    source("c", 0x3000, 16) };
	const struct image_options stated = { .uf2_family = 0x55114460 };
	AUTO_ERR e = ERR_INIT;
	size_t numbers[3];

	(void)state;
	s[0].image.uf2_family = s[2].image.uf2_family = 0xe48bff56;
	s[1].image.uf2_family = 0x55114460;
	assert_int_equal(group(s, "uf2", &no_options, numbers, &e), 2);
	assert_int_equal(numbers[0], 0);
	assert_int_equal(numbers[1], 1);
	assert_int_equal(numbers[2], 0);
	assert_int_equal(group(s, "hex", &no_options, numbers, &e), 1);
	assert_int_equal(group(s, "dfu", &no_options, numbers, &e), 1);
	assert_int_equal(group(s, "uf2", &stated, numbers, &e), 1);
	free_sources(s, 3);
}

static void test_no_family_joins_one_but_not_several(void **state)
{
	struct image_source s[] = { source("a", 0x1000, 16), source("b", 0x2000, 16),
				    source("c", 0x3000, 16) };
	AUTO_ERR e = ERR_INIT;
	size_t numbers[3];

	(void)state;
	s[1].image.uf2_family = 0xe48bff56;
	assert_int_equal(group(s, "uf2", &no_options, numbers, &e), 1);
	s[2].image.uf2_family = 0x55114460;
	assert_int_equal(group(s, "uf2", &no_options, numbers, &e), 0);
	assert_contains(e.msg, "a does not say which");
	s[0].is_choice =
		true; /* a .uf2 that has blocks of no family besides the others keeps them */
	assert_int_equal(group(s, "uf2", &no_options, numbers, &e), 3);
	free_sources(s, 3);
}

static void test_alternate_settings_stay_apart_and_none_is_the_first(void **state)
{
	struct image_source s[] = { source("a", 0x1000, 16), source("b", 0x1000, 16),
				    source("c", 0x3000, 16) };
	AUTO_ERR e = ERR_INIT;
	size_t numbers[3];

	(void)state;
	s[0].image.has_alt = s[1].image.has_alt = true;
	s[1].image.alt = 1;
	assert_int_equal(group(s, "dfu", &no_options, numbers, &e), 2);
	assert_int_equal(numbers[1], 1);
	assert_int_equal(numbers[2], 0);
	free_sources(s, 3);
}

static void test_ranges_are_read_as_they_are_printed(void **state)
{
	struct image_range r;
	AUTO_ERR e = ERR_INIT;
	static const char *const wrong[] = { "",
					     "5",
					     "5-",
					     "-5",
					     "6-5",
					     "5+0",
					     "0x100000000-0x2",
					     "1-2-3",
					     "a-b",
					     "0xffffffff+0x2" };

	(void)state;
	assert_true(image_range_parse("0x10-0x1f", &r, &e));
	assert_int_equal(r.start, 0x10);
	assert_int_equal(r.end, 0x20);
	assert_true(image_range_parse("16+16", &r, &e));
	assert_int_equal(r.end, 0x20);
	assert_true(image_range_parse("0-0xffffffff", &r, &e));
	assert_int_equal(r.end, UINT64_C(0x100000000));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_false(image_range_parse(wrong[i], &r, &e));
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

static void test_excluding_splits_and_cropping_cuts(void **state)
{
	struct image_range middle = { 0x1008, 0x2008 };
	AUTO_IMAGE a = IMAGE_INIT, b = IMAGE_INIT;

	(void)state;
	add_pattern(&a, 0x1000, 32);
	add_pattern(&a, 0x2000, 32);
	add_pattern(&b, 0x1000, 0x2000);
	image_crop(&a, &middle, 1);
	assert_int_equal(a.count, 2);
	assert_segment(&a, 0, 0x1008, 24);
	assert_segment(&a, 1, 0x2000, 8);
	assert_int_equal(image_size(&a), 32);
	image_exclude(&b, &middle);
	assert_int_equal(b.count, 2);
	assert_segment(&b, 0, 0x1000, 8);
	assert_segment(&b, 1, 0x2008, 0xff8);
	assert_int_equal(b.segments[1].data[0], pattern_at(0x2008));
	image_exclude(&b, &(struct image_range){ 0, UINT64_C(0x100000000) });
	assert_int_equal(b.count, 0);
	assert_int_equal(image_size(&b), 0);
}

static void test_what_was_cut_does_not_grow_into_its_old_bytes(void **state)
{
	const uint8_t more[4] = { 1, 2, 3, 4 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	add_pattern(&img, 0x1000, 32);
	image_exclude(&img, &(struct image_range){ 0x1008, 0x1010 });
	assert_true(image_add(&img, 0x1008, more, 4, true, &e));
	assert_int_equal(img.segments[1].data[0], pattern_at(0x1010));
	assert_memory_equal(img.segments[0].data + 8, more, 4);
}

static void test_filling_has_a_limit(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	add_pattern(&img, 0x1000, 16);
	add_pattern(&img, 0x1100, 16);
	assert_true(image_fill(&img, 0xff, &e));
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x1000, 0x110);
	assert_int_equal(img.segments[0].data[0x10], 0xff);
	assert_int_equal(img.segments[0].data[0x100], pattern_at(0x1100));
	add_pattern(&img, 0xf0000000, 16);
	assert_false(image_fill(&img, 0xff, &e));
	assert_contains(e.msg, "256 MiB is the limit");
	assert_int_equal(img.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images_in_any_order_become_one),
		cmocka_unit_test(test_bytes_are_not_copied_where_nothing_touches),
		cmocka_unit_test(test_an_overlap_names_both_and_their_ranges),
		cmocka_unit_test(test_hints_are_taken_from_the_first_that_has_them),
		cmocka_unit_test(
			test_contradictions_name_both_even_with_one_between_that_says_nothing),
		cmocka_unit_test(test_processors_that_differ_contradict),
		cmocka_unit_test(test_chips_that_differ_contradict),
		cmocka_unit_test(test_families_stay_apart_where_the_format_can_hold_several),
		cmocka_unit_test(test_no_family_joins_one_but_not_several),
		cmocka_unit_test(test_alternate_settings_stay_apart_and_none_is_the_first),
		cmocka_unit_test(test_ranges_are_read_as_they_are_printed),
		cmocka_unit_test(test_excluding_splits_and_cropping_cuts),
		cmocka_unit_test(test_what_was_cut_does_not_grow_into_its_old_bytes),
		cmocka_unit_test(test_filling_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
