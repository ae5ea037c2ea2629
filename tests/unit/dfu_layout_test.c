/* SPDX-License-Identifier: MIT
 *
 * Layouts as bootloaders name them, and as they should not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "flash/dfu_layout.h"

static void assert_zone(const struct memory_zone *z, uint64_t start, uint32_t sector,
			uint32_t count, unsigned access)
{
	assert_int_equal(z->start, start);
	assert_int_equal(z->sector, sector);
	assert_int_equal(z->count, count);
	assert_int_equal(z->access, access);
}

static void parse(const char *text, struct dfu_layout *l)
{
	AUTO_ERR e = ERR_INIT;

	if (!dfu_layout_parse(text, l, &e))
		fail_msg("%s", e.msg);
}

static void refuse(const char *text)
{
	AUTO_ERR e = ERR_INIT;
	struct dfu_layout l;

	if (dfu_layout_parse(text, &l, &e))
		fail_msg("'%s' was taken", text);
	assert_non_null(strstr(e.msg, text));
}

enum { ALL = MEMORY_READ | MEMORY_ERASE | MEMORY_WRITE };

static void test_sectors_of_several_sizes(void **state)
{
	struct dfu_layout l;

	(void)state;
	parse("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", &l);
	assert_string_equal(l.name, "Internal Flash");
	assert_int_equal(l.count, 3);
	assert_zone(&l.zones[0], 0x08000000, 16384, 4, ALL);
	assert_zone(&l.zones[1], 0x08010000, 65536, 1, ALL);
	assert_zone(&l.zones[2], 0x08020000, 131072, 7, ALL);
}

static void test_digits_and_blanks_as_devices_write_them(void **state)
{
	struct dfu_layout l;

	(void)state;
	parse("@Internal Flash   /0x08000000/128*002Kg", &l);
	assert_zone(&l.zones[0], 0x08000000, 2048, 128, ALL);
	parse("@Internal Flash  /0x08000000/256*02Kg", &l);
	assert_zone(&l.zones[0], 0x08000000, 2048, 256, ALL);
	parse("@Option Bytes  /0x1FFFC000/01*016 e", &l);
	assert_string_equal(l.name, "Option Bytes");
	assert_zone(&l.zones[0], 0x1fffc000, 16, 1, MEMORY_READ | MEMORY_WRITE);
	parse("@Device Feature/0xFFFF0000/01*004 e", &l);
	assert_zone(&l.zones[0], 0xffff0000, 4, 1, MEMORY_READ | MEMORY_WRITE);
	parse("@OTP Memory /0x1FFF7800/01*512 e,01*016 e", &l);
	assert_zone(&l.zones[1], 0x1fff7a00, 16, 1, MEMORY_READ | MEMORY_WRITE);
	parse("@Flash /0x08000000/0512*0128Bg", &l);
	assert_zone(&l.zones[0], 0x08000000, 128, 512, ALL);
	parse("@Flash /0x08000000/2*1Mg", &l);
	assert_zone(&l.zones[0], 0x08000000, 1 << 20, 2, ALL);
	parse("/0x08000000/3*100g", &l);
	assert_string_equal(l.name, "");
	assert_zone(&l.zones[0], 0x08000000, 100, 3, ALL);
}

static void test_types_of_access(void **state)
{
	static const struct {
		char letter;
		unsigned access;
	} types[] = {
		{ 'a', MEMORY_READ },
		{ 'b', MEMORY_ERASE },
		{ 'c', MEMORY_READ | MEMORY_ERASE },
		{ 'd', MEMORY_WRITE },
		{ 'e', MEMORY_READ | MEMORY_WRITE },
		{ 'f', MEMORY_ERASE | MEMORY_WRITE },
		{ 'g', ALL },
	};
	struct dfu_layout l;
	char text[] = "@M/0x0/1*1Kg";

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		text[sizeof(text) - 2] = types[i].letter;
		parse(text, &l);
		assert_zone(&l.zones[0], 0, 1024, 1, types[i].access);
	}
}

static void test_several_memories_in_one_setting(void **state)
{
	struct dfu_layout l;

	(void)state;
	parse("@Internal Flash  /0x08000000/01*032Ka,03*032Kg/0x90000000/32*064Kg", &l);
	assert_int_equal(l.count, 3);
	assert_zone(&l.zones[0], 0x08000000, 32768, 1, MEMORY_READ);
	assert_zone(&l.zones[2], 0x90000000, 65536, 32, ALL);
}

static void test_what_is_no_layout_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"@Internal Flash",
		"@Internal Flash /0x08000000",
		"@F/0x08000000/",
		"@F/0x08000000/04*016K",
		"@F/0x08000000/04*016Kh",
		"@F/0x08000000/04*016Kgg",
		"@F/0x08000000/00*016Kg",
		"@F/0x08000000/04*000Kg",
		"@F/0x08000000/04*016Kg,",
		"@F/0x08000000/04*016Kg,01",
		"@F/0x08000000/-4*016Kg",
		"@F/0x08000000/04x016Kg",
		"@F/0x/04*016Kg",
		"@F/zz/04*016Kg",
		"@F/0x108000000/04*016Kg",
		"@F/0x08000000/99999999999999999999*016Kg",
		"@F/0x08000000/04*4294967295Mg",
		"@F/0xfffff000/02*04Kg",
		"@F/0x08000000/04*016Kg/",
		"@F/0x08000000/04*016Kg//",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		refuse(wrong[i]);
}

static void test_more_zones_than_there_is_room_for(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT;

	(void)state;
	strbuf_adds(&text, "@F/0x0/1*1Kg");
	for (int i = 0; i < DFU_LAYOUT_ZONES; i++)
		strbuf_adds(&text, ",1*1Kg");
	refuse(text.buf);
}

static void test_a_memory_may_end_with_the_addresses(void **state)
{
	struct dfu_layout l;

	(void)state;
	parse("@F/0xfffff000/01*04Kg", &l);
	assert_int_equal(memory_zone_end(&l.zones[0]), UINT64_C(1) << 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sectors_of_several_sizes),
		cmocka_unit_test(test_digits_and_blanks_as_devices_write_them),
		cmocka_unit_test(test_types_of_access),
		cmocka_unit_test(test_several_memories_in_one_setting),
		cmocka_unit_test(test_what_is_no_layout_is_refused),
		cmocka_unit_test(test_more_zones_than_there_is_room_for),
		cmocka_unit_test(test_a_memory_may_end_with_the_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
