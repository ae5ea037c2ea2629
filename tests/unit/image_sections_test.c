/* SPDX-License-Identifier: MIT
 *
 * Sections and symbols of ELF files made by hand, most of them hostile. What real linkers make is in tests/cli/size.t.
 */
#include "image_helpers.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "image/elf.h"
#include "image/le.h"
#include "image/sections.h"

enum {
	BYTES_AT = 0x100,
	NAMES_AT = 0x180,
	SYMBOLS_AT = 0x1c0,
	SECTIONS_AT = 0x200,
	FILE_SIZE = SECTIONS_AT + 6 * ELF_SHDR
};

static const char names[] = "\0.text\0.data\0.bss\0.names\0main\0table";

static void put_words(uint8_t *to, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_le32(to + i * 4, words[i]);
}

/* .text and .data as a linker leaves them, .bss behind .data, a table of symbols with two of them. */
static void make_elf(uint8_t elf[static FILE_SIZE])
{
	static const uint32_t headers[2][8] = {
		/* type, offset, vaddr, paddr, filesz, memsz, flags, align */
		{ 1, BYTES_AT, 0x08000000, 0x08000000, 16, 16, 5, 4 },
		{ 1, BYTES_AT + 16, 0x20000000, 0x08020000, 8, 64, 6, 4 },
	};
	static const uint32_t sections[6][10] = {
		/* name, type, flags, address, offset, size, link, info, align, entry */
		{ 0 },
		{ 1, 1, 6, 0x08000000, BYTES_AT, 16, 0, 0, 4, 0 },
		{ 7, 1, 3, 0x20000000, BYTES_AT + 16, 8, 0, 0, 4, 0 },
		{ 13, 8, 3, 0x20000008, BYTES_AT + 24, 56, 0, 0, 4, 0 },
		{ 18, 3, 0, 0, NAMES_AT, sizeof(names), 0, 0, 1, 0 },
		{ 18, 2, 0, 0, SYMBOLS_AT, 64, 4, 0, 4, 16 },
	};
	/* name, value, size, info and section: none, main (Thumb), table, one that is undefined */
	static const uint32_t symbols[4][4] = {
		{ 0 },
		{ 25, 0x08000001, 12, 0x00010012 },
		{ 30, 0x20000000, 8, 0x00020011 },
		{ 25, 0, 4, 0x00000012 },
	};

	memset(elf, 0, FILE_SIZE);
	memcpy(elf, (const char[]){ 0x7f, 'E', 'L', 'F', 1, 1, 1 }, 7);
	put_le16(elf + 16, ET_EXEC);
	put_le16(elf + 18, EM_ARM);
	put_le32(elf + 28, ELF_EHDR);
	put_le32(elf + 32, SECTIONS_AT);
	put_le16(elf + 42, ELF_PHDR);
	put_le16(elf + 44, 2);
	put_le16(elf + 46, ELF_SHDR);
	put_le16(elf + 48, 6);
	put_le16(elf + 50, 4);
	put_words(elf + ELF_EHDR, headers[0], 16);
	put_words(elf + SECTIONS_AT, sections[0], 60);
	put_words(elf + SYMBOLS_AT, symbols[0], 16);
	memcpy(elf + NAMES_AT, names, sizeof(names));
}

static uint8_t *section(uint8_t *elf, size_t i)
{
	return elf + SECTIONS_AT + i * ELF_SHDR;
}

static void assert_name(const struct name_slice *name, const char *want)
{
	assert_int_equal(name->len, strlen(want));
	assert_memory_equal(name->text, want, name->len);
}

static void assert_section(const struct section *s, const char *name, uint32_t address,
			   uint32_t load, uint32_t size, enum section_kind kind)
{
	assert_name(&s->name, name);
	assert_int_equal(s->address, address);
	assert_int_equal(s->load, load);
	assert_int_equal(s->size, size);
	assert_int_equal(s->kind, kind);
}

static void read_sections(struct sections *s, const uint8_t *elf)
{
	AUTO_ERR e = ERR_INIT;

	if (!sections_read(s, elf, FILE_SIZE, &e))
		fail_msg("%s", e.msg);
}

