/* SPDX-License-Identifier: MIT
 *
 * DfuSe and plain DFU. The vectors' sizes and checksums were computed with MicroPython's tools/dfu.py; the checksum
 * covers every byte before it.
 */
#include "image_helpers.h"

#include "image/crc.h"
#include "image/finding.h"
#include "image/le.h"

enum { PREFIX = 11, TARGET = 274 };

/* 13 bytes 0, 1, 2 ... at 0x08000000 and, with `two`, 300 bytes 0, 7, 14 ... at 0x08020000 */
static void make_vector(struct image *img, bool two)
{
	uint8_t bytes[300];
	AUTO_ERR e = ERR_INIT;

	for (int i = 0; i < 13; i++)
		bytes[i] = (uint8_t)i;
	assert_true(image_add(img, 0x08000000, bytes, 13, true, &e));
	for (int i = 0; i < 300; i++)
		bytes[i] = (uint8_t)(7 * i);
	if (two)
		assert_true(image_add(img, 0x08020000, bytes, 300, true, &e));
}

static void test_one_element_as_dfu_py_writes_it(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	const uint8_t *p;

	(void)state;
	make_vector(&img, false);
	write_image(&img, "dfu", &out, NULL);
	p = (const uint8_t *)out.buf;
	assert_int_equal(out.len, 325);
	assert_memory_equal(p, "DfuSe\1\x35\1\0\0\1Target\0\1\0\0\0ST...\0", 28);
	assert_int_equal(get_le32(p + PREFIX + TARGET), 0x08000000);
	assert_int_equal(get_le32(p + PREFIX + TARGET + 4), 16); /* 13, padded to 8 */
	assert_memory_equal(p + 325 - 16, "\0\0\x11\xdf\x83\x04\x1a\1UFD\x10", 12);
	assert_int_equal(get_le32(p + 325 - 4), 0x6ad2e363);
}

