/* SPDX-License-Identifier: MIT
 *
 * Motorola SREC in and out.
 */
#include "image_helpers.h"

#include "base/xalloc.h"

#define S0 "S00A00006D70666C6173680A\r\n" /* the text "mpflash" */

static void read_srec(struct image *img, const char *text)
{
	read_image(img, "srec", text, strlen(text), &no_options);
}

static void assert_bad(const char *text, const char *message, const char *hint)
{
	assert_unreadable("srec", text, strlen(text), &no_options, message, hint);
}

static void test_addresses_of_three_widths_are_read(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_srec(&img, "S0030000FC\n"
			"S1040010AA41\n"
			"S205010020BB1E\n"
			"S30608000030CCF5\n"
			"S9030000FC\n");
	assert_int_equal(img.count, 3);
	assert_segment(&img, 0, 0x10, 1);
	assert_segment(&img, 1, 0x10020, 1);
	assert_segment(&img, 2, 0x08000030, 1);
	assert_int_equal(img.segments[2].data[0], 0xcc);
	assert_false(img.has_entry);
}

static void test_records_that_touch_are_one_segment(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_srec(&img, "s1040011bb2f\r\n\r\nS1040010AA41  \r\nS9030000FC");
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x10, 2);
	assert_memory_equal(img.segments[0].data, "\xaa\xbb", 2);
}

