/* SPDX-License-Identifier: MIT
 *
 * ELF executables, written. What binutils reads in them is in tests/cli/convert-elf.t.
 */
#include "image_helpers.h"

#include "image/elf.h"
#include "image/le.h"
#include "image/uf2_family.h"

static void make_image(struct image *img)
{
	add_pattern(img, 0x08000000, 401);
	add_pattern(img, 0x08020000, 7);
	img->machine = EM_ARM;
}

static void test_what_was_written_is_read(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	make_image(&img);
	img.has_entry = true;
	img.entry = 0x08000131;
	write_image(&img, "elf", &out, NULL);
	read_image(&back, "elf", out.buf, out.len, &no_options);
	assert_same_segments(&img, &back);
	assert_same_digest(&img, &back);
	assert_int_equal(back.machine, EM_ARM);
	assert_true(back.has_entry);
	assert_int_equal(back.entry, 0x08000131);
}

static void test_an_image_without_an_entry_states_none(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	make_image(&img);
	write_image(&img, "elf", &out, NULL);
	read_image(&back, "elf", out.buf, out.len, &no_options);
	assert_false(back.has_entry);
}

static void test_the_entry_can_be_given(void **state)
{
	const struct image_options opt = { .has_entry = true, .entry = 0x08000001 };
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;

	(void)state;
	make_image(&img);
	img.has_entry = true;
	img.entry = 0x08000131;
	write_image(&img, "elf", &out, &opt);
	read_image(&back, "elf", out.buf, out.len, &no_options);
	assert_int_equal(back.entry, 0x08000001);
}

static void assert_family_machine(uint32_t family, uint16_t machine)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;

	add_pattern(&img, 0x10000000, 300);
	img.uf2_family = family;
	write_image(&img, "elf", &out, NULL);
	assert_int_equal(get_le16((const uint8_t *)out.buf + 18), machine);
}

static void test_the_family_says_which_of_two_processors(void **state)
{
	(void)state;
	assert_family_machine(UF2_FAMILY_RP2350_ARM_S, EM_ARM);
	assert_family_machine(UF2_FAMILY_RP2350_ARM_NS, EM_ARM);
	assert_family_machine(UF2_FAMILY_RP2350_RISCV, EM_RISCV);
}

static void test_a_processor_must_be_known(void **state)
{
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x12345678, 4);
	assert_unwritable(&img, "elf", NULL, "this image does not say which it is for", "--chip");
}

static void test_section_numbers_have_an_end(void **state)
{
	static const uint8_t byte;
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE back = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	(void)state;
	img.machine = EM_RISCV;
	for (uint32_t i = 0; i < 65278; i++)
		assert_true(image_add(&img, i * 2, &byte, 1, false, &e));
	write_image(&img, "elf", &out, NULL);
	read_image(&back, "elf", out.buf, out.len, &no_options);
	assert_int_equal(back.count, 65278);
	assert_true(image_add(&img, 0x80000000, &byte, 1, false, &e));
	assert_unwritable(&img, "elf", NULL, "no room for 65279 parts; 65278 is the limit",
			  "hold any number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_written_is_read),
		cmocka_unit_test(test_an_image_without_an_entry_states_none),
		cmocka_unit_test(test_the_entry_can_be_given),
		cmocka_unit_test(test_the_family_says_which_of_two_processors),
		cmocka_unit_test(test_a_processor_must_be_known),
		cmocka_unit_test(test_section_numbers_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