static void test_two_elements_as_dfu_py_writes_them(void **state)
{
	const struct image_options opt = { .usb_vid = 0xf055, .usb_pid = 0x9802 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_vector(&img, true);
	write_image(&img, "dfu", &out, &opt);
	assert_int_equal(out.len, 637);
	assert_int_equal(get_le32((const uint8_t *)out.buf + 637 - 4), 0x7864c242);
}

static void test_options_of_writing(void **state)
{
	const struct image_options opt = { .usb_vid = 1,
					   .usb_pid = 2,
					   .has_usb_version = true,
					   .usb_version = 3,
					   .dfu_name = "@Flash",
					   .dfu_align = 32 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	const uint8_t *p;

	(void)state;
	make_vector(&img, false);
	write_image(&img, "dfu", &out, &opt);
	p = (const uint8_t *)out.buf;
	assert_string_equal(out.buf + PREFIX + 11, "@Flash");
	assert_int_equal(get_le32(p + PREFIX + TARGET + 4), 32);
	assert_memory_equal(p + out.len - 16, "\3\0\2\0\1\0", 6);
}

static void test_bad_options_of_writing(void **state)
{
	const struct image_options align = { .dfu_align = 12 };
	char name[300] = { 0 };
	const struct image_options long_name = { .dfu_name = name };
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	memset(name, 'x', 255);
	make_vector(&img, false);
	assert_unwritable(&img, "dfu", &align, "a power of two, not 12", NULL);
	assert_unwritable(&img, "dfu", &long_name, "at most 254 bytes", NULL);
}

static void test_the_ids_of_a_file_are_kept(void **state)
{
	const struct image_options opt = { .usb_vid = 0x2341, .usb_pid = 0x0370 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF again = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	make_vector(&img, true);
	write_image(&img, "dfu", &out, &opt);
	read_image(&back, "dfu", out.buf, out.len, &no_options);
	assert_int_equal(back.usb_vid, 0x2341);
	assert_int_equal(back.usb_pid, 0x0370);
	write_image(&back, "dfu", &again, NULL);
	assert_int_equal(again.len, out.len);
	assert_memory_equal(again.buf, out.buf, out.len);
}

/* Elements start and end at a multiple of 8, and never overlap. */
static void test_unaligned_segments_share_an_element(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x08000003, 2);
	add_pattern(&img, 0x08000007, 3); /* ends in the next unit */
	add_pattern(&img, 0x0800000e, 1); /* which this one shares */
	add_pattern(&img, 0x08000010, 1); /* touches, so merged on reading */
	add_pattern(&img, 0x080000fd, 3); /* padding must not reach the next page */
	add_pattern(&img, 0xfffffffd, 3);
	write_image(&img, "dfu", &out, NULL);
	read_image(&back, "dfu", out.buf, out.len, &no_options);
	assert_int_equal(back.count, 3);
	assert_segment(&back, 0, 0x08000000, 24);
	assert_segment(&back, 1, 0x080000f8, 8);
	assert_segment(&back, 2, 0xfffffff8, 8);
	assert_same_digest(&img, &back);
}

/* A file of several targets and elements, built by hand; `crc` seals it. */
static void put(struct strbuf *out, const char *bytes, size_t size)
{
	strbuf_add(out, bytes, size);
}

static void put_number(struct strbuf *out, uint32_t v)
{
	uint8_t le[4];

	put_le32(le, v);
	strbuf_add(out, le, 4);
}

static void put_named_target(struct strbuf *out, int alt, const char *text, uint32_t size,
			     uint32_t elements)
{
	char name[255] = { 0 };

	memcpy(name, text, strlen(text) + 1);
	put(out, "Target", 6);
	strbuf_addch(out, (char)alt);
	put_number(out, *text != 0);
	put(out, name, sizeof(name));
	put_number(out, size);
	put_number(out, elements);
}

static void put_target(struct strbuf *out, uint32_t size, uint32_t elements)
{
	put_named_target(out, 0, "x", size, elements);
}

static void put_element(struct strbuf *out, uint32_t address, const char *bytes)
{
	put_number(out, address);
	put_number(out, (uint32_t)strlen(bytes));
	strbuf_adds(out, bytes);
}

static void put_prefix(struct strbuf *out, uint8_t targets)
{
	put(out, "DfuSe\1\0\0\0\0", 10);
	strbuf_addch(out, (char)targets);
}

static void seal(struct strbuf *out, uint16_t version)
{
	uint8_t le[2];

	if (version == 0x011a)
		put_le32((uint8_t *)out->buf + 6, (uint32_t)out->len);
	put_le16(le, version);
	put(out, "\0\0\xff\xff\xff\xff", 6);
	strbuf_add(out, le, 2);
	put(out, "UFD\x10", 4);
	put_number(out, dfu_crc((const uint8_t *)out->buf, out->len));
}

static void test_several_targets_and_elements(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_prefix(&out, 2);
	put_target(&out, 8 + 3 + 8 + 2, 2);
	put_element(&out, 0x08020000, "abc");
	put_element(&out, 0x08000000, "de");
	put_target(&out, 8 + 1 + 8, 2);
	put_element(&out, 0x90000000, "f");
	put_element(&out, 0x90000000, "");
	seal(&out, 0x011a);
	read_image(&img, "dfu", out.buf, out.len, &no_options);
	assert_int_equal(img.count, 3);
	assert_segment(&img, 0, 0x08000000, 2);
	assert_segment(&img, 1, 0x08020000, 3);
	assert_segment(&img, 2, 0x90000000, 1);
	assert_int_equal(img.usb_vid, 0xffff);
}

static void test_overlaps_are_refused(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	put_prefix(&out, 1);
	put_target(&out, 8 + 3 + 8 + 2, 2);
	put_element(&out, 0x08000000, "abc");
	put_element(&out, 0x08000002, "de");
	seal(&out, 0x011a);
	assert_unreadable("dfu", out.buf, out.len, &no_options,
			  "element at offset 296: 0x08000002-0x08000003 overlaps "
			  "0x08000000-0x08000002 of element at offset 285",
			  NULL);
}

/* 0: "abc" and, in another target, "f"; 1: nothing; 3: "de", named */
static void make_alternate_settings(struct strbuf *out)
{
	put_prefix(out, 4);
	put_named_target(out, 0, "", 8 + 3, 1);
	put_element(out, 0x08000000, "abc");
	put_named_target(out, 1, "@Empty", 8, 1);
	put_element(out, 0x08000000, "");
	put_named_target(out, 3, "@External \x1b[2J\xff", 8 + 2, 1);
	put_element(out, 0x08000000, "de");
	put_named_target(out, 0, "@Again", 8 + 1, 1);
	put_element(out, 0x08000003, "f");
	seal(out, 0x011a);
}

static void test_alternate_settings_are_choices(void **state)
{
	struct image_options opt = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_CHOICES choices = { 0 };
	AUTO_IMAGE internal = IMAGE_INIT;
	AUTO_IMAGE external = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	const struct image_format *dfu = format_named("dfu");

	(void)state;
	make_alternate_settings(&out);
	assert_unreadable("dfu", out.buf, out.len, &no_options,
			  "several alternate settings: 0, 3 (@External ?[2J?)", "--alt");
	assert_true(dfu->choices(&choices, (const uint8_t *)out.buf, out.len, &e));
	assert_int_equal(choices.count, 2);
	assert_int_equal(choices.items[0].id, 0);
	assert_string_equal(choices.items[1].name, "3");
	dfu->select(&opt, choices.items[1].id);
	read_image(&external, "dfu", out.buf, out.len, &opt);
	assert_true(external.has_alt);
	assert_int_equal(external.alt, 3);
	assert_string_equal(external.board, "@External ?[2J?");
	assert_segment(&external, 0, 0x08000000, 2);
	dfu->select(&opt, choices.items[0].id);
	read_image(&internal, "dfu", out.buf, out.len, &opt);
	assert_segment(&internal, 0, 0x08000000, 4);
	assert_memory_equal(internal.segments[0].data, "abcf", 4);
	opt.alt = 1;
	assert_unreadable("dfu", out.buf, out.len, &opt, "several alternate settings", "--alt");
}

/* --alt says what to read from several and what to write: a file with one is read whatever it is. */
static void test_the_only_alternate_setting_is_read(void **state)
{
	const struct image_options opt = { .has_alt = true, .alt = 7 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF changed = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_prefix(&out, 1);
	put_named_target(&out, 2, "@Flash", 8 + 3, 1);
	put_element(&out, 0x08000000, "abc");
	seal(&out, 0x011a);
	read_image(&img, "dfu", out.buf, out.len, &opt);
	assert_int_equal(img.alt, 2);
	write_image(&img, "dfu", &changed, &opt);
	assert_int_equal(changed.buf[PREFIX + 6], 7);
	assert_string_equal(changed.buf + PREFIX + 11, "@Flash");
}

static void test_several_images_in_one_file(void **state)
{
	const struct image_options one = { .has_alt = true, .alt = 1 };
	const struct image_options zero = { .has_alt = true, .alt = 0 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE a = IMAGE_INIT;
	AUTO_IMAGE b = IMAGE_INIT;
	AUTO_IMAGE back_a = IMAGE_INIT;
	AUTO_IMAGE back_b = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	const struct image *images[] = { &a, &b };
	const struct image_format *dfu = format_named("dfu");

	(void)state;
	add_pattern(&a, 0x08000000, 100);
	add_pattern(&b, 0x08000000, 300);
	assert_false(dfu->write_several(images, 2, &out, &no_options, &e));
	assert_contains(e.msg, "two images are for alternate setting 0");
	strbuf_reset(&out);
	b.has_alt = true;
	b.alt = 1;
	strcpy(b.board, "@QSPI");
	assert_true(dfu->write_several(images, 2, &out, &no_options, &e));
	assert_int_equal(out.buf[10], 2);
	read_image(&back_a, "dfu", out.buf, out.len, &zero);
	read_image(&back_b, "dfu", out.buf, out.len, &one);
	assert_same_digest(&a, &back_a);
	assert_same_digest(&b, &back_b);
	assert_string_equal(back_a.board, "");
	assert_string_equal(back_b.board, "@QSPI");
}

static void test_plain_dfu_is_written_on_demand(void **state)
{
	const struct image_options opt = { .has_base = true, .base = 0x10000 };
	const struct image_options id = { .usb_vid = 0x2341, .usb_pid = 0x0070 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF given = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x10000, 21);
	write_image(&img, "dfu11", &out, NULL);
	assert_int_equal(out.len, 21 + 16);
	assert_memory_equal(out.buf, img.segments[0].data, 21);
	assert_memory_equal(out.buf + 21, "\xff\xff\xff\xff\xff\xff\0\1UFD\x10", 12);
	assert_ptr_equal(image_format_detect((const uint8_t *)out.buf, out.len, "a.dfu"),
			 format_named("dfu11"));
	read_image(&back, "dfu11", out.buf, out.len, &opt);
	assert_same_segments(&img, &back);
	write_image(&img, "dfu11", &given, &id);
	assert_memory_equal(given.buf + 21, "\xff\xff\x70\0\x41\x23\0\1UFD\x10", 12);
	add_pattern(&img, 0x20000, 1);
	assert_unwritable(&img, "dfu11", NULL, "is a hole", "--fill");
}

/* What plain firmware begins with is its own business; a DfuSe file is told by its suffix. */
static void test_plain_dfu_that_begins_like_dfuse(void **state)
{
	const struct image_options opt = { .has_base = true };
	AUTO_STRBUF plain = STRBUF_INIT;
	AUTO_STRBUF dfuse = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	strbuf_adds(&plain, "DfuSe, the firmware");
	seal(&plain, 0x0100);
	assert_ptr_equal(image_format_detect((const uint8_t *)plain.buf, plain.len, NULL),
			 format_named("dfu11"));
	read_image(&img, "dfu11", plain.buf, plain.len, &opt);
	assert_int_equal(image_size(&img), 19);
	make_alternate_settings(&dfuse);
	assert_unreadable("dfu11", dfuse.buf, dfuse.len, &opt, "offset 0: this is a DfuSe file",
			  "call it dfu");
	/* cut off, it still is DfuSe */
	assert_ptr_equal(image_format_detect((const uint8_t *)dfuse.buf, 100, NULL),
			 format_named("dfu"));
}

static void test_the_version_of_a_device(void **state)
{
	struct image_options opt = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF kept = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	add_pattern(&img, 0x08000000, 8);
	assert_true(image_option_set(&opt, "dfu.id", "2341:035b:0234", &e));
	write_image(&img, "dfu", &out, &opt);
	assert_memory_equal(out.buf + out.len - 16, "\x34\2\x5b\3\x41\x23", 6);
	read_image(&back, "dfu", out.buf, out.len, &no_options);
	assert_int_equal(back.usb_version, 0x0234);
	/* another device, the same version */
	assert_true(image_option_set(&opt, "dfu.id", "1:2", &e));
	write_image(&back, "dfu", &kept, &opt);
	assert_memory_equal(kept.buf + kept.len - 16, "\x34\2\2\0\1\0", 6);
	assert_false(image_option_set(&opt, "dfu.id", "1:2:", &e));
	assert_false(image_option_set(&opt, "dfu.id", "1:2:12345", &e));
	assert_false(image_option_set(&opt, "dfu.id", "1:2:3:4", &e));
	assert_false(image_option_set(&opt, "dfu.id", "0:2", &e));
	assert_false(image_option_set(&opt, "dfu.id", "0x1:2", &e));
}

static void test_the_checksum_is_a_finding(void **state)
{
	AUTO_FINDINGS found = FINDINGS_INIT;
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_vector(&img, false);
	write_image(&img, "dfu", &out, NULL);
	format_named("dfu")->inspect((const uint8_t *)out.buf, out.len, &no_options, &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.items[0].name, "dfu-crc");
	assert_int_equal(found.items[0].level, FINDING_OK);
	assert_contains(found.items[0].text, "0x6ad2e363");
}

static void test_plain_dfu_needs_a_base(void **state)
{
	const struct image_options opt = { .has_base = true, .base = 0x08008000 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF empty = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	strbuf_adds(&out, "firmware");
	seal(&out, 0x0100);
	assert_unreadable("dfu", out.buf, out.len, &no_options, "does not say its address",
			  "--base");
	read_image(&img, "dfu", out.buf, out.len, &opt);
	assert_segment(&img, 0, 0x08008000, 8);
	seal(&empty, 0x0100);
	assert_unreadable("dfu", empty.buf, empty.len, &opt,
			  "offset 0: there is nothing in it but the suffix", NULL);
}

/* For info, which shows the file's USB ids then too. */
static void test_the_base_of_plain_dfu_is_guessed_where_asked_for(void **state)
{
	const struct image_options opt = { .guess_base = true };
	uint8_t vectors[512] = { 0 };
	AUTO_STRBUF out = STRBUF_INIT, text = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_le32(vectors, 0x20010000);
	put_le32(vectors + 4, 0x08000101);
	strbuf_add(&out, vectors, sizeof(vectors));
	seal(&out, 0x0100);
	read_image(&img, "dfu11", out.buf, out.len, &opt);
	assert_segment(&img, 0, 0x08000000, sizeof(vectors));
	assert_true(img.base_guessed);
	strbuf_adds(&text, "firmware");
	seal(&text, 0x0100);
	assert_unreadable("dfu11", text.buf, text.len, &opt, "does not say its address", "--base");
}

static void test_the_checksum_is_checked(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_vector(&img, false);
	write_image(&img, "dfu", &out, NULL);
	for (size_t i = 0; i < out.len - 16; i += 31) {
		out.buf[i] ^= 4;
		assert_unreadable("dfu", out.buf, out.len, &no_options,
				  "offset 321: the checksum is 0x6ad2e363 but should be",
				  "damaged");
		out.buf[i] ^= 4;
	}
}

static void test_a_cut_file_is_refused(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_vector(&img, true);
	write_image(&img, "dfu", &out, NULL);
	for (size_t size = 0; size < out.len; size += size < 32 ? 1 : 17)
		assert_unreadable("dfu", out.buf, size, &no_options,
				  "does not end with a DFU suffix", "cut off");
}

/* Damage that a right checksum hides: each number that says how much follows. */
static void assert_broken(void (*make)(struct strbuf *out), const char *message)
{
	AUTO_STRBUF out = STRBUF_INIT;

	make(&out);
	assert_unreadable("dfu", out.buf, out.len, &no_options, message, NULL);
}

static void make_no_target(struct strbuf *out)
{
	put_prefix(out, 1);
	seal(out, 0x011a);
}

static void make_no_targets(struct strbuf *out)
{
	put_prefix(out, 0);
	seal(out, 0x011a);
}

static void make_bad_target(struct strbuf *out)
{
	put_prefix(out, 1);
	put_target(out, 0, 0);
	out->buf[PREFIX] = 't';
	seal(out, 0x011a);
}

static void make_large_target(struct strbuf *out)
{
	put_prefix(out, 1);
	put_target(out, 0xffffffff, 1);
	put_element(out, 0, "abc");
	seal(out, 0x011a);
}

static void make_large_element(struct strbuf *out)
{
	put_prefix(out, 1);
	put_target(out, 8 + 3, 1);
	put_number(out, 0x08000000);
	put_number(out, 0xffffffff);
	strbuf_adds(out, "abc");
	seal(out, 0x011a);
}

static void make_many_elements(struct strbuf *out)
{
	put_prefix(out, 1);
	put_target(out, 8 + 3, 0xffffffff);
	put_element(out, 0, "abc");
	seal(out, 0x011a);
}

static void make_rest_in_target(struct strbuf *out)
{
	put_prefix(out, 1);
	put_target(out, 8 + 3 + 5, 1);
	put_element(out, 0, "abc");
	strbuf_adds(out, "extra");
	seal(out, 0x011a);
}

static void make_rest_behind_targets(struct strbuf *out)
{
	put_prefix(out, 1);
	put_target(out, 8 + 3, 1);
	put_element(out, 0, "abc");
	strbuf_adds(out, "extra");
	seal(out, 0x011a);
}

static void make_past_the_end(struct strbuf *out)
{
	put_prefix(out, 1);
	put_target(out, 8 + 3, 1);
	put_element(out, 0xfffffffe, "abc");
	seal(out, 0x011a);
}

static void make_other_version(struct strbuf *out)
{
	put_prefix(out, 1);
	out->buf[5] = 2;
	seal(out, 0x011a);
}

static void make_no_prefix(struct strbuf *out)
{
	strbuf_adds(out, "something else");
	seal(out, 0x011a);
}

static void make_wrong_size(struct strbuf *out)
{
	put_prefix(out, 1);
	put_target(out, 8 + 3, 1);
	put_element(out, 0, "abc");
	put_le32((uint8_t *)out->buf + 6, 12345);
	seal(out, 0x0100); /* leaves the size alone */
}

static void test_wrong_counts_and_sizes_are_refused(void **state)
{
	(void)state;
	assert_broken(make_no_target, "offset 11: the file ends inside a target's header");
	assert_broken(make_no_targets, "offset 11: there is nothing in it");
	assert_broken(make_bad_target, "offset 11: a target starts with \"Target\"");
	assert_broken(make_large_target, "offset 285: the file ends inside a target");
	assert_broken(make_large_element,
		      "offset 285: an element of 4294967295 bytes is larger than its target");
	assert_broken(make_many_elements, "offset 296: the target is too short for its elements");
	assert_broken(make_rest_in_target,
		      "offset 296: 5 bytes are left after the target's elements");
	assert_broken(make_rest_behind_targets,
		      "offset 296: 5 bytes are left after the last target");
	assert_broken(make_past_the_end,
		      "element at offset 285: 3 bytes at 0xfffffffe run past the end");
	assert_broken(make_other_version, "offset 5: DfuSe version 2 is not known");
	assert_broken(make_no_prefix, "offset 0: a DfuSe suffix, but no \"DfuSe\" at the start");
	assert_broken(make_wrong_size, "offset 6: the file should have 12345 bytes");
}

/* Check value of CRC-32/JAMCRC, and every length around the eight-byte steps against a bit at a time. */
static void test_the_checksum_itself(void **state)
{
	uint8_t bytes[40];

	(void)state;
	assert_int_equal(dfu_crc((const uint8_t *)"123456789", 9), 0x340bc6d9);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = pattern_at((uint32_t)i);
	for (size_t size = 0; size <= sizeof(bytes); size++) {
		uint32_t crc = 0xffffffff;

		for (size_t i = 0; i < 8 * size; i++) {
			crc ^= bytes[i / 8] >> (i % 8) & 1;
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
		}
		assert_int_equal(dfu_crc(bytes, size), crc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_element_as_dfu_py_writes_it),
		cmocka_unit_test(test_two_elements_as_dfu_py_writes_them),
		cmocka_unit_test(test_options_of_writing),
		cmocka_unit_test(test_bad_options_of_writing),
		cmocka_unit_test(test_the_ids_of_a_file_are_kept),
		cmocka_unit_test(test_unaligned_segments_share_an_element),
		cmocka_unit_test(test_several_targets_and_elements),
		cmocka_unit_test(test_overlaps_are_refused),
		cmocka_unit_test(test_alternate_settings_are_choices),
		cmocka_unit_test(test_the_only_alternate_setting_is_read),
		cmocka_unit_test(test_several_images_in_one_file),
		cmocka_unit_test(test_plain_dfu_is_written_on_demand),
		cmocka_unit_test(test_plain_dfu_that_begins_like_dfuse),
		cmocka_unit_test(test_the_version_of_a_device),
		cmocka_unit_test(test_the_checksum_is_a_finding),
		cmocka_unit_test(test_plain_dfu_needs_a_base),
		cmocka_unit_test(test_the_base_of_plain_dfu_is_guessed_where_asked_for),
		cmocka_unit_test(test_the_checksum_is_checked),
		cmocka_unit_test(test_a_cut_file_is_refused),
		cmocka_unit_test(test_wrong_counts_and_sizes_are_refused),
		cmocka_unit_test(test_the_checksum_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
