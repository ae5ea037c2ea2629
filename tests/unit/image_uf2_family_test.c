/* SPDX-License-Identifier: MIT
 *
 * The family of a UF2 file that nobody named: boot ROMs drop blocks without one, and say nothing.
 */
#include "image/crc.h"
#include "image/finding.h"
#include "image/le.h"
#include "image/rp2_block.h"
#include "image_helpers.h"
#include "uf2_helpers.h"

/* The family in the first block; 0 when its flag is not set. */
static uint32_t written_family(const struct image *img, const struct image_options *opt)
{
	AUTO_STRBUF out = STRBUF_INIT;
	const uint8_t *block;

	write_image(img, "uf2", &out, opt);
	block = (const uint8_t *)out.buf;
	assert_int_equal((get_le32(block + 8) & FAMILY_FLAG) != 0, get_le32(block + 28) != 0);
	return get_le32(block + 28);
}

static void add_boot2(struct image *img)
{
	uint8_t boot2[256] = "the second stage";
	AUTO_ERR e = ERR_INIT;

	put_le32(boot2 + 252, boot2_crc(boot2, 252));
	assert_true(image_add(img, 0x10000000, boot2, sizeof(boot2), true, &e));
}

/* As pico-sdk's embedded_start_block puts it behind the vector table. */
static void add_block(struct image *img, uint16_t type)
{
	const uint32_t words[] = { 0xffffded3, 0x0142 | (uint32_t)type << 16, 0x01ff, 0,
				   0xab123579 };
	uint8_t bytes[256] = { 0 };
	AUTO_ERR e = ERR_INIT;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		put_le32(bytes + 16 + 4 * i, words[i]);
	assert_true(image_add(img, 0x10000000, bytes, sizeof(bytes), true, &e));
}

static void test_boot2_says_rp2040(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_boot2(&img);
	assert_int_equal(written_family(&img, NULL), 0xe48bff56);
}

/* The CRC of ff ff ff ff and zeros is 0. */
static void test_a_crc_of_nothing_proves_nothing(void **state)
{
	const uint8_t page[256] = { 0xff, 0xff, 0xff, 0xff };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	assert_true(image_add(&img, 0x10000000, page, sizeof(page), false, &e));
	assert_int_equal(written_family(&img, NULL), 0);
}

static void test_bytes_for_another_place_than_an_rp2_has_say_nothing(void **state)
{
	AUTO_IMAGE boot2 = IMAGE_INIT, img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	add_boot2(&boot2);
	assert_true(image_add(&img, 0x08000000, boot2.segments[0].data, boot2.segments[0].size,
			      false, &e));
	assert_int_equal(written_family(&img, NULL), 0);
}

static void test_the_sectors_are_filled_then_too(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT, back = IMAGE_INIT;

	(void)state;
	add_boot2(&img);
	add_pattern(&img, 0x10000400, 256);
	write_image(&img, "uf2", &out, NULL);
	read_image(&back, "uf2", out.buf, out.len, &no_options);
	assert_int_equal(back.count, 1);
	assert_segment(&back, 0, 0x10000000, 0x500);
}

static void test_an_image_block_says_which_processor(void **state)
{
	static const struct {
		uint16_t type;
		uint32_t family;
	} all[] = {
		{ 0x1021, 0xe48bff59 }, /* ARM, secure */
		{ 0x1011, 0xe48bff5b }, /* ARM, not secure */
		{ 0x1001, 0xe48bff59 }, /* ARM, not said */
		{ 0x1101, 0xe48bff5a }, /* RISC-V */
		{ 0x0021, 0xe48bff56 }, /* for an RP2040 */
		{ 0x1022, 0 },          /* data, no program */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		AUTO_IMAGE img = IMAGE_INIT;

		add_block(&img, all[i].type);
		assert_int_equal(written_family(&img, NULL), all[i].family);
	}
}

static void test_what_is_stated_goes_first(void **state)
{
	struct image_options opt = { .uf2_family = 0xe48bff59 };
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_boot2(&img);
	assert_int_equal(written_family(&img, &opt), 0xe48bff59);
	opt = (struct image_options){ .uf2_no_family = true };
	assert_int_equal(written_family(&img, &opt), 0);
	img.uf2_family = 0xe48bff57;
	assert_int_equal(written_family(&img, NULL), 0xe48bff57);
}

static void test_a_chip_that_is_given_has_its_family(void **state)
{
	struct image_options opt = { .chip = "samd51" };
	AUTO_IMAGE img = IMAGE_INIT, riscv = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x4000, 300);
	assert_int_equal(written_family(&img, &opt), 0x55114460);
	opt.chip = "nrf51"; /* no boot loader of it takes UF2 */
	assert_int_equal(written_family(&img, &opt), 0);
	opt.chip = "rp2350";
	add_block(&riscv, 0x1101);
	assert_int_equal(written_family(&riscv, &opt), 0xe48bff5a);
}

/* In a file for flash an ESP app is at 0x10000, but at 0 for the boot loader that takes UF2. */
static void test_an_esp_image_is_given_none(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x10000, 300);
	img.chip = "esp32s2";
	assert_int_equal(written_family(&img, NULL), 0);
}

static void assert_warning(const struct image *img, const struct image_options *opt, bool warned)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_FINDINGS found = { 0 };
	size_t warnings = 0;

	write_image(img, "uf2", &out, opt);
	format_named("uf2")->inspect((const uint8_t *)out.buf, out.len, &no_options, &found);
	for (size_t i = 0; i < found.count; i++)
		if (strcmp(found.items[i].name, "uf2-family") == 0) {
			assert_int_equal(found.items[i].level, FINDING_WARNING);
			assert_contains(found.items[i].text, "'rp2040'");
			warnings++;
		}
	assert_int_equal(warnings, warned);
}

static void test_a_file_that_the_boot_rom_drops_is_told(void **state)
{
	const struct image_options none = { .uf2_no_family = true };
	AUTO_IMAGE img = IMAGE_INIT, other = IMAGE_INIT;

	(void)state;
	add_boot2(&img);
	assert_warning(&img, &none, true);
	assert_warning(&img, &no_options, false);
	add_pattern(&other, 0x4000, 300); /* boot loaders that know no families take it */
	assert_warning(&other, &none, false);
}

/* The processor in an ELF file: from the same block. */
static void test_an_image_block_says_the_elf_machine(void **state)
{
	AUTO_IMAGE arm = IMAGE_INIT, riscv = IMAGE_INIT;
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	add_block(&arm, 0x1021);
	write_image(&arm, "elf", &out, NULL);
	assert_int_equal(get_le16((const uint8_t *)out.buf + 18), 40);
	strbuf_reset(&out);
	add_block(&riscv, 0x1101);
	write_image(&riscv, "elf", &out, NULL);
	assert_int_equal(get_le16((const uint8_t *)out.buf + 18), 243);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot2_says_rp2040),
		cmocka_unit_test(test_a_crc_of_nothing_proves_nothing),
		cmocka_unit_test(test_bytes_for_another_place_than_an_rp2_has_say_nothing),
		cmocka_unit_test(test_the_sectors_are_filled_then_too),
		cmocka_unit_test(test_an_image_block_says_which_processor),
		cmocka_unit_test(test_what_is_stated_goes_first),
		cmocka_unit_test(test_a_chip_that_is_given_has_its_family),
		cmocka_unit_test(test_an_esp_image_is_given_none),
		cmocka_unit_test(test_a_file_that_the_boot_rom_drops_is_told),
		cmocka_unit_test(test_an_image_block_says_the_elf_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
