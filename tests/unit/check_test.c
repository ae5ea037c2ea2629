/* SPDX-License-Identifier: MIT
 *
 * What image_check finds: each finding once right and once wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "esp_helpers.h"
#include "image/check.h"
#include "image/crc.h"
#include "image/le.h"
#include "image/uf2_family.h"
#include "image_helpers.h"
#include "scratch.h"

/* An image and the board that it is to go to. */
struct fixture {
	struct scratch *scratch;
	struct image img;
	struct image_target target;
	struct findings found;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->scratch = scratch_create();
	f->target.board = "BOARD";
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	findings_free(&f->found);
	image_free(&f->img);
	scratch_destroy(f->scratch);
	free(f);
	return 0;
}

static void add(struct fixture *f, uint32_t address, const void *data, size_t size)
{
	must(image_add(&f->img, address, data, size, true, &f->scratch->err), &f->scratch->err);
}

static void add_words(struct fixture *f, uint32_t address, const uint32_t *words, size_t count)
{
	uint8_t bytes[64];

	assert_true(4 * count <= sizeof(bytes));
	for (size_t i = 0; i < count; i++)
		put_le32(bytes + 4 * i, words[i]);
	add(f, address, bytes, 4 * count);
}

/* Stack, reset vector, and bytes behind them: 64 in all. */
static void add_program(struct fixture *f, uint32_t address, uint32_t sp, uint32_t reset)
{
	const uint32_t words[16] = { sp, reset };

	add_words(f, address, words, ARRAY_SIZE(words));
}

/* Every finding has a name that --allow takes. */
static void check(struct fixture *f)
{
	findings_free(&f->found);
	image_check(&f->img, &f->target, &f->found);
	for (size_t i = 0; i < f->found.count; i++)
		assert_true(image_check_has_name(f->found.items[i].name));
}

static const struct finding *find(struct fixture *f, const char *name)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < f->found.count; i++) {
		if (strcmp(f->found.items[i].name, name) != 0)
			continue;
		if (found)
			fail_msg("'%s' was found twice", name);
		found = &f->found.items[i];
	}
	return found;
}

static void expect(struct fixture *f, const char *name, enum finding_level level, const char *words)
{
	const struct finding *found;

	check(f);
	found = find(f, name);
	if (!found) {
		fail_msg("no '%s' in %zu findings", name, f->found.count);
		return;
	}
	if (found->level != level)
		fail_msg("%s: %s", finding_level_name(found->level), found->text);
	assert_contains(found->text, words);
}

static void expect_none(struct fixture *f, const char *name)
{
	const struct finding *found;

	check(f);
	found = find(f, name);
	if (found)
		fail_msg("%s: %s", name, found->text);
}

static void set_chip(struct fixture *f, const char *name)
{
	f->target.chip = chip_by_name(name);
	assert_non_null(f->target.chip);
}

static void set_family(struct fixture *f, const char *name)
{
	assert_true(uf2_family_by_name(name, &f->img.uf2_family));
}

/* --- any image ---------------------------------------------------------------------------------------------------- */

static void test_an_image_without_bytes_is_empty(void **state)
{
	struct fixture *f = *state;

	expect(f, "empty", FINDING_ERROR, "no bytes");
	add(f, 0, "x", 1);
	expect_none(f, "empty");
}

static void test_of_what_is_not_known_nothing_is_said(void **state)
{
	struct fixture *f = *state;

	add(f, 0x12345678, "anything", 8);
	check(f);
	assert_int_equal(f->found.count, 0);
	assert_int_equal(findings_worst(&f->found), FINDING_OK);
}

/* --- which chip ------------------------------------------------------------------------------------------------------ */

static void test_chip_that_the_file_states(void **state)
{
	struct fixture *f = *state;

	add(f, 0, "x", 1);
	f->img.chip = "esp32s3";
	set_chip(f, "esp32s3");
	expect(f, "chip", FINDING_OK, "for the ESP32-S3");
	set_chip(f, "esp32");
	expect(f, "chip", FINDING_ERROR, "the image is for the ESP32-S3, BOARD has the ESP32");
}

static void test_chip_that_the_banner_names(void **state)
{
	static const char banner[] = "PYBv1.1 with STM32F405RG";
	struct fixture *f = *state;

	add(f, 0x08000000, banner, sizeof(banner));
	set_chip(f, "stm32f4");
	expect(f, "chip", FINDING_OK, "for the STM32F4");
	set_chip(f, "stm32h7");
	expect(f, "chip", FINDING_WARNING, "probably for the STM32F4, BOARD has the STM32H7");
}

static void test_a_kind_of_chip_is_enough(void **state)
{
	struct fixture *f = *state;

	add(f, 0, "x", 1);
	f->img.chip = "nrf52840";
	set_chip(f, "nrf52");
	expect(f, "chip", FINDING_OK, "nRF52840");
}

