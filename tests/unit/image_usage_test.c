/* SPDX-License-Identifier: MIT
 *
 * Memory use: regions of a linker's map, sections counted into them, and changes.
 */
#include "image_helpers.h"

#include "image/usage.h"

static const struct name_slice no_name = { "", 0 };

static bool read_map(struct usage_regions *r, const char *text)
{
	return usage_regions_of_map(r, (const uint8_t *)text, strlen(text));
}

static struct name_slice slice(const char *text)
{
	return (struct name_slice){ text, strlen(text) };
}

static void assert_region(const struct usage_region *r, const char *name, uint64_t start,
			  uint64_t size)
{
	struct name_slice want = slice(name);

	assert_int_equal(name_slice_compare(&r->name, &want), 0);
	assert_int_equal(r->start, start);
	assert_int_equal(r->size, size);
}

static void test_the_map_has_regions(void **state)
{
	AUTO_REGIONS r = { 0 };

	(void)state;
	assert_true(read_map(&r,
			     "Discarded input sections\r\n\nMemory Configuration\n\n"
			     "Name             Origin             Length             Attributes\n"
			     "FLASH            0x08000000         0x00200000         xr\n"
			     "RAM              0x0000000020000000 0x00000000000a0000 xrw\r\n"
			     "NONE             0x30000000         0x00000000\n"
			     "*default*        0x0000000000000000 0xffffffffffffffff\n"
			     "\nLinker script and memory map\n\nLATER 0x1 0x2\n"));
	assert_int_equal(r.count, 2);
	assert_region(&r.items[0], "FLASH", 0x08000000, 0x200000);
	assert_region(&r.items[1], "RAM", 0x20000000, 0xa0000);
}

static void test_other_texts_have_none(void **state)
{
	static const char *const texts[] = {
		"",
		"Memory Configuration",
		"Memory Configuration\n",
		"Memory Configuration\n\n\n",
		"Memory Configuration\nName\n",
		"Memory Configuration\nName\nFLASH\n",
		"Memory Configuration\nName\nFLASH 0x1\n",
		"Memory Configuration\nName\nFLASH 1 2\n",
		"Memory Configuration\nName\nFLASH 0x 0x2\n",
		"Memory Configuration\nName\nFLASH 0x1 0x2g\n",
		"Memory Configuration\nName\nFLASH 0x1 0x11112222333344445\n",
		"Memory Configuration\nName\n*default* 0x0 0xffff\n",
		"Memory Configuration\nFLASH 0x1 0x2\n",
		"the Memory Configuration\nName\nFLASH 0x1 0x2\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		AUTO_REGIONS r = { 0 };

		if (read_map(&r, texts[i]))
			fail_msg("regions in '%s'", texts[i]);
	}
}

static void test_the_number_of_regions_is_bounded(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;
	AUTO_REGIONS r = { 0 };

	(void)state;
	strbuf_adds(&text, "Memory Configuration\nName\n");
	for (size_t i = 0; i < 100000; i++)
		strbuf_adds(&text, "R 0x0 0x1\n");
	assert_true(read_map(&r, text.buf));
	assert_int_equal(r.count, 256);
}

/* Code in flash, data copied to RAM, bss in RAM, a stray piece. */
static struct sections make_sections(struct section items[static 4])
{
	items[0] = (struct section){ no_name, 0x08020000, 0x08020000, 1000, SECTION_TEXT, true };
	items[1] = (struct section){ no_name, 0x20000000, 0x08030000, 100, SECTION_DATA, true };
	items[2] = (struct section){ no_name, 0x20000064, 0x08030064, 10, SECTION_BSS, false };
	items[3] = (struct section){ no_name, 0x60000000, 0x60000000, 1, SECTION_RODATA, true };
	return (struct sections){ .items = items, .count = 4 };
}

static void test_sections_count_where_they_are_stored_and_where_they_run(void **state)
{
	struct section items[4];
	const struct sections s = make_sections(items);
	AUTO_REGIONS r = { 0 };

	(void)state;
	assert_true(read_map(&r, "Memory Configuration\nName\n"
				 "FLASH 0x08000000 0x200000\n"
				 "FLASH_TEXT 0x08020000 0x1e0000\n"
				 "RAM 0x20000000 0x10000\n"));
	usage_count(&r, &s);
	assert_int_equal(r.count, 4);
	assert_int_equal(r.items[0].used, 0); /* the smallest region counts */
	assert_int_equal(r.items[1].used, 1100);
	assert_int_equal(r.items[2].used, 110);
	assert_region(&r.items[3], "elsewhere", 0, 0);
	assert_int_equal(r.items[3].used, 1);
}

