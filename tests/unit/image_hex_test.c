/* SPDX-License-Identifier: MIT
 *
 * Intel HEX in and out.
 */
#include "image_helpers.h"

#define HEX_EOF ":00000001FF\n"

static void read_hex(struct image *img, const char *text)
{
	read_image(img, "hex", text, strlen(text), &no_options);
}

static void assert_bad(const char *text, const char *message, const char *hint)
{
	assert_unreadable("hex", text, strlen(text), &no_options, message, hint);
}

static void test_data_is_read(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_hex(&img, ":0300300002337A1E\n" HEX_EOF); /* the example of most descriptions */
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x30, 3);
	assert_memory_equal(img.segments[0].data, "\x02\x33\x7a", 3);
	assert_false(img.has_entry);
}

static void test_lower_case_crlf_and_blank_lines_are_read(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_hex(&img, "\r\n\n:0300300002337a1e  \r\n\r\n:00000001ff\r\n\r\n");
	assert_segment(&img, 0, 0x30, 3);
}

static void test_the_last_line_needs_no_end(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_hex(&img, ":0300300002337A1E\n:00000001FF");
	assert_segment(&img, 0, 0x30, 3);
}

static void test_lone_carriage_returns_end_lines(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_hex(&img, ":0300300002337A1E\r\r:00000001FF\r");
	assert_segment(&img, 0, 0x30, 3);
	assert_bad(":0300300002337A1E\r\r\n\r:01\r", "line 4: the record ends early", NULL);
}

static void test_a_byte_order_mark_and_the_end_of_a_cpm_text_are_skipped(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE bare = IMAGE_INIT;

	(void)state;
	read_hex(&img, "\xef\xbb\xbf:0300300002337A1E\r\n:00000001FF\r\n\x1a\x1a");
	assert_segment(&img, 0, 0x30, 3);
	read_hex(&bare, ":0300300002337A1E\n:00000001FF\x1a");
	assert_segment(&bare, 0, 0x30, 3);
	assert_bad(":0300300002337A1E\n\x1a", "line 2: the end record", "cut off");
	assert_bad(HEX_EOF "\x1a:0300300002337A1E\n", "line 2: there is more after the end", NULL);
	assert_bad("\xef\xbb:0300300002337A1E\n" HEX_EOF, "line 1: a record starts with ':'", NULL);
}

static void test_linear_addresses(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_hex(&img, ":020000040800F2\n:0100000011EE\n"
		       ":020000040802F0\n:0100100022CD\n" HEX_EOF);
	assert_int_equal(img.count, 2);
	assert_segment(&img, 0, 0x08000000, 1);
	assert_segment(&img, 1, 0x08020010, 1);
}

static void test_segment_addresses(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_hex(&img, ":020000021200EA\n:0100100011DE\n" HEX_EOF);
	assert_segment(&img, 0, 0x12010, 1);
}

static void test_start_addresses(void **state)
{
	AUTO_IMAGE linear = IMAGE_INIT;
	AUTO_IMAGE segment = IMAGE_INIT;

	(void)state;
	read_hex(&linear, ":0100000011EE\n:0400000508000131BD\n" HEX_EOF);
	assert_true(linear.has_entry);
	assert_int_equal(linear.entry, 0x08000131);
	read_hex(&segment, ":0100000011EE\n:0400000312340010A3\n" HEX_EOF);
	assert_true(segment.has_entry);
	assert_int_equal(segment.entry, 0x12350);
}

static void test_records_in_any_order(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_hex(&img, ":0100020033CA\n:0100000011EE\n:0100010022DC\n" HEX_EOF);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0, 3);
	assert_memory_equal(img.segments[0].data, "\x11\x22\x33", 3);
}

static void test_a_linear_record_may_cross_64_kib(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	read_hex(&img, ":020000040800F2\n:02FFFF001122CD\n" HEX_EOF);
	assert_segment(&img, 0, 0x0800ffff, 2);
}