static void test_machine_of_an_elf(void **state)
{
	struct fixture *f = *state;

	add(f, 0, "x", 1);
	f->img.machine = CHIP_XTENSA;
	set_chip(f, "esp32");
	expect_none(f, "chip");
	set_chip(f, "esp32c3");
	expect(f, "chip", FINDING_ERROR, "Xtensa code, the ESP32-C3 of BOARD runs RISC-V");
	set_chip(f, "rp2350"); /* both ARM and RISC-V */
	expect_none(f, "chip");
}

static void test_family(void **state)
{
	struct fixture *f = *state;

	add(f, 0x4000, "x", 1);
	set_chip(f, "samd51");
	expect_none(f, "family");
	set_family(f, "samd51");
	f->target.uf2_family = f->img.uf2_family;
	expect(f, "family", FINDING_OK, "samd51");
	set_family(f, "samd21");
	expect(f, "family", FINDING_ERROR, "'samd21' is that of the SAMD21, BOARD has the SAMD51");
	f->target.chip = NULL;
	expect(f, "family", FINDING_WARNING, "'samd21', the boot loader of BOARD takes 'samd51'");
	f->img.uf2_family = 0x12345678;
	expect(f, "family", FINDING_WARNING, "0x12345678");
	f->target.uf2_family = 0;
	expect_none(f, "family");
}

static void test_another_family_of_the_same_chip(void **state)
{
	struct fixture *f = *state;

	add(f, 0x08000000, "x", 1);
	set_chip(f, "stm32f4");
	set_family(f, "stm32f4");
	f->target.uf2_family = f->img.uf2_family;
	set_family(f, "stm32f407");
	expect(f, "family", FINDING_WARNING,
	       "'stm32f407', the boot loader of BOARD takes 'stm32f4'");
}

/* --- where ----------------------------------------------------------------------------------------------------------- */

static void test_address(void **state)
{
	struct fixture *f = *state;

	set_chip(f, "samd21");
	add(f, 0x0003fff0, "0123456789abcdef", 16);
	expect(f, "address", FINDING_OK, "inside");
	add(f, 0x00040000, "abc", 3);
	expect(f, "address", FINDING_ERROR, "0x00040000-0x00040002 (3 bytes) is outside");
	f->target.flash = (struct image_region){ "flash", 0x2000, 0x3fff8 };
	expect(f, "address", FINDING_ERROR, "0x0003fff8-0x00040002 (11 bytes) is outside");
}

static void test_address_before_and_behind(void **state)
{
	struct fixture *f = *state;

	set_chip(f, "stm32f4");
	add(f, 0x07ffffff, "abc", 3);
	add(f, 0xffffffff, "z", 1);
	expect(f, "address", FINDING_ERROR, "0x07ffffff-0xffffffff (2 bytes) is outside");
}

static void test_address_in_ram_is_a_warning(void **state)
{
	struct fixture *f = *state;

	set_chip(f, "rp2040");
	add(f, 0x20000000, "abc", 3);
	expect(f, "address", FINDING_WARNING, "0x20000000-0x20000002 (3 bytes) is RAM");
}

static void test_what_is_written_like_flash_is_inside(void **state)
{
	struct fixture *f = *state;

	set_chip(f, "nrf51");
	f->target.flash = (struct image_region){ "flash", 0, 0x40000 };
	add(f, 0x100010c0, "UICR", 4);
	expect(f, "address", FINDING_OK, "inside");
}

static void test_protected(void **state)
{
	static const struct image_region keep[] = { { "boot loader", 0, 0x2000 },
						    { "settings", 0x3f000, 0x40000 } };
	static const char *const allow[] = { "filesystem", "protected", NULL };
	struct fixture *f = *state;

	f->target.protect = keep;
	f->target.protect_count = 1;
	add(f, 0x2000, "abcd", 4);
	expect(f, "protected", FINDING_OK, "left alone");
	add(f, 0x1ffe, "ab", 2);
	expect(f, "protected", FINDING_ERROR,
	       "0x00001ffe-0x00001fff (2 bytes) would overwrite the boot loader at "
	       "0x00000000-0x00001fff");
	f->target.allow = allow;
	expect(f, "protected", FINDING_WARNING, "would overwrite");
	f->target.allow = allow + 2;
	f->target.protect_count = 2;
	expect(f, "protected", FINDING_ERROR, "boot loader");
	add(f, 0x3f000, "x", 1);
	check(f);
	assert_int_equal(findings_worst(&f->found), FINDING_ERROR);
	assert_int_equal(f->found.count, 2);
	assert_contains(f->found.items[1].text, "0x0003f000-0x0003f000 (1 bytes)");
}

