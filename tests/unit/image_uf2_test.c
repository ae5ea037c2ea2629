/* SPDX-License-Identifier: MIT
 *
 * UF2 in and out, and the names of its families.
 */
#include "image_helpers.h"
#include "uf2_helpers.h"

#include "base/xalloc.h"
#include "image/finding.h"
#include "image/le.h"
#include "image/uf2_family.h"

static void read_uf2(struct image *img, const struct strbuf *file)
{
	read_image(img, "uf2", file->buf, file->len, &no_options);
}

static void assert_bad(const struct strbuf *file, const char *message, const char *hint)
{
	assert_unreadable("uf2", file->buf, file->len, &no_options, message, hint);
}

static void test_the_written_blocks(void **state)
{
	const struct image_options opt = { .uf2_family = 0xada52840 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF want = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x26000, 512);
	write_image(&img, "uf2", &out, &opt);
	put_block(&want, FAMILY_FLAG, 0x26000, 256, 0, 2, 0xada52840);
	put_block(&want, FAMILY_FLAG, 0x26100, 256, 1, 2, 0xada52840);
	assert_int_equal(out.len, want.len);
	assert_memory_equal(out.buf, want.buf, want.len);
}

static void test_without_a_family_there_is_no_flag(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x2000, 10);
	write_image(&img, "uf2", &out, NULL);
	assert_int_equal(out.len, BLOCK);
	assert_int_equal(get_le32((const uint8_t *)out.buf + 8), 0);
	assert_int_equal(get_le32((const uint8_t *)out.buf + 28), 0);
}

/* Bootloaders drop blocks that are not 256 bytes at a multiple of 256. */
static void test_pages_are_whole_and_aligned(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x20f0, 32);
	add_pattern(&img, 0x2200, 1);
	add_pattern(&img, 0x22ff, 1);
	add_pattern(&img, 0xffffffff, 1);
	write_image(&img, "uf2", &out, NULL);
	assert_int_equal(out.len, 4 * BLOCK);
	for (size_t i = 0; i < 4; i++) {
		const uint8_t *p = (const uint8_t *)out.buf + i * BLOCK;

		assert_int_equal(get_le32(p + 12) % 256, 0);
		assert_int_equal(get_le32(p + 16), 256);
		assert_int_equal(get_le32(p + 20), i);
		assert_int_equal(get_le32(p + 24), 4);
	}
	read_uf2(&back, &out);
	assert_same_digest(&img, &back);
}

/* RP2040's ROM erases by block number: sectors are whole, but for what follows the last page. */
static void test_rp2_sectors_are_filled(void **state)
{
	const struct image_options opt = { .uf2_family = 0xe48bff56 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x10000100, 256); /* first page of the sector is missing */
	add_pattern(&img, 0x10000400, 256); /* a gap before, the rest of the sector after */
	add_pattern(&img, 0x10003200, 256); /* two sectors away */
	write_image(&img, "uf2", &out, &opt);
	read_uf2(&back, &out);
	assert_int_equal(back.uf2_family, 0xe48bff56);
	assert_int_equal(back.count, 2);
	assert_segment(&back, 0, 0x10000000, 0x1000);
	assert_segment(&back, 1, 0x10003000, 0x300);
	for (uint32_t i = 0; i < 0x1000; i++) {
		bool there = (i >= 0x100 && i < 0x200) || (i >= 0x400 && i < 0x500);

		assert_int_equal(back.segments[0].data[i], there ? pattern_at(0x10000000 + i) : 0);
	}
}

static void test_rp2_images_in_ram_are_not_filled(void **state)
{
	const struct image_options opt = { .uf2_family = 0xe48bff56 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x20000100, 256);
	add_pattern(&img, 0x20000400, 256);
	write_image(&img, "uf2", &out, &opt);
	assert_int_equal(out.len, 2 * BLOCK);
}

static void test_the_family_of_a_file_is_kept(void **state)
{
	const struct image_options other = { .uf2_family = 0x57755a57 };
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF kept = STRBUF_INIT;
	AUTO_STRBUF changed = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_block(&file, FAMILY_FLAG, 0x08010000, 256, 0, 1, 0x6d0922fa);
	/* The only family of a file is read whatever is asked for: old STM32F405 files carry another id. */
	read_image(&img, "uf2", file.buf, file.len, &other);
	assert_int_equal(img.uf2_family, 0x6d0922fa);
	write_image(&img, "uf2", &kept, NULL);
	assert_memory_equal(kept.buf, file.buf, BLOCK);
	write_image(&img, "uf2", &changed, &other);
	assert_int_equal(get_le32((const uint8_t *)changed.buf + 28), 0x57755a57);
}