static void test_overlaps_name_both_lines(void **state)
{
	(void)state;
	assert_bad(":0300300002337A1E\n\n:0100320033 9A\n" HEX_EOF, "line 3", NULL);
	assert_bad(":0300300002337A1E\n\n:01003200339A\n" HEX_EOF,
		   "line 3: 0x00000032-0x00000032 overlaps 0x00000030-0x00000032 of line 1", NULL);
	/* the third of the records that continue each other */
	assert_bad(
		":0100000011EE\n:0100010022DC\n:0100020033CA\n:0100030044B8\n:0100020055A8\n" HEX_EOF,
		"line 5: 0x00000002-0x00000002 overlaps 0x00000002-0x00000002 of line 3", NULL);
	/* the same bytes once more are no less a mistake of whoever put the file together */
	assert_bad(":0100000011EE\n:0100000011EE\n" HEX_EOF,
		   "line 2: 0x00000000-0x00000000 overlaps 0x00000000-0x00000000 of line 1", NULL);
	assert_bad(":01003200339A\n:0300300002337A1E\n" HEX_EOF,
		   "line 2: 0x00000030-0x00000032 overlaps 0x00000032-0x00000032 of line 1", NULL);
}

static void test_damage_is_named_by_line(void **state)
{
	(void)state;
	assert_bad(":0300300002337A1F\n" HEX_EOF, "line 1: the checksum is 1f but should be 1e",
		   "damaged");
	assert_bad(HEX_EOF "\n:0300300002337A1E\n", "line 3: there is more after the end", NULL);
	assert_bad(":0300300002337A1E\nhello\n" HEX_EOF, "line 2: a record starts with ':'", NULL);
	assert_bad(":03003000023\n" HEX_EOF, "line 1: the record ends early", "damaged");
	assert_bad(":03003000023g7A1E\n" HEX_EOF, "line 1: 'g' is not a hexadecimal digit", NULL);
	assert_bad(":0300300002337A1E00\n" HEX_EOF, "line 1: the record is longer", NULL);
	assert_bad(":0300", "line 1: the record ends early", NULL);
	assert_bad(":", "line 1: the record ends early", NULL);
}

static void test_a_cut_file_is_refused(void **state)
{
	(void)state;
	assert_bad(":0300300002337A1E\n", "line 2: the end record (:00000001FF) is missing", "cut");
	assert_bad(HEX_EOF, "there is nothing in it", NULL);
}

static void test_record_types_are_checked(void **state)
{
	(void)state;
	assert_bad(":0100000400FB\n" HEX_EOF, "line 1: a record of type 04 has 2 bytes, not 1",
		   NULL);
	assert_bad(":0100000111ED\n", "line 1: a record of type 01 has 0 bytes, not 1", NULL);
	assert_bad(":020000050800F1\n" HEX_EOF, "type 05 has 4 bytes, not 2", NULL);
	assert_bad(":00000006FA\n" HEX_EOF, "line 1: unknown record type 06", NULL);
	assert_bad(":0000000FF1\n" HEX_EOF, "line 1: unknown record type 0f", NULL);
	assert_bad(":0400000508000131BD\n:0400000508000133BB\n" HEX_EOF,
		   "line 2: a second start address, 0x08000133 after 0x08000131", NULL);
}

static void test_addresses_do_not_wrap(void **state)
{
	(void)state;
	assert_bad(":02000002F0000C\n:02FFFF001122CD\n" HEX_EOF,
		   "line 2: the record runs past the end of its 64 KiB segment", NULL);
	assert_bad(":02000004FFFFFC\n:02FFFF001122CD\n" HEX_EOF,
		   "line 2: 2 bytes at 0xffffffff run past the end", NULL);
}

static void test_the_written_text(void **state)
{
	static const uint8_t bytes[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff
	};
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(image_add(&img, 0x08000000, bytes, sizeof(bytes), false, &e));
	img.has_entry = true;
	img.entry = 0x08000131;
	write_image(&img, "hex", &out, NULL);
	assert_string_equal(out.buf, ":020000040800F2\n"
				     ":10000000000102030405060708090A0B0C0D0E0F78\n"
				     ":01001000FFF0\n"
				     ":0400000508000131BD\n" HEX_EOF);
}