static void test_softdevice(void **state)
{
	static const struct image_region keep = { "softdevice", 0x1000, 0x27000 };
	static const struct image_region settings = { "settings", 0xff000, 0x100000 };
	struct fixture *f = *state;

	f->target.protect = &keep;
	f->target.protect_count = 1;
	f->target.has_base = true;
	f->target.base = 0x27000;
	add(f, 0x27000, "program", 8);
	expect_none(f, "softdevice");
	add(f, 0x26000, "program", 8);
	expect(f, "softdevice", FINDING_ERROR,
	       "0x00026000-0x00026007 (8 bytes) would overwrite the softdevice");
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add(f, 0x28000, "program", 8);
	expect(f, "softdevice", FINDING_ERROR,
	       "starts at 0x00028000, the SoftDevice of BOARD ends at 0x00027000");
	f->target.protect = &settings;
	expect_none(f, "softdevice");
}

static void test_filesystem(void **state)
{
	static const struct image_region files = { "filesystem", 0x08004000, 0x08020000 };
	static const char *const allow[] = { "filesystem", NULL };
	struct fixture *f = *state;

	f->target.filesystem = &files;
	f->target.filesystem_count = 1;
	add(f, 0x08000000, "vectors", 8);
	add(f, 0x08020000, "code", 4);
	expect(f, "filesystem", FINDING_OK, "left alone");
	add(f, 0x08004000, "xy", 2);
	expect(f, "filesystem", FINDING_ERROR,
	       "0x08004000-0x08004001 (2 bytes) would overwrite the user's files at "
	       "0x08004000-0x0801ffff");
	f->target.allow = allow;
	expect(f, "filesystem", FINDING_WARNING, "files");
}

