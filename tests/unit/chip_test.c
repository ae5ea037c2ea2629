/* SPDX-License-Identifier: MIT
 *
 * The table of chips, and how the chip of an image is told.
 */
#include <string.h>

#include "base/xalloc.h"
#include "image/chip.h"
#include "image/crc.h"
#include "image/le.h"
#include "image/uf2_family.h"
#include "image_helpers.h"
#include "scratch.h"

static void test_the_table_is_sorted_and_its_names_are_unique(void **state)
{
	(void)state;
	for (const struct chip *c = chips; c->name; c++) {
		assert_ptr_equal(chip_by_name(c->name), c);
		if (c[1].name && strcmp(c->name, c[1].name) >= 0)
			fail_msg("%s stands before %s", c->name, c[1].name);
	}
}

static void test_what_a_chip_has_makes_sense(void **state)
{
	(void)state;
	for (const struct chip *c = chips; c->name; c++) {
		for (size_t i = 0; i < CHIP_FLASH; i++)
			assert_true(c->flash[i].start <= c->flash[i].end);
		for (size_t i = 0; i < CHIP_RAM; i++)
			assert_true(c->ram[i].start <= c->ram[i].end);
		if (c->boot == CHIP_BOOT_VECTORS)
			assert_true(c->ram[0].end && c->flash[0].end);
		if (c->boot == CHIP_BOOT_ESP && strcmp(c->name, "esp8266") != 0)
			assert_ptr_equal(chip_by_esp_id(c->esp_id), c);
		else
			assert_int_equal(c->esp_id, -1);
		if (c->id_code.end)
			assert_true(chip_range_has(c->flash, CHIP_FLASH, c->id_code.start));
		if (c->kind)
			assert_true(chip_matches(c, chip_by_name(c->kind)));
	}
	assert_null(chip_by_esp_id(-1));
	assert_null(chip_by_esp_id(4711));
}

