/* SPDX-License-Identifier: MIT
 *
 * Raw binaries: they need an address on reading and no holes on writing.
 */
#include "image_helpers.h"

#include <stdlib.h>

static void test_the_base_is_the_address(void **state)
{
	const struct image_options opt = { .has_base = true, .base = 0x08000000 };
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_image(&img, "bin", "abc", 3, &opt);
	assert_segment(&img, 0, 0x08000000, 3);
}

static void test_reading_needs_a_base(void **state)
{
	const struct image_options high = { .has_base = true, .base = 0xffffffff };

	(void)state;
	assert_unreadable("bin", "abc", 3, &no_options, "address of its first byte is not known",
			  "--base 0x08000000");
	assert_unreadable("bin", "ab", 2, &high, "run past the end", NULL);
}

static void test_one_segment_is_written_as_it_is(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x08000004, 1001);
	write_image(&img, "bin", &out, NULL);
	assert_int_equal(out.len, 1001);
	assert_memory_equal(out.buf, img.segments[0].data, 1001);
}

static void test_a_hole_is_an_error_that_names_it(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x08000000, 0x3c8c);
	add_pattern(&img, 0x08020000, 64);
	assert_unwritable(&img, "bin", NULL, "0x08003c8c-0x0801ffff (115572 bytes) is a hole",
			  "--split writes one .bin for each part");
	add_pattern(&img, 0x08030000, 64);
	assert_unwritable(&img, "bin", NULL, "is the first of several holes", "--fill 0xff");
}

static void test_a_hole_is_filled_when_asked(void **state)
{
	const struct image_options opt = { .has_fill = true, .fill = 0xff };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x1000, 3);
	add_pattern(&img, 0x1005, 2);
	write_image(&img, "bin", &out, &opt);
	assert_int_equal(out.len, 7);
	for (uint32_t i = 0; i < 7; i++)
		assert_int_equal((uint8_t)out.buf[i],
				 i == 3 || i == 4 ? 0xff : pattern_at(0x1000 + i));
}

/* All holes together count, and only they. */
static void test_filling_has_a_limit(void **state)
{
	const struct image_options opt = { .has_fill = true, .fill = 0xff };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE most = IMAGE_INIT;
	AUTO_IMAGE more = IMAGE_INIT;

	(void)state;
	add_pattern(&most, 0x1000, 3);
	add_pattern(&most, 0x1003 + IMAGE_MAX_FILL, 2);
	write_image(&most, "bin", &out, &opt);
	assert_int_equal(out.len, 3 + IMAGE_MAX_FILL + 2);
	add_pattern(&more, 0, 1);
	add_pattern(&more, 1 + IMAGE_MAX_FILL / 2, 1);
	add_pattern(&more, 3 + IMAGE_MAX_FILL, 1);
	assert_unwritable(&more, "bin", &opt,
			  "0x00000000-0x10000003 would be a .bin with 268435457 bytes of filling; "
			  "256 MiB is the limit",
			  "--split");
}

static void test_the_largest_span_is_refused_without_arithmetic_trouble(void **state)
{
	const struct image_options opt = { .has_fill = true };
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0, 1);
	add_pattern(&img, 0xffffffff, 1);
	assert_unwritable(&img, "bin", &opt,
			  "0x00000000-0xffffffff would be a .bin with 4294967294",
			  "without the hole");
}

static void assert_split_name(const char *path, size_t i, const char *want)
{
	AUTO_STRBUF name = STRBUF_INIT;

	image_split_name(path, i, &name);
	assert_string_equal(name.buf, want);
}

static void test_the_files_of_a_split_image_have_numbers(void **state)
{
	(void)state;
	assert_split_name("firmware.bin", 0, "firmware0.bin");
	assert_split_name("build.d/firmware.bin", 1, "build.d/firmware1.bin");
	assert_split_name("build.d/firmware", 12, "build.d/firmware12");
	assert_split_name("a.b.c", 3, "a.b3.c");
	assert_split_name("x/.bin", 0, "x/0.bin");
}

static void test_an_empty_image_is_not_written(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	assert_unwritable(&img, "bin", NULL, "the image is empty", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_base_is_the_address),
		cmocka_unit_test(test_reading_needs_a_base),
		cmocka_unit_test(test_one_segment_is_written_as_it_is),
		cmocka_unit_test(test_a_hole_is_an_error_that_names_it),
		cmocka_unit_test(test_a_hole_is_filled_when_asked),
		cmocka_unit_test(test_filling_has_a_limit),
		cmocka_unit_test(test_the_largest_span_is_refused_without_arithmetic_trouble),
		cmocka_unit_test(test_the_files_of_a_split_image_have_numbers),
		cmocka_unit_test(test_an_empty_image_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