static void test_blocks_in_any_order_and_of_any_size(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_block(&file, 0, 0x2000 + 476, 1, 1, 3, 0);
	put_block(&file, 0, 0x5000, 0, 2, 3, 0); /* empty: nothing to write */
	put_block(&file, 0, 0x2000, 476, 0, 3, 0);
	read_uf2(&img, &file);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x2000, 477);
	for (uint32_t i = 0; i < 477; i++)
		assert_int_equal(img.segments[0].data[i], pattern_at(0x2000 + i));
}

static void test_blocks_for_other_memory_are_skipped(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_block(&file, 0x1, 0x9000, 256, 0, 2, 0);
	put_block(&file, 0, 0x2000, 256, 1, 2, 0);
	read_uf2(&img, &file);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x2000, 256);
}

static void test_checksums_and_tags_are_tolerated(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_block(&file, FAMILY_FLAG | 0x4000, 0x10000000, 256, 0, 2, 0x1c5f21b0)[32 + 460] = 1;
	put_block(&file, FAMILY_FLAG | 0x8000, 0x10000100, 256, 1, 2, 0x1c5f21b0)[32 + 256] = 8;
	read_uf2(&img, &file);
	assert_segment(&img, 0, 0x10000000, 512);
}

static uint8_t *put_e10_block(struct strbuf *file)
{
	uint8_t *p = put_block(file, 0xa000, 0x10ffff00, 256, 0, 2, 0xe48bff57);

	memset(p + 32, 0xef, 256);
	put_le32(p + 32 + 256, 0x9957e304);
	return p;
}

static void test_the_rp2350_e10_block_is_skipped(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_e10_block(&file);
	put_block(&file, FAMILY_FLAG, 0x10000000, 256, 0, 1, 0xe48bff59);
	read_uf2(&img, &file);
	assert_int_equal(img.uf2_family, 0xe48bff59);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x10000000, 256);
}

static void test_what_only_resembles_an_e10_block_is_not_skipped(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	put_e10_block(&file)[32 + 255] = 0xee;
	put_block(&file, FAMILY_FLAG, 0x10000000, 256, 0, 1, 0xe48bff59);
	assert_bad(&file, "several families: rp2-absolute, rp2350-arm-s", "--family");
}

static void test_several_families_need_a_choice(void **state)
{
	const struct image_options arm = { .uf2_family = 0xe48bff59 };
	const struct image_options absent = { .uf2_family = 0xada52840 };
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_block(&file, FAMILY_FLAG, 0x10000000, 256, 0, 1, 0xe48bff56);
	put_block(&file, FAMILY_FLAG, 0x10000000, 256, 0, 2, 0xe48bff59);
	put_block(&file, FAMILY_FLAG, 0x10000100, 256, 1, 2, 0xe48bff59);
	put_block(&file, FAMILY_FLAG, 0x10000000, 256, 0, 1, 0x12345678);
	put_block(&file, 0, 0x10000000, 256, 0, 1, 0);
	assert_bad(&file, "several families: rp2040, rp2350-arm-s, 0x12345678, none",
		   "choose one of them with --family");
	assert_unreadable("uf2", file.buf, file.len, &absent, "several families", NULL);
	read_image(&img, "uf2", file.buf, file.len, &arm);
	assert_int_equal(img.uf2_family, 0xe48bff59);
	assert_segment(&img, 0, 0x10000000, 512);
}

static void test_a_missing_block_is_named(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF first = STRBUF_INIT;
	AUTO_STRBUF huge = STRBUF_INIT;

	(void)state;
	put_block(&file, 0, 0x2000, 256, 0, 3, 0);
	put_block(&file, 0, 0x2200, 256, 2, 3, 0);
	assert_bad(&file, "block 1 of 3 is missing", "cut off");
	put_block(&first, 0, 0x2100, 256, 1, 2, 0);
	assert_bad(&first, "block 0 of 2 is missing", "cut off");
	put_block(&huge, 0, 0x2100, 256, 0, 0xffffffff, 0);
	assert_bad(&huge, "block 1 of 4294967295 is missing", "cut off");
}