static void test_sections_have_kinds_and_load_addresses(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_SECTIONS s = { 0 };

	(void)state;
	make_elf(elf);
	read_sections(&s, elf);
	assert_int_equal(s.count, 3);
	assert_section(&s.items[0], ".text", 0x08000000, 0x08000000, 16, SECTION_TEXT);
	assert_section(&s.items[1], ".data", 0x20000000, 0x08020000, 8, SECTION_DATA);
	assert_section(&s.items[2], ".bss", 0x20000008, 0x08020008, 56, SECTION_BSS);
	assert_true(s.items[1].stored);
	assert_false(s.items[2].stored);
}

/* Two overlays run at one address: which is loaded where is told by the place of their bytes. */
static void test_overlays_have_load_addresses_of_their_own(void **state)
{
	static const uint32_t overlay[2][8] = {
		{ 1, BYTES_AT, 0x20000000, 0x08010000, 16, 16, 5, 4 },
		{ 1, BYTES_AT + 16, 0x20000000, 0x08020000, 8, 64, 6, 4 },
	};
	uint8_t elf[FILE_SIZE];
	AUTO_SECTIONS s = { 0 };

	(void)state;
	make_elf(elf);
	put_words(elf + ELF_EHDR, overlay[0], 16);
	put_le32(section(elf, 1) + 12, 0x20000000);
	read_sections(&s, elf);
	assert_int_equal(s.items[0].load, 0x08010000);
	assert_int_equal(s.items[1].load, 0x08020000);
}

static void test_symbols_have_even_addresses(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_SYMBOLS s = { 0 };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	make_elf(elf);
	assert_true(symbols_read(&s, elf, FILE_SIZE, &e));
	assert_int_equal(s.count, 2);
	assert_name(&s.items[0].name, "main");
	assert_int_equal(s.items[0].address, 0x08000000);
	assert_int_equal(s.items[0].size, 12);
	assert_name(&s.items[1].name, "table");
	assert_int_equal(s.items[1].address, 0x20000000);
}

static void test_a_file_without_tables_has_no_sections(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_SECTIONS s = { 0 };
	AUTO_SYMBOLS y = { 0 };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	make_elf(elf);
	put_le32(elf + 32, 0);
	put_le16(elf + 48, 0);
	read_sections(&s, elf);
	assert_int_equal(s.count, 0);
	assert_true(symbols_read(&y, elf, FILE_SIZE, &e));
	assert_int_equal(y.count, 0);
}

static void test_names_end_inside_of_their_table(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_SECTIONS s = { 0 };

	(void)state;
	make_elf(elf);
	put_le32(section(elf, 4) + 20, 4); /* the table of names ends inside of ".text" */
	read_sections(&s, elf);
	assert_name(&s.items[0].name, ".te");
	assert_name(&s.items[1].name, "");
}

static void test_a_table_of_names_that_is_none_gives_none(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_SECTIONS none = { 0 };
	AUTO_SECTIONS other = { 0 };

	(void)state;
	make_elf(elf);
	put_le16(elf + 50, 77);
	read_sections(&none, elf);
	assert_name(&none.items[0].name, "");
	put_le16(elf + 50, 1);
	read_sections(&other, elf);
	assert_name(&other.items[0].name, "");
}

static void test_a_long_name_is_cut(void **state)
{
	enum { LONG = 1000 };
	uint8_t *elf = xcalloc(1, FILE_SIZE + LONG);
	AUTO_SECTIONS s = { 0 };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	make_elf(elf);
	memset(elf + FILE_SIZE, 'x', LONG);
	put_le32(section(elf, 4) + 16, FILE_SIZE);
	put_le32(section(elf, 4) + 20, LONG);
	assert_true(sections_read(&s, elf, FILE_SIZE + LONG, &e));
	assert_int_equal(s.items[0].name.len, NAME_SLICE_MAX);
	free(elf);
}

static void assert_broken(size_t offset, uint32_t value, const char *message)
{
	/* On the heap, so that the sanitizers see a byte too far. */
	uint8_t *elf = xcalloc(1, FILE_SIZE);
	AUTO_SECTIONS s = { 0 };
	AUTO_SYMBOLS y = { 0 };
	AUTO_ERR e = ERR_INIT;

	make_elf(elf);
	put_le32(elf + offset, value);
	assert_false(sections_read(&s, elf, FILE_SIZE, &e) && symbols_read(&y, elf, FILE_SIZE, &e));
	assert_contains(e.msg, message);
	free(elf);
}