/* All words of the 225 board.json files of MicroPython in November 2026. */
static void test_every_mcu_word_of_micropython_has_its_chip(void **state)
{
	static const struct {
		const char *port, *mcu, *chip;
	} words[] = {
		{ "alif", "AE722F80F55D5XX", "alif-e7" },
		{ "cc3200", "cc3200", "cc3200" },
		{ "esp32", "esp32", "esp32" },
		{ "esp32", "esp32c2", "esp32c2" },
		{ "esp32", "esp32c3", "esp32c3" },
		{ "esp32", "esp32c5", "esp32c5" },
		{ "esp32", "esp32c6", "esp32c6" },
		{ "esp32", "esp32h2", "esp32h2" },
		{ "esp32", "esp32p4", "esp32p4" },
		{ "esp32", "esp32s2", "esp32s2" },
		{ "esp32", "esp32s3", "esp32s3" },
		{ "esp8266", "esp8266", "esp8266" },
		{ "mimxrt", "mimxrt", "mimxrt" },
		{ "nrf", "nrf51", "nrf51" },
		{ "nrf", "nrf52", "nrf52" },
		{ "nrf", "nrf91", "nrf91" },
		{ "psoc-edge", "PSE846GPS2DBZC4", "pse84" },
		{ "renesas-ra", "RA6M5", "ra6m5" },
		{ "renesas-ra", "ra4m1", "ra4m1" },
		{ "renesas-ra", "ra4w1", "ra4w1" },
		{ "renesas-ra", "ra6m1", "ra6m1" },
		{ "renesas-ra", "ra6m2", "ra6m2" },
		{ "renesas-ra", "ra6m5", "ra6m5" },
		{ "rp2", "rp2040", "rp2040" },
		{ "rp2", "rp2350", "rp2350" },
		{ "samd", "samd21", "samd21" },
		{ "samd", "samd51", "samd51" },
		{ "stm32", "stm32f0", "stm32f0" },
		{ "stm32", "stm32f4", "stm32f4" },
		{ "stm32", "stm32f411", "stm32f4" },
		{ "stm32", "stm32f7", "stm32f7" },
		{ "stm32", "stm32g0", "stm32g0" },
		{ "stm32", "stm32g4", "stm32g4" },
		{ "stm32", "stm32h5", "stm32h5" },
		{ "stm32", "stm32h7", "stm32h7" },
		{ "stm32", "stm32l0", "stm32l0" },
		{ "stm32", "stm32l1", "stm32l1" },
		{ "stm32", "stm32l4", "stm32l4" },
		{ "stm32", "stm32u5", "stm32u5" },
		{ "stm32", "stm32wb", "stm32wb" },
		{ "stm32", "stm32wl", "stm32wl" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const struct chip *c = chip_by_mcu(words[i].port, words[i].mcu);

		if (!c)
			fail_msg("%s %s has no chip", words[i].port, words[i].mcu);
		else
			assert_string_equal(c->name, words[i].chip);
	}
}

static void test_an_unknown_word_has_none(void **state)
{
	(void)state;
	assert_null(chip_by_mcu("stm32", "stm32q9"));
	assert_null(chip_by_mcu("rp2", "stm32f4"));
	assert_null(chip_by_mcu("esp32", "esp32s9"));
	assert_null(chip_by_mcu("esp32", "esp3"));
	assert_null(chip_by_mcu("qemu", ""));
	assert_null(chip_by_name("stm32"));
	assert_string_equal(chip_by_name("STM32F4")->name, "stm32f4");
}

static void test_uf2_families_of_the_ports_have_their_chip(void **state)
{
	static const struct {
		const char *family, *chip;
	} families[] = {
		{ "esp32", "esp32" },           { "esp32c2", "esp32c2" },
		{ "esp32c3", "esp32c3" },       { "esp32c5", "esp32c5" },
		{ "esp32c6", "esp32c6" },       { "esp32c61", "esp32c61" },
		{ "esp32h2", "esp32h2" },       { "esp32p4", "esp32p4" },
		{ "esp32s2", "esp32s2" },       { "esp32s3", "esp32s3" },
		{ "esp8266", "esp8266" },       { "mimxrt10xx", "mimxrt" },
		{ "nrf52", "nrf52" },           { "nrf52832xxaa", "nrf52832" },
		{ "nrf52832xxab", "nrf52832" }, { "nrf52833", "nrf52833" },
		{ "nrf52840", "nrf52840" },     { "ra4m1", "ra4m1" },
		{ "rp2-absolute", "rp2350" },   { "rp2-data", "rp2350" },
		{ "rp2040", "rp2040" },         { "rp2350-arm-ns", "rp2350" },
		{ "rp2350-arm-s", "rp2350" },   { "rp2350-riscv", "rp2350" },
		{ "samd21", "samd21" },         { "samd51", "samd51" },
		{ "stm32f0", "stm32f0" },       { "stm32f2", "stm32f2" },
		{ "stm32f4", "stm32f4" },       { "stm32f407", "stm32f4" },
		{ "stm32f407vg", "stm32f4" },   { "stm32f411xc", "stm32f4" },
		{ "stm32f411xe", "stm32f4" },   { "stm32f7", "stm32f7" },
		{ "stm32g0", "stm32g0" },       { "stm32g4", "stm32g4" },
		{ "stm32h5", "stm32h5" },       { "stm32h7", "stm32h7" },
		{ "stm32l0", "stm32l0" },       { "stm32l1", "stm32l1" },
		{ "stm32l4", "stm32l4" },       { "stm32wb", "stm32wb" },
		{ "stm32wl", "stm32wl" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		uint32_t id;

		assert_true(uf2_family_by_name(families[i].family, &id));
		assert_non_null(chip_by_uf2_family(id));
		assert_string_equal(chip_by_uf2_family(id)->name, families[i].chip);
	}
	assert_null(chip_by_uf2_family(0));
	assert_null(chip_by_uf2_family(0x12345678));
}

static void test_a_kind_matches_its_members_only(void **state)
{
	(void)state;
	assert_true(chip_matches(chip_by_name("nrf52"), chip_by_name("nrf52840")));
	assert_true(chip_matches(chip_by_name("mimxrt1176"), chip_by_name("mimxrt")));
	assert_false(chip_matches(chip_by_name("nrf52832"), chip_by_name("nrf52840")));
	assert_false(chip_matches(chip_by_name("esp32"), chip_by_name("esp32s3")));
}

/* --- the chip of an image ---------------------------------------------------------------------------------------- */

static void add_bytes(struct scratch *s, struct image *img, uint32_t address, const void *data,
		      size_t size)
{
	must(image_add(img, address, data, size, true, &s->err), &s->err);
}

static void assert_chip(const struct image *img, const char *name, bool certain)
{
	bool sure;
	const struct chip *c = chip_of_image(img, &sure);

	assert_string_equal(c ? c->name : "none", name);
	assert_int_equal(sure, certain);
}

static void test_a_stated_chip_is_certain(void **state)
{
	struct scratch *s = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	assert_chip(&img, "none", false);
	add_bytes(s, &img, 0, "abcd", 4);
	assert_chip(&img, "none", false);
	assert_true(uf2_family_by_name("samd51", &img.uf2_family));
	assert_chip(&img, "samd51", true);
	img.chip = "esp32s3";
	assert_chip(&img, "esp32s3", true);
}

/* 123456789 is the check of CRC catalogues for CRC-32/MPEG-2. */
static void test_boot2_proves_an_rp2040(void **state)
{
	struct scratch *s = *state;
	AUTO_IMAGE good = IMAGE_INIT, bad = IMAGE_INIT;
	uint8_t boot2[256] = "the second stage";

	assert_int_equal(boot2_crc((const uint8_t *)"123456789", 9), 0x0376e6e7);
	put_le32(boot2 + 252, boot2_crc(boot2, 252));
	add_bytes(s, &good, 0x10000000, boot2, sizeof(boot2));
	assert_chip(&good, "rp2040", true);
	boot2[0] ^= 1;
	add_bytes(s, &bad, 0x10000000, boot2, sizeof(boot2));
	assert_chip(&bad, "none", false);
}

/* What pico-sdk's embedded_start_block puts behind the vector table; 0x1021: a program, secure, for the RP2350. */
static void add_block(struct scratch *s, struct image *img, uint32_t at, uint16_t type)
{
	uint32_t words[] = { 0xffffded3, 0x0142 | (uint32_t)type << 16, 0x01ff, 0, 0xab123579 };
	uint8_t bytes[sizeof(words)];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		put_le32(bytes + 4 * i, words[i]);
	add_bytes(s, img, 0x10000000, "vectors", 8);
	add_bytes(s, img, at, bytes, sizeof(bytes));
}

static void test_an_image_block_proves_an_rp2350(void **state)
{
	struct scratch *s = *state;
	AUTO_IMAGE arm = IMAGE_INIT, riscv = IMAGE_INIT, old = IMAGE_INIT, far = IMAGE_INIT;

	add_block(s, &arm, 0x10000110, 0x1021);
	assert_chip(&arm, "rp2350", true);
	add_block(s, &riscv, 0x10000ff0 - 4, 0x1101);
	assert_chip(&riscv, "rp2350", true);
	add_block(s, &old, 0x10000110, 0x0021);
	assert_chip(&old, "rp2040", true);
	add_block(s, &far, 0x10000ff0, 0x1021);
	assert_chip(&far, "none", false);
	far.uf2_family = 0xe48bff57; /* absolute: only an RP2350 takes it */
	assert_chip(&far, "rp2350", true);
	old.uf2_family = 0xe48bff57; /* but content speaks first */
	assert_chip(&old, "rp2040", true);
}

static void test_broken_blocks_prove_nothing(void **state)
{
	static const uint32_t blocks[][5] = {
		{ 0xffffded3, 0x10210042, 0x01ff, 0, 0xab123579 }, /* an item of no size */
		{ 0xffffded3, 0x10210142, 0x01ff, 0, 0xab123578 }, /* another end */
		{ 0xffffded3, 0x1021ff42, 0x01ff, 0, 0xab123579 }, /* an item past the end */
		{ 0xffffded3, 0xffff0180, 0x01ff, 0, 0xab123579 },
	};
	struct scratch *s = *state;

	for (size_t n = 0; n < ARRAY_SIZE(blocks); n++) {
		AUTO_IMAGE img = IMAGE_INIT;
		uint8_t bytes[20];

		for (size_t i = 0; i < 5; i++)
			put_le32(bytes + 4 * i, blocks[n][i]);
		for (size_t i = 4; i <= sizeof(bytes); i += 4) {
			AUTO_IMAGE cut = IMAGE_INIT;

			add_bytes(s, &cut, 0x10000000, bytes, i);
			assert_chip(&cut, "none", false);
		}
		add_bytes(s, &img, 0x10000000, bytes, sizeof(bytes));
		assert_chip(&img, "none", false);
	}
}

static void assert_banner(struct scratch *s, const char *text, size_t size, const char *chip,
			  const char *board)
{
	AUTO_IMAGE img = IMAGE_INIT;
	char name[32];

	add_bytes(s, &img, 0x08000000, text, size);
	assert_chip(&img, chip, false);
	chip_of_banner(&img, name, sizeof(name));
	assert_string_equal(name, board);
}
#define BANNER(s, text, chip, board) assert_banner((s), (text), sizeof(text), (chip), (board))

static void test_a_banner_names_the_chip_perhaps(void **state)
{
	struct scratch *s = *state;

	BANNER(s, "..\0PYBv1.1 with STM32F405RG", "stm32f4", "PYBv1.1");
	BANNER(s, "MicroPython v1.9 on 2017-09-01; micro:bit v1.0.1 with nRF51822\r\nType", "nrf51",
	       "micro:bit v1.0.1");
	BANNER(s, "\0Generic ESP32 module with SPIRAM with ESP32", "esp32",
	       "Generic ESP32 module with SPIRA"); /* 31 bytes have room */
	BANNER(s, "Teensy 4.0 with MIMXRT1062DVJ6A", "mimxrt1062", "Teensy 4.0");
	BANNER(s, "X with ESP32S3", "esp32s3", "X");
	BANNER(s, "X with ESP32Q", "none", "");
	BANNER(s, "a sensor with RP2040 and more", "none", "");
	BANNER(s, "\0 with RP2040", "none", "");
	BANNER(s, "with RP2040", "none", "");
	assert_banner(s, "X with RP2040", 13, "none", ""); /* cut off at the end of the image */
	assert_banner(s, "X with ", 7, "none", "");
}

/* --- where a raw binary goes ---------------------------------------------------------------------------------------- */

enum { FUNCTIONS = 20, PROGRAM = 0x100 + 16 * FUNCTIONS };

/* A vector table, `count` pointers behind it, and functions that they point to when the program is at `base`. */
static void make_program(uint8_t *out, uint32_t base, size_t count)
{
	memset(out, 0, PROGRAM);
	put_le32(out, 0x20002000);
	put_le32(out + 4, base + 0x101);
	for (size_t i = 0; i < FUNCTIONS; i++) {
		/* not evenly spaced: a shifted program does not fit as well */
		size_t at = 0x100 + 16 * i + 2 * (i * i % 7);

		put_le16(out + at, 0xb510);
		if (i < count)
			put_le32(out + 0x40 + 4 * i, (uint32_t)(base + at + 1));
	}
}

static void assert_base(const uint8_t *data, size_t size, bool known, uint32_t base)
{
	uint32_t got = 0;

	assert_int_equal(image_guess_base(data, size, &got), known);
	if (known)
		assert_int_equal(got, base);
}

static void test_pointers_to_functions_tell_the_base(void **state)
{
	static const uint32_t bases[] = { 0, 0x2000, 0x27000, 0x08000000, 0x08005000, 0x08040000 };
	uint8_t program[PROGRAM];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++) {
		make_program(program, bases[i], FUNCTIONS);

		assert_base(program, sizeof(program), true, bases[i]);
	}
}

static void test_without_pointers_a_vector_table_speaks_for_an_stm32(void **state)
{
	uint8_t program[PROGRAM];

	(void)state;
	make_program(program, 0x08000000, 3);
	assert_base(program, sizeof(program), true, 0x08000000);
	make_program(program, 0x08008000, 3);
	assert_base(program, sizeof(program), false, 0); /* not there, and nothing says where */
	make_program(program, 0, 3);
	assert_base(program, sizeof(program), false, 0);
	make_program(program, 0x08000000, FUNCTIONS);
	put_le32(program, 0x30000000);
	assert_base(program, sizeof(program), false, 0);
	for (size_t size = 0; size < 64; size++)
		assert_base(program, size, false, 0);
}

static void test_what_proves_a_chip_tells_the_base(void **state)
{
	static const char banner[] = "Feather M0 with SAMD21G18A";
	uint8_t bytes[256] = "the second stage", program[PROGRAM];

	(void)state;
	put_le32(bytes + 252, boot2_crc(bytes, 252));
	assert_base(bytes, sizeof(bytes), true, 0x10000000);
	bytes[0] ^= 1;
	assert_base(bytes, sizeof(bytes), false, 0);
	make_program(program, 0x2000, 0);
	memcpy(program + 0x100, banner, sizeof(banner));
	assert_base(program, sizeof(program), true, 0x2000);
	program[0] = 1; /* no stack: a banner alone may be in any file */
	assert_base(program, sizeof(program), false, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_table_is_sorted_and_its_names_are_unique),
		TEST(what_a_chip_has_makes_sense),
		TEST(every_mcu_word_of_micropython_has_its_chip),
		TEST(an_unknown_word_has_none),
		TEST(uf2_families_of_the_ports_have_their_chip),
		TEST(a_kind_matches_its_members_only),
		TEST(a_stated_chip_is_certain),
		TEST(boot2_proves_an_rp2040),
		TEST(an_image_block_proves_an_rp2350),
		TEST(broken_blocks_prove_nothing),
		TEST(a_banner_names_the_chip_perhaps),
		TEST(pointers_to_functions_tell_the_base),
		TEST(without_pointers_a_vector_table_speaks_for_an_stm32),
		TEST(what_proves_a_chip_tells_the_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