/* esptool writes several parts into one file and numbers each from 0. */
static void test_joined_files_of_one_family(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF twice = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	put_block(&file, 0, 0x1000, 256, 0, 2, 0);
	put_block(&file, 0, 0x1100, 256, 1, 2, 0);
	put_block(&file, 0, 0x8000, 256, 0, 1, 0);
	put_block(&file, 0, 0x9000, 256, 0, 2, 0);
	put_block(&file, 0, 0x9100, 256, 1, 2, 0);
	read_uf2(&img, &file);
	assert_int_equal(img.count, 3);
	put_block(&twice, 0, 0x1000, 256, 0, 2, 0);
	put_block(&twice, 0, 0x1100, 256, 0, 2, 0);
	put_block(&twice, 0, 0x1200, 256, 1, 2, 0);
	assert_bad(&twice, "block 1 of 2 is missing", NULL);
}

static void test_an_overlap_names_both_blocks(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	put_block(&file, 0, 0x2000, 256, 0, 2, 0);
	put_block(&file, 0, 0x20ff, 256, 1, 2, 0);
	assert_bad(&file,
		   "block at offset 512: 0x000020ff-0x000021fe overlaps "
		   "0x00002000-0x000020ff of block at offset 0",
		   NULL);
}

static void test_damage_is_named_by_offset(void **state)
{
	static const int magics[] = { 0, 4, 508 };
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	put_block(&file, 0, 0x2000, 256, 0, 2, 0);
	put_block(&file, 0, 0x2100, 256, 1, 2, 0);
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++) {
		file.buf[BLOCK + magics[i]] ^= 1;
		assert_bad(&file, "offset 512: not a UF2 block (bad magic number)", "damaged");
		file.buf[BLOCK + magics[i]] ^= 1;
	}
	strbuf_set_len(&file, file.len - 1);
	assert_bad(&file, "1023 bytes are not a whole number of 512-byte blocks", "cut off");
}

static void assert_bad_block(uint32_t flags, uint32_t address, uint32_t size, uint32_t number,
			     uint32_t total, const char *message)
{
	AUTO_STRBUF file = STRBUF_INIT;

	put_block(&file, flags, address, size, number, total, 0);
	assert_bad(&file, message, NULL);
}

static void test_bad_blocks_are_refused(void **state)
{
	(void)state;
	assert_bad_block(0x1000, 0, 256, 0, 1, "offset 0: a container of files");
	assert_bad_block(0x4000, 0, 453, 0, 1,
			 "offset 0: a payload of 453 bytes runs into the block's checksum");
	assert_bad_block(0x1001, 0, 256, 0, 1, "offset 0: a container of files");
	assert_bad_block(0, 0, 477, 0, 1,
			 "offset 0: a payload of 477 bytes; a block has room for 476");
	assert_bad_block(0, 0, 256, 1, 1, "offset 0: block number 1 of 1");
	assert_bad_block(0, 0, 256, 0, 0, "offset 0: block number 0 of 0");
	assert_bad_block(0, 0xffffff80, 256, 0, 1,
			 "block at offset 0: 256 bytes at 0xffffff80 run past the end");
	assert_bad_block(0x1, 0, 256, 0, 1, "there is nothing in it");
}

static void test_too_many_families(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	for (uint32_t i = 0; i < 17; i++)
		put_block(&file, FAMILY_FLAG, 0, 256, 0, 1, 100 + i);
	assert_bad(&file, "more than 16 families", NULL);
}

static void test_an_e10_block_alone_is_nothing(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;

	(void)state;
	put_e10_block(&file);
	assert_bad(&file, "there is nothing in it", NULL);
}

static void test_a_repeated_block_is_taken_once(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_FINDINGS found = FINDINGS_INIT;

	(void)state;
	put_block(&file, 0, 0x1000, 256, 0, 2, 0);
	put_block(&file, 0, 0x1100, 256, 1, 2, 0);
	put_block(&file, 0, 0x1000, 256, 0, 2, 0);
	read_uf2(&img, &file);
	assert_segment(&img, 0, 0x1000, 512);
	format_named("uf2")->inspect((uint8_t *)file.buf, file.len, &no_options, &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.items[0].name, "uf2-repeated");
	/* the same place with other bytes is no repetition */
	file.buf[2 * BLOCK + 40] ^= 1;
	assert_bad(&file, "block at offset 1024: 0x00001000-0x000010ff overlaps", NULL);
}

static void test_a_file_joined_with_itself(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	for (int times = 0; times < 3; times++) {
		put_block(&file, 0, 0x1000, 256, 0, 2, 0);
		put_block(&file, 0, 0x1100, 256, 1, 2, 0);
	}
	read_uf2(&img, &file);
	assert_segment(&img, 0, 0x1000, 512);
}