static void test_written_records_do_not_cross_64_kib(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(image_add(&img, 0xfffe, "\x11\x22\x33\x44", 4, false, &e));
	write_image(&img, "hex", &out, NULL);
	assert_string_equal(out.buf, ":020000040000FA\n:02FFFE001122CE\n"
				     ":020000040001F9\n:020000003344"
				     "87\n" HEX_EOF);
}

static void test_an_entry_can_be_given(void **state)
{
	struct image_options opt = { .has_entry = true, .entry = 0x08000131 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(image_add(&img, 0, "\x11", 1, false, &e));
	write_image(&img, "hex", &out, &opt);
	assert_string_equal(out.buf, ":020000040000FA\n:0100000011EE\n"
				     ":0400000508000131BD\n" HEX_EOF);
}

/* Records as long as they can be, and of every length before, in one run of addresses. */
static void test_records_of_every_length(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	uint32_t at = 0x1000;

	(void)state;
	for (unsigned size = 0; size < 256; size++) {
		unsigned sum = size + (at >> 8) + (at & 0xff);

		strbuf_addf(&text, ":%02X%04X00", size, (unsigned)at);
		for (unsigned i = 0; i < size; i++, at++) {
			strbuf_addf(&text, i % 3 ? "%02X" : "%02x", pattern_at(at));
			sum += pattern_at(at);
		}
		strbuf_addf(&text, "%02X\n", -sum & 0xff);
	}
	strbuf_adds(&text, HEX_EOF);
	read_hex(&img, text.buf);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x1000, 255 * 128);
	for (uint32_t i = 0; i < 255 * 128; i++)
		assert_int_equal(img.segments[0].data[i], pattern_at(0x1000 + i));
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
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		add_pattern(&img, parts[i].address, parts[i].size);
	img.has_entry = true;
	img.entry = 0x1234;
	write_image(&img, "hex", &out, NULL);
	read_image(&back, "hex", out.buf, out.len, &no_options);
	assert_same_segments(&img, &back);
	assert_same_digest(&img, &back);
	assert_int_equal(back.entry, 0x1234);
}

/* A file that a toolchain of another decade made. */
static void test_a_released_firmware(void **state)
{
	static const char path[] = "/usr/share/firmware-microbit-micropython/firmware.hex";
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	slurp(path, &text);
	read_image(&img, "hex", text.buf, text.len, &no_options);
	assert_int_equal(img.count, 2);
	assert_int_equal(image_start(&img), 0);
	assert_int_equal(img.segments[1].address, 0x100010c0); /* UICR of the nRF51 */
	image_find_version(&img);
	assert_contains(img.version, "v1.");
	write_image(&img, "hex", &out, NULL);
	read_image(&back, "hex", out.buf, out.len, &no_options);
	assert_same_segments(&img, &back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data_is_read),
		cmocka_unit_test(test_lower_case_crlf_and_blank_lines_are_read),
		cmocka_unit_test(test_the_last_line_needs_no_end),
		cmocka_unit_test(test_lone_carriage_returns_end_lines),
		cmocka_unit_test(test_a_byte_order_mark_and_the_end_of_a_cpm_text_are_skipped),
		cmocka_unit_test(test_linear_addresses),
		cmocka_unit_test(test_segment_addresses),
		cmocka_unit_test(test_start_addresses),
		cmocka_unit_test(test_records_in_any_order),
		cmocka_unit_test(test_a_linear_record_may_cross_64_kib),
		cmocka_unit_test(test_overlaps_name_both_lines),
		cmocka_unit_test(test_damage_is_named_by_line),
		cmocka_unit_test(test_a_cut_file_is_refused),
		cmocka_unit_test(test_record_types_are_checked),
		cmocka_unit_test(test_addresses_do_not_wrap),
		cmocka_unit_test(test_the_written_text),
		cmocka_unit_test(test_written_records_do_not_cross_64_kib),
		cmocka_unit_test(test_an_entry_can_be_given),
		cmocka_unit_test(test_records_of_every_length),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_a_released_firmware),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