static void test_tables_outside_of_the_file_are_refused(void **state)
{
	const size_t text = SECTIONS_AT + ELF_SHDR, bss = text + 2 * ELF_SHDR,
		     strings = bss + ELF_SHDR, symbols = strings + ELF_SHDR;

	(void)state;
	assert_broken(32, FILE_SIZE, "offset 32: the table of sections at offset 752 lies outside");
	assert_broken(32, 0xffffffff, "at offset 4294967295 lies outside");
	assert_broken(48, 0x0004ffff, "at offset 512 lies outside");
	assert_broken(text + 16, FILE_SIZE - 15,
		      "section header at offset 552: 16 bytes at offset 737 lie outside");
	assert_broken(text + 20, 0xffffffff, "section header at offset 552: 4294967295 bytes");
	assert_broken(bss + 20, 0xffffffff,
		      "section header at offset 632: 4294967295 bytes at 0x20000008 run past");
	assert_broken(strings + 16, 0xfffffff0, "section header at offset 672: 36 bytes");
	assert_broken(symbols + 20, 0xffffffff, "section header at offset 712: 4294967295 bytes");
}

static void test_a_table_of_extended_numbering_is_bounded(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_SECTIONS good = { 0 };
	AUTO_SECTIONS bad = { 0 };
	AUTO_ERR e = ERR_INIT;

	(void)state;
	make_elf(elf);
	put_le16(elf + 48, 0);
	put_le32(section(elf, 0) + 20, 6);
	read_sections(&good, elf);
	assert_int_equal(good.count, 3);
	put_le32(section(elf, 0) + 20, 0xffffffff);
	assert_false(sections_read(&bad, elf, FILE_SIZE, &e));
	assert_contains(e.msg, "lies outside");
}

/* Every byte of the tables, set to what is most likely to be too much. */
static void test_no_byte_of_the_tables_is_trusted(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < FILE_SIZE * sizeof(values); i++) {
		uint8_t *elf = xcalloc(1, FILE_SIZE);
		AUTO_SECTIONS s = { 0 };
		AUTO_SYMBOLS y = { 0 };
		AUTO_ERR e = ERR_INIT;

		make_elf(elf);
		elf[i / sizeof(values)] = values[i % sizeof(values)];
		if (!sections_read(&s, elf, FILE_SIZE, &e) ||
		    !symbols_read(&y, elf, FILE_SIZE, &e)) {
			assert_non_null(e.msg);
			refused++;
		}
		for (size_t n = 0; n < s.count; n++)
			assert_true(s.items[n].size &&
				    s.items[n].address + (uint64_t)s.items[n].size <=
					    UINT64_C(0x100000000));
		free(elf);
	}
	assert_in_range(refused, 50, FILE_SIZE * sizeof(values) / 2);
}

static void test_an_image_has_its_segments(void **state)
{
	AUTO_SECTIONS s = { 0 };
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	add_pattern(&img, 0x1000, 5);
	add_pattern(&img, 0x10001014, 4);
	sections_of_image(&s, &img);
	assert_int_equal(s.count, 2);
	assert_section(&s.items[1], "0x10001014", 0x10001014, 0x10001014, 4, SECTION_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sections_have_kinds_and_load_addresses),
		cmocka_unit_test(test_overlays_have_load_addresses_of_their_own),
		cmocka_unit_test(test_symbols_have_even_addresses),
		cmocka_unit_test(test_a_file_without_tables_has_no_sections),
		cmocka_unit_test(test_names_end_inside_of_their_table),
		cmocka_unit_test(test_a_table_of_names_that_is_none_gives_none),
		cmocka_unit_test(test_a_long_name_is_cut),
		cmocka_unit_test(test_tables_outside_of_the_file_are_refused),
		cmocka_unit_test(test_a_table_of_extended_numbering_is_bounded),
		cmocka_unit_test(test_no_byte_of_the_tables_is_trusted),
		cmocka_unit_test(test_an_image_has_its_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