static void test_the_entry_is_read(void **state)
{
	static const struct {
		const char *end;
		uint32_t entry;
	} cases[] = { { "S70508000131C0\n", 0x08000131 },
		      { "S804010131C8\n", 0x10131 },
		      { "S9030131CA\n", 0x131 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_STRBUF text = STRBUF_INIT;
		AUTO_IMAGE img = IMAGE_INIT;

		strbuf_addf(&text, "S1040010AA41\n%s", cases[i].end);
		read_srec(&img, text.buf);
		assert_true(img.has_entry);
		assert_int_equal(img.entry, cases[i].entry);
	}
}

/* srec_cat writes a count and no end record. */
static void test_a_right_count_ends_a_file_too(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE wide = IMAGE_INIT;

	(void)state;
	read_srec(&img, "S1040010AA41\nS5030001FB\n");
	assert_segment(&img, 0, 0x10, 1);
	read_srec(&wide, "S1040010AA41\nS604000001FA\nS9030000FC\n");
	assert_segment(&wide, 0, 0x10, 1);
	assert_bad("S1040010AA41\nS5030002FA\n", "line 2: 1 records of data came before, not 2",
		   "damaged");
	assert_bad("S1040010AA41\nS604000100FA\n", "line 2: 1 records of data came before, not 256",
		   "damaged");
	assert_bad("S1040010AA41\nS5030001FB\nS1040011BB2F\n", "line 4: the end record", "cut off");
	assert_bad("S1040010AA41\nS5040001AA50\n", "line 2: an S5 record has no data", NULL);
}

static void test_a_cut_file_is_refused(void **state)
{
	(void)state;
	assert_bad("S1040010AA41\n", "line 2: the end record (S7, S8 or S9) is missing", "cut off");
	assert_bad("S1040010A", "line 1: the record ends early", "damaged");
	assert_bad("S", "line 1: a record starts with 'S' and a digit", NULL);
	assert_bad("S1", "line 1: the record ends early", NULL);
	assert_bad("S0030000FC\nS9030000FC\n", "there is nothing in it", NULL);
}

static void test_damage_is_named_by_line(void **state)
{
	(void)state;
	assert_bad("S1040010AA40\nS9030000FC\n", "line 1: the checksum is 40 but should be 41",
		   "damaged");
	assert_bad("S1040010AA41\nS10400xxAA41\n", "line 2: 'x' is not a hexadecimal digit", NULL);
	assert_bad("S1040010AA4100\nS9030000FC\n", "line 1: the record is longer", NULL);
	assert_bad("S1020010ED\n", "line 1: an S1 record has 3 bytes or more, not 2", NULL);
	assert_bad("S4040010AA41\n", "line 1: a record starts with 'S' and a digit other than 4",
		   NULL);
	assert_bad("SA040010AA41\n", "line 1: a record starts with 'S' and a digit", NULL);
	assert_bad("S!040010AA41\n", "line 1: a record starts with 'S' and a digit", NULL);
	assert_bad("S9030000FC\n\nS1040010AA41\n", "line 3: there is more after the end", NULL);
	assert_bad("S1040010AA41\nS904000000FB\n", "line 2: an S9 record has no data", NULL);
}

static void test_overlaps_name_both_lines(void **state)
{
	(void)state;
	assert_bad("S1040010AA41\nS1040011BB2F\nS1040011BB2F\nS9030000FC\n",
		   "line 3: 0x00000011-0x00000011 overlaps 0x00000011-0x00000011 of line 2", NULL);
	assert_bad("S307FFFFFFFF0102F9\nS9030000FC\n",
		   "line 1: 2 bytes at 0xffffffff run past the end of the 32-bit address space",
		   NULL);
}

static void assert_written(uint32_t address, const char *bytes, const struct image_options *opt,
			   const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	assert_true(image_add(&img, address, bytes, strlen(bytes), false, &e));
	write_image(&img, "srec", &out, opt);
	assert_string_equal(out.buf, want);
}

static void test_the_highest_address_decides_on_the_type(void **state)
{
	(void)state;
	assert_written(0xfffe, "\x11\x22", NULL, S0 "S105FFFE1122CA\r\nS9030000FC\r\n");
	assert_written(0xffff, "\x11\x22", NULL, S0 "S20600FFFF1122C8\r\nS804000000FB\r\n");
	assert_written(0xffffff, "\x11", NULL, S0 "S205FFFFFF11EC\r\nS804000000FB\r\n");
	assert_written(0xffffff, "\x11\x22", NULL, S0 "S30700FFFFFF1122C8\r\nS70500000000FA\r\n");
	assert_written(0xffffffff, "\x11", NULL, S0 "S306FFFFFFFF11EC\r\nS70500000000FA\r\n");
}

static void test_a_high_entry_is_not_cut_off(void **state)
{
	struct image_options opt = { .has_entry = true, .entry = 0x08000131 };

	(void)state;
	assert_written(0, "\x11", &opt, S0 "S3060000000011E8\r\nS70508000131C0\r\n");
	opt.entry = 0x131;
	assert_written(0, "\x11", &opt, S0 "S104000011EA\r\nS9030131CA\r\n");
}

static void test_round_trip(void **state)
{
	static const struct {
		uint32_t address;
		size_t size;
	} parts[] = { { 0, 1 },
		      { 0x08000001, 15 },
		      { 0x0800fff1, 0x20020 },
		      { 0x10000000, 65536 },
		      { 0xfffffffd, 3 } };

	(void)state;
	for (size_t count = 1; count <= ARRAY_SIZE(parts); count++) {
		AUTO_STRBUF out = STRBUF_INIT;
		AUTO_IMAGE img = IMAGE_INIT;
		AUTO_IMAGE back = IMAGE_INIT;

		for (size_t i = 0; i < count; i++)
			add_pattern(&img, parts[i].address, parts[i].size);
		img.has_entry = true;
		img.entry = 0x1234;
		write_image(&img, "srec", &out, NULL);
		read_image(&back, "srec", out.buf, out.len, &no_options);
		assert_same_segments(&img, &back);
		assert_same_digest(&img, &back);
		assert_int_equal(back.entry, 0x1234);
	}
}

static void test_an_s_does_not_make_an_srec_file(void **state)
{
	static const char *const texts[] = { "S", "S1", "Some words", "S1040010AA40\n", "S12" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_null(image_format_detect((const uint8_t *)texts[i], strlen(texts[i]), NULL));
	assert_ptr_equal(image_format_detect((const uint8_t *)"S1040010AA41", 12, NULL),
			 format_named("srec"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_of_three_widths_are_read),
		cmocka_unit_test(test_records_that_touch_are_one_segment),
		cmocka_unit_test(test_the_entry_is_read),
		cmocka_unit_test(test_a_right_count_ends_a_file_too),
		cmocka_unit_test(test_a_cut_file_is_refused),
		cmocka_unit_test(test_damage_is_named_by_line),
		cmocka_unit_test(test_overlaps_name_both_lines),
		cmocka_unit_test(test_the_highest_address_decides_on_the_type),
		cmocka_unit_test(test_a_high_entry_is_not_cut_off),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_an_s_does_not_make_an_srec_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