/* A comment without a family (embedded source text) is counted with the firmware's blocks. */
static void test_comments_are_counted_only(void **state)
{
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_STRBUF odd = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE other = IMAGE_INIT;

	(void)state;
	put_block(&file, FAMILY_FLAG, 0x10000000, 256, 0, 2, 0xe48bff56);
	put_block(&file, 0x1, 0, 400, 1, 2, 0);
	read_uf2(&img, &file);
	assert_int_equal(img.uf2_family, 0xe48bff56);
	assert_segment(&img, 0, 0x10000000, 256);
	put_block(&odd, FAMILY_FLAG, 0x10000000, 256, 0, 1, 0xe48bff56);
	put_block(&odd, 0x1, 0, 400, 5, 9, 0);
	put_block(&odd, FAMILY_FLAG | 0x1, 0, 400, 3, 9, 0x12345678);
	read_uf2(&other, &odd);
	assert_same_segments(&img, &other);
}

static void test_families_are_choices(void **state)
{
	struct image_options opt = { 0 };
	AUTO_STRBUF file = STRBUF_INIT;
	AUTO_CHOICES choices = { 0 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	const struct image_format *uf2 = format_named("uf2");

	(void)state;
	put_block(&file, FAMILY_FLAG, 0x10000000, 256, 0, 1, 0xe48bff56);
	put_block(&file, FAMILY_FLAG, 0x10000100, 256, 0, 1, 0x12345678);
	put_block(&file, 0, 0x10000200, 256, 0, 1, 0);
	assert_true(uf2->choices(&choices, (uint8_t *)file.buf, file.len, &e));
	assert_int_equal(choices.count, 3);
	assert_string_equal(choices.items[0].name, "rp2040");
	assert_string_equal(choices.items[1].name, "0x12345678");
	assert_string_equal(choices.items[2].name, "none");
	uf2->select(&opt, choices.items[1].id);
	uf2->select(&opt, choices.items[2].id);
	read_image(&img, "uf2", file.buf, file.len, &opt);
	assert_segment(&img, 0, 0x10000200, 256);
	for (size_t i = 0; i < choices.count; i++) {
		struct image_options named = { 0 };

		assert_true(image_option_set(&named, "family", choices.items[i].name, &e));
	}
}

static void test_several_families_in_one_file(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE arm = IMAGE_INIT;
	AUTO_IMAGE riscv = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	const struct image *images[] = { &arm, &riscv };
	const struct image_format *uf2 = format_named("uf2");

	(void)state;
	add_pattern(&arm, 0x10000000, 512);
	add_pattern(&riscv, 0x10000000, 700);
	arm.uf2_family = riscv.uf2_family = 0xe48bff59;
	assert_false(uf2->write_several(images, 2, &out, &no_options, &e));
	assert_contains(e.msg, "two images are of the family 'rp2350-arm-s'");
	riscv.uf2_family = 0xe48bff5a;
	strbuf_reset(&out);
	assert_true(uf2->write_several(images, 2, &out, &no_options, &e));
	assert_int_equal(out.len, 5 * BLOCK);
	assert_int_equal(get_le32((uint8_t *)out.buf + 2 * BLOCK + 20), 0);
	assert_int_equal(get_le32((uint8_t *)out.buf + 2 * BLOCK + 24), 3);
	for (size_t i = 0; i < 2; i++) {
		const struct image_options opt = { .uf2_family = images[i]->uf2_family };
		AUTO_IMAGE back = IMAGE_INIT;

		read_image(&back, "uf2", out.buf, out.len, &opt);
		assert_same_digest(images[i], &back);
	}
}

static void test_no_family_on_demand(void **state)
{
	struct image_options opt = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	add_pattern(&img, 0x2000, 10);
	img.uf2_family = 0x68ed2b88;
	assert_true(image_option_set(&opt, "family", "none", &e));
	write_image(&img, "uf2", &out, &opt);
	assert_int_equal(get_le32((uint8_t *)out.buf + 8), 0);
}

static void test_the_e10_block_is_written_on_demand(void **state)
{
	struct image_options opt = { .uf2_family = 0xe48bff59 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_STRBUF want = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;
	AUTO_FINDINGS found = FINDINGS_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	add_pattern(&img, 0x10000000, 256);
	assert_true(image_option_set(&opt, "uf2.e10", "yes", &e));
	write_image(&img, "uf2", &out, &opt);
	put_e10_block(&want);
	put_block(&want, FAMILY_FLAG, 0x10000000, 256, 0, 1, 0xe48bff59);
	assert_int_equal(out.len, want.len);
	assert_memory_equal(out.buf, want.buf, want.len);
	read_uf2(&back, &out);
	assert_same_segments(&img, &back);
	format_named("uf2")->inspect((uint8_t *)out.buf, out.len, &no_options, &found);
	assert_int_equal(found.count, 1);
	assert_string_equal(found.items[0].name, "e10");
	opt.uf2_family = 0xe48bff56;
	assert_unwritable(&img, "uf2", &opt, "for the flash of an RP2350 only", "--family");
	opt.uf2_family = 0xe48bff57;
	assert_unwritable(&img, "uf2", &opt, "for the flash of an RP2350 only", NULL);
	assert_false(image_option_set(&opt, "uf2.e10", "1", &e));
}

static void test_memory_below_the_rp2_flash_is_not_filled(void **state)
{
	const struct image_options opt = { .uf2_family = 0xe48bff56 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x08000100, 256);
	add_pattern(&img, 0x10000000, 256);
	write_image(&img, "uf2", &out, &opt);
	assert_int_equal(out.len, 2 * BLOCK);
}

static void test_family_names(void **state)
{
	static const struct {
		const char *name;
		uint32_t id;
	} known[] = {
		{ "rp2040", 0xe48bff56 },       { "rp2350-arm-s", 0xe48bff59 },
		{ "rp2350-riscv", 0xe48bff5a }, { "samd21", 0x68ed2b88 },
		{ "samd51", 0x55114460 },       { "nrf52840", 0xada52840 },
		{ "stm32h5", 0x4e8f1c5d },      { "stm32f4", 0x57755a57 },
		{ "esp32s3", 0xc47e5767 },
	};
	uint32_t id;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		assert_true(uf2_family_by_name(known[i].name, &id));
		assert_int_equal(id, known[i].id);
		assert_string_equal(uf2_family_name(id), known[i].name);
	}
	assert_true(uf2_family_by_name("RP2350_ARM_S", &id));
	assert_int_equal(id, 0xe48bff59);
	assert_false(uf2_family_by_name("rp2350-arm", &id));
	assert_false(uf2_family_by_name("rp20400", &id));
	assert_false(uf2_family_by_name("", &id));
	assert_null(uf2_family_name(1));
	assert_true(uf2_family_is_rp2(0xe48bff5b));
	assert_false(uf2_family_is_rp2(0xada52840));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_written_blocks),
		cmocka_unit_test(test_without_a_family_there_is_no_flag),
		cmocka_unit_test(test_pages_are_whole_and_aligned),
		cmocka_unit_test(test_rp2_sectors_are_filled),
		cmocka_unit_test(test_rp2_images_in_ram_are_not_filled),
		cmocka_unit_test(test_the_family_of_a_file_is_kept),
		cmocka_unit_test(test_blocks_in_any_order_and_of_any_size),
		cmocka_unit_test(test_blocks_for_other_memory_are_skipped),
		cmocka_unit_test(test_checksums_and_tags_are_tolerated),
		cmocka_unit_test(test_the_rp2350_e10_block_is_skipped),
		cmocka_unit_test(test_what_only_resembles_an_e10_block_is_not_skipped),
		cmocka_unit_test(test_several_families_need_a_choice),
		cmocka_unit_test(test_a_missing_block_is_named),
		cmocka_unit_test(test_joined_files_of_one_family),
		cmocka_unit_test(test_an_overlap_names_both_blocks),
		cmocka_unit_test(test_damage_is_named_by_offset),
		cmocka_unit_test(test_bad_blocks_are_refused),
		cmocka_unit_test(test_too_many_families),
		cmocka_unit_test(test_an_e10_block_alone_is_nothing),
		cmocka_unit_test(test_a_repeated_block_is_taken_once),
		cmocka_unit_test(test_a_file_joined_with_itself),
		cmocka_unit_test(test_comments_are_counted_only),
		cmocka_unit_test(test_families_are_choices),
		cmocka_unit_test(test_several_families_in_one_file),
		cmocka_unit_test(test_no_family_on_demand),
		cmocka_unit_test(test_the_e10_block_is_written_on_demand),
		cmocka_unit_test(test_memory_below_the_rp2_flash_is_not_filled),
		cmocka_unit_test(test_family_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