static void test_id_code(void **state)
{
	static const uint8_t ones[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const char *const allow[] = { "id-code", NULL };
	struct fixture *f = *state;

	set_chip(f, "ra6m1");
	add(f, 0, "program", 8);
	expect_none(f, "id-code");
	add(f, 0x0100a150, ones, 15);
	expect(f, "id-code", FINDING_NOTE, "0x0100a150");
	add(f, 0x0100a15f, "", 1);
	expect(f, "id-code", FINDING_ERROR, "the ID code at 0x0100a150 is not all ones");
	expect(f, "address", FINDING_OK, "inside");
	f->target.allow = allow;
	expect(f, "id-code", FINDING_WARNING, "locked out");
}

/* --- what boot ROMs want ----------------------------------------------------------------------------------------------- */

static void vectors(struct fixture *f, uint32_t sp, uint32_t reset, enum finding_level level,
		    const char *words)
{
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add_program(f, 0x08000000, sp, reset);
	expect(f, "vectors", level, words);
}

static void test_vectors(void **state)
{
	struct fixture *f = *state;

	set_chip(f, "stm32f4");
	vectors(f, 0x20020000, 0x08000021, FINDING_OK, "0x08000000 starts at 0x08000021");
	vectors(f, 0x20050000, 0x08000021, FINDING_OK, "starts"); /* the end of the RAM */
	vectors(f, 0x20050004, 0x08000021, FINDING_ERROR, "stack at 0x20050004, where the STM32F4");
	vectors(f, 0x20000000, 0x08000021, FINDING_ERROR,
		"stack at 0x20000000"); /* nothing below */
	vectors(f, 0x20020002, 0x08000021, FINDING_ERROR, "stack at 0x20020002"); /* no word */
	vectors(f, 0, 0, FINDING_ERROR, "stack at 0x00000000");
	vectors(f, 0xffffffff, 0xffffffff, FINDING_ERROR, "stack at 0xffffffff");
	vectors(f, 0x10010000, 0x08000020, FINDING_ERROR, "0x08000004 is 0x08000020: even");
	vectors(f, 0x10010000, 0x0800003f, FINDING_OK, "starts");
	vectors(f, 0x10010000, 0x08000041, FINDING_ERROR, "0x08000041, outside of the image");
	vectors(f, 0x10010000, 0xffffffff, FINDING_ERROR, "0xffffffff, outside of the image");
}

static void test_vectors_are_where_the_board_starts_its_firmware(void **state)
{
	struct fixture *f = *state;

	set_chip(f, "stm32h7");
	f->target.has_base = true;
	f->target.base = 0x08040000;
	add_program(f, 0x08040000, 0x24080000, 0x08040021);
	expect(f, "vectors", FINDING_OK, "0x08040000");
	f->target.base = 0x08020000;
	expect(f, "vectors", FINDING_WARNING, "no vector table at 0x08020000");
}

static void test_vectors_of_a_guessed_chip_are_a_warning(void **state)
{
	static const char banner[] = "PYBv1.1 with STM32F405RG";
	struct fixture *f = *state;

	add_program(f, 0x08000000, 0x30000000, 0x08000021);
	add(f, 0x08000100, banner, sizeof(banner));
	expect(f, "vectors", FINDING_WARNING, "stack");
}

static void make_rp2040(struct fixture *f, uint32_t change)
{
	uint8_t boot2[256] = "the second stage";

	put_le32(boot2 + 252, boot2_crc(boot2, 252) ^ change);
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add(f, 0x10000000, boot2, sizeof(boot2));
	add_program(f, 0x10000100, 0x20042000, 0x10000121);
}

static void test_boot2_crc(void **state)
{
	struct fixture *f = *state;

	make_rp2040(f, 0);
	expect(f, "boot2-crc", FINDING_OK, "right"); /* it proves the chip by itself */
	expect(f, "vectors", FINDING_OK, "0x10000100");
	make_rp2040(f, 1);
	expect_none(f, "boot2-crc");
	set_chip(f, "rp2040");
	expect(f, "boot2-crc", FINDING_ERROR, "the CRC at 0x100000fc is ");
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add(f, 0x10000000, "abc", 3);
	expect(f, "boot2-crc", FINDING_ERROR, "ends inside of its boot2");
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add(f, 0x10100000, "files", 5); /* not the start of the flash: a file system, say */
	expect_none(f, "boot2-crc");
	expect_none(f, "vectors");
}

static void block(struct fixture *f, uint32_t item, enum finding_level level, const char *words)
{
	const uint32_t words_of[] = { 0xffffded3, item, 0x01ff, 0, 0xab123579 };

	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add_program(f, 0x10000000, 0x20082000, 0x10000021);
	add_words(f, 0x10000110, words_of, ARRAY_SIZE(words_of));
	expect(f, "image-block", level, words);
}

static void test_image_block(void **state)
{
	struct fixture *f = *state;

	set_chip(f, "rp2350");
	block(f, 0x10210142, FINDING_OK, "0x10000110 is of a program for the RP2350's ARM cores");
	block(f, 0x11010142, FINDING_OK, "RISC-V cores");
	block(f, 0x10020142, FINDING_WARNING, "data");
	block(f, 0x00210142, FINDING_ERROR, "another chip");
	block(f, 0x00000141, FINDING_NOTE, "does not say");
	block(f, 0x00000042, FINDING_ERROR, "no image block in 0x10000000-0x10000fff");
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add(f, 0x10100000, "files", 5);
	expect_none(f, "image-block");
}

static void test_esp_offset(void **state)
{
	struct fixture *f = *state;

	set_chip(f, "esp32");
	add(f, 0x1000, "\xe9\x04", 2);
	expect(f, "esp-offset", FINDING_OK, "0x1000, where the ESP32 looks");
	set_chip(f, "esp32c5");
	expect(f, "esp-offset", FINDING_ERROR,
	       "at 0x1000, but the ESP32-C5 looks for it at 0x2000");
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add(f, 0x10000, "\xe9\x04", 2); /* an application */
	expect_none(f, "esp-offset");
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add(f, 0x0, "files", 5);
	expect_none(f, "esp-offset");
}

/* "micropython.bin": with the port's base it would lie over the boot loader. */
static void test_an_esp_app_alone_is_no_boot_image(void **state)
{
	struct fixture *f = *state;
	AUTO_STRBUF app = STRBUF_INIT;

	set_chip(f, "esp32s3");
	esp_app_image(&app, 9, 2000);
	add(f, 0x0, app.buf, app.len);
	expect(f, "esp-offset", FINDING_ERROR,
	       "an application alone is at 0x0, where the ESP32-S3's boot image belongs");
	image_free(&f->img);
	f->img = (struct image)IMAGE_INIT;
	add(f, 0x10000, app.buf, app.len);
	expect_none(f, "esp-offset");
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_image_without_bytes_is_empty),
		TEST(of_what_is_not_known_nothing_is_said),
		TEST(chip_that_the_file_states),
		TEST(chip_that_the_banner_names),
		TEST(a_kind_of_chip_is_enough),
		TEST(machine_of_an_elf),
		TEST(family),
		TEST(another_family_of_the_same_chip),
		TEST(address),
		TEST(address_before_and_behind),
		TEST(address_in_ram_is_a_warning),
		TEST(what_is_written_like_flash_is_inside),
		TEST(protected),
		TEST(softdevice),
		TEST(filesystem),
		TEST(id_code),
		TEST(vectors),
		TEST(vectors_are_where_the_board_starts_its_firmware),
		TEST(vectors_of_a_guessed_chip_are_a_warning),
		TEST(boot2_crc),
		TEST(image_block),
		TEST(esp_offset),
		TEST(an_esp_app_alone_is_no_boot_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