static void test_without_regions_there_are_flash_and_ram(void **state)
{
	struct section items[4];
	const struct sections s = make_sections(items);
	AUTO_REGIONS r = { 0 };

	(void)state;
	usage_count(&r, &s);
	assert_int_equal(r.count, 2);
	assert_region(&r.items[0], "flash", 0, 0);
	assert_int_equal(r.items[0].used, 1101);
	assert_region(&r.items[1], "ram", 0, 0);
	assert_int_equal(r.items[1].used, 110);
}

/* What runs from RAM with a load address in flash takes both, whatever its flags. */
static void test_code_that_is_copied_to_ram_counts_twice(void **state)
{
	struct section copied = { no_name, 0x20000000, 0x08000000, 64, SECTION_TEXT, true };
	const struct sections s = { .items = &copied, .count = 1 };
	AUTO_REGIONS r = { 0 };

	(void)state;
	usage_count(&r, &s);
	assert_int_equal(r.items[0].used, 64);
	assert_int_equal(r.items[1].used, 64);
}

static void test_a_chip_has_regions(void **state)
{
	AUTO_REGIONS stm = { 0 };
	AUTO_REGIONS esp = { 0 };

	(void)state;
	usage_regions_of_chip(&stm, chip_by_name("stm32f4"));
	assert_in_range(stm.count, 2, CHIP_FLASH + CHIP_RAM);
	assert_int_equal(stm.items[0].start, 0x08000000);
	usage_regions_of_chip(&esp, chip_by_name("esp32s3"));
	assert_int_equal(esp.count, 0);
}

static void test_totals_are_those_of_size(void **state)
{
	struct section items[4];
	const struct sections s = make_sections(items);
	struct usage_totals t = usage_total(&s);

	(void)state;
	assert_int_equal(t.text, 1001);
	assert_int_equal(t.data, 100);
	assert_int_equal(t.bss, 10);
}

static void assert_change(const struct usage_change *c, const char *name, uint64_t before,
			  uint64_t after, bool had, bool has)
{
	struct name_slice want = slice(name);

	assert_int_equal(name_slice_compare(&c->name, &want), 0);
	assert_int_equal(c->before, before);
	assert_int_equal(c->after, after);
	assert_int_equal(c->had, had);
	assert_int_equal(c->has, has);
}

static void test_changes_are_joined_by_name_and_sorted_by_amount(void **state)
{
	AUTO_CHANGES c = { 0 };

	(void)state;
	usage_changes_add(&c, slice("same"), 7, false);
	usage_changes_add(&c, slice("gone"), 40, false);
	usage_changes_add(&c, slice("twice"), 10, false);
	usage_changes_add(&c, slice("twice"), 20, false);
	usage_changes_add(&c, slice("twice"), 50, true);
	usage_changes_add(&c, slice("new"), 20, true);
	usage_changes_add(&c, slice("same"), 7, true);
	usage_changes_sort(&c);
	assert_int_equal(c.count, 4);
	assert_change(&c.items[0], "gone", 40, 0, true, false);
	assert_change(&c.items[1], "new", 0, 20, false, true);
	assert_change(&c.items[2], "twice", 30, 50, true, true);
	assert_change(&c.items[3], "same", 7, 7, true, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_map_has_regions),
		cmocka_unit_test(test_other_texts_have_none),
		cmocka_unit_test(test_the_number_of_regions_is_bounded),
		cmocka_unit_test(test_sections_count_where_they_are_stored_and_where_they_run),
		cmocka_unit_test(test_without_regions_there_are_flash_and_ram),
		cmocka_unit_test(test_code_that_is_copied_to_ram_counts_twice),
		cmocka_unit_test(test_a_chip_has_regions),
		cmocka_unit_test(test_totals_are_those_of_size),
		cmocka_unit_test(test_changes_are_joined_by_name_and_sorted_by_amount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
