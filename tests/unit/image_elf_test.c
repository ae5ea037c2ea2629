/* SPDX-License-Identifier: MIT
 *
 * ELF executables, read: made by hand for each fault. What real linkers make is in tests/cli/convert-elf.t.
 */
#include "image_helpers.h"

#include "image/le.h"

enum { EHDR = 52, PHDR = 32, SHDR = 40, BYTES_AT = 0x200, FILE_SIZE = 0x400 };

/* An executable with two program headers: 16 bytes at 0x08000000 and 8 at 0x08020000; no sections. */
static void make_elf(uint8_t elf[static FILE_SIZE])
{
	static const uint32_t headers[2][8] = {
		/* type, offset, vaddr, paddr, filesz, memsz, flags, align */
		{ 1, BYTES_AT, 0x08000000, 0x08000000, 16, 16, 5, 4 },
		{ 1, BYTES_AT + 16, 0x20000000, 0x08020000, 8, 64, 6, 4 },
	};

	memset(elf, 0, FILE_SIZE);
	memcpy(elf, (const char[]){ 0x7f, 'E', 'L', 'F', 1, 1, 1 }, 7);
	put_le16(elf + 16, 2);  /* ET_EXEC */
	put_le16(elf + 18, 40); /* EM_ARM */
	put_le32(elf + 20, 1);
	put_le32(elf + 24, 0x08000131);
	put_le32(elf + 28, EHDR);
	put_le16(elf + 40, EHDR);
	put_le16(elf + 42, PHDR);
	put_le16(elf + 44, 2);
	for (size_t i = 0; i < 2; i++)
		for (size_t n = 0; n < 8; n++)
			put_le32(elf + EHDR + i * PHDR + n * 4, headers[i][n]);
	for (size_t i = 0; i < 24; i++)
		elf[BYTES_AT + i] = (uint8_t)(i + 1);
}

static void test_load_segments_at_their_physical_address(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_elf(elf);
	read_image(&img, "elf", elf, sizeof(elf), &no_options);
	assert_int_equal(img.count, 2);
	assert_segment(&img, 0, 0x08000000, 16);
	assert_segment(&img, 1, 0x08020000, 8);
	assert_ptr_equal(img.segments[0].data, elf + BYTES_AT); /* not copied */
	assert_int_equal(img.segments[1].data[0], 17);
	assert_true(img.has_entry);
	assert_int_equal(img.entry, 0x08000131);
	assert_int_equal(img.machine, 40);
}

static void test_segments_without_bytes_drop_out(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_IMAGE bss = IMAGE_INIT;
	AUTO_IMAGE note = IMAGE_INIT;

	(void)state;
	make_elf(elf);
	put_le32(elf + EHDR + PHDR + 16, 0); /* p_filesz: .bss */
	read_image(&bss, "elf", elf, sizeof(elf), &no_options);
	assert_int_equal(bss.count, 1);
	make_elf(elf);
	put_le32(elf + EHDR, 4); /* PT_NOTE */
	read_image(&note, "elf", elf, sizeof(elf), &no_options);
	assert_int_equal(note.count, 1);
	assert_segment(&note, 0, 0x08020000, 8);
}

static void assert_broken(size_t offset, uint32_t value, const char *message, const char *hint)
{
	uint8_t elf[FILE_SIZE];

	make_elf(elf);
	put_le32(elf + offset, value);
	assert_unreadable("elf", elf, sizeof(elf), &no_options, message, hint);
}

static void assert_broken16(size_t offset, uint16_t value, const char *message, const char *hint)
{
	uint8_t elf[FILE_SIZE];

	make_elf(elf);
	put_le16(elf + offset, value);
	assert_unreadable("elf", elf, sizeof(elf), &no_options, message, hint);
}

static void test_other_kinds_of_elf_are_refused(void **state)
{
	(void)state;
	assert_broken(0, 0, "does not start with the ELF magic", NULL);
	assert_broken16(4, 0x0102, "offset 4: not a 32-bit ELF file (class 2, for ARM)", NULL);
	assert_broken16(4, 0x0201, "offset 5: not little-endian", NULL);
	assert_broken16(16, 1, "offset 16: not an executable (type 1)", "link it first");
	assert_broken16(16, 4, "offset 16: not an executable (type 4)", NULL);
	assert_broken16(44, 0, "there is nothing in it", NULL);
}

static void test_other_machines_are_refused_by_name(void **state)
{
	uint8_t elf[FILE_SIZE];

	(void)state;
	assert_broken16(18, 3, "offset 18: a program for x86, not for ARM, RISC-V or Xtensa",
			"a program for the host");
	assert_broken16(18, 83, "offset 18: a program for AVR", "32-bit, for ARM");
	assert_broken16(18, 0x1234, "offset 18: a program for machine 4660", "32-bit, for ARM");
	make_elf(elf);
	elf[4] = 2;
	put_le16(elf + 18, 62);
	assert_unreadable("elf", elf, sizeof(elf), &no_options,
			  "offset 4: not a 32-bit ELF file (class 2, for x86-64)", "for the host");
	put_le16(elf + 18, 243);
	assert_unreadable("elf", elf, sizeof(elf), &no_options, "(class 2, for RISC-V)",
			  "32-bit, for ARM");
}

static void test_the_machine_is_a_hint_of_the_image(void **state)
{
	static const uint16_t machines[] = { 0, 40, 94, 243 };
	uint8_t elf[FILE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		AUTO_IMAGE img = IMAGE_INIT;

		make_elf(elf);
		put_le16(elf + 18, machines[i]);
		read_image(&img, "elf", elf, sizeof(elf), &no_options);
		assert_int_equal(img.machine, machines[i]);
	}
}

static void test_offsets_outside_the_file_are_refused(void **state)
{
	const size_t ph = EHDR;

	(void)state;
	assert_broken16(42, 56, "offset 42: program headers of 56 bytes", NULL);
	assert_broken(28, FILE_SIZE - 63, "2 program headers at offset 961 lie outside", "cut off");
	assert_broken(28, 0xffffffff, "2 program headers at offset 4294967295", "cut off");
	assert_broken16(44, 0xfffe, "65534 program headers at offset 52 lie outside", "cut off");
	assert_broken16(44, 0xffff, "offset 44: 65535 program headers or more", NULL);
	assert_broken(ph + 4, FILE_SIZE - 15,
		      "program header at offset 52: 16 bytes at offset 1009", "cut off");
	assert_broken(ph + 4, 0xffffffff,
		      "program header at offset 52: 16 bytes at offset 4294967295", NULL);
	assert_broken(ph + 16, 0xffffffff,
		      "program header at offset 52: 4294967295 bytes at offset 512", NULL);
	assert_broken(ph + 20, 15,
		      "program header at offset 52: more bytes in the file than in memory", NULL);
	assert_broken(ph + 12, 0xfffffff8,
		      "program header at offset 52: 16 bytes at 0xfffffff8 run past", NULL);
	assert_broken(
		ph + 12, 0x08020004,
		"program header at offset 84: 0x08020000-0x08020007 overlaps 0x08020004-0x08020013 of "
		"program header at offset 52",
		NULL);
}

/* Two headers that map the whole file, one behind the other: with 65535 of them a small file would be gigabytes. */
static void test_headers_that_share_the_file_are_refused(void **state)
{
	uint8_t elf[FILE_SIZE];

	(void)state;
	make_elf(elf);
	for (size_t i = 0; i < 2; i++) {
		put_le32(elf + EHDR + i * PHDR + 4, 0);
		put_le32(elf + EHDR + i * PHDR + 16, FILE_SIZE);
		put_le32(elf + EHDR + i * PHDR + 20, FILE_SIZE);
	}
	assert_unreadable(
		"elf", elf, sizeof(elf), &no_options,
		"program header at offset 84: with those before it, it asks for 2048 bytes of a "
		"file of 1024",
		"build or copy");
}

static void test_a_cut_file_is_refused(void **state)
{
	uint8_t elf[FILE_SIZE];

	(void)state;
	make_elf(elf);
	assert_unreadable("elf", elf, 3, &no_options, "ELF magic", NULL);
	assert_unreadable("elf", elf, EHDR - 1, &no_options, "ends inside the ELF header", NULL);
	assert_unreadable("elf", elf, EHDR + 2 * PHDR - 1, &no_options, "lie outside", "cut off");
	assert_unreadable("elf", elf, BYTES_AT + 23, &no_options, "program header at offset 84",
			  "cut off");
}

/* A segment that covers the file's start, with the section that is its real content. */
static void make_elf_with_headers_in_segment(uint8_t elf[static FILE_SIZE])
{
	uint8_t *section = elf + 0x300 + SHDR; /* the first entry is always empty */

	make_elf(elf);
	put_le32(elf + EHDR + 4, 0);
	put_le32(elf + EHDR + 12, 0x08000000);
	put_le32(elf + EHDR + 16, BYTES_AT + 16);
	put_le32(elf + EHDR + 20, BYTES_AT + 16);
	put_le32(elf + 32, 0x300);
	put_le16(elf + 46, SHDR);
	put_le16(elf + 48, 2);
	put_le32(section + 4, 1); /* SHT_PROGBITS */
	put_le32(section + 8, 2); /* SHF_ALLOC */
	put_le32(section + 16, BYTES_AT);
	put_le32(section + 20, 16);
}

static void test_elf_headers_are_no_firmware(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_elf_with_headers_in_segment(elf);
	read_image(&img, "elf", elf, sizeof(elf), &no_options);
	assert_segment(&img, 0, 0x08000000 + BYTES_AT, 16);
}

/* The number of sections has no room in the header: it is in the first section's entry. */
static void test_sections_of_extended_numbering_count(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_elf_with_headers_in_segment(elf);
	put_le16(elf + 48, 0);
	put_le32(elf + 0x300 + 20, 2);
	read_image(&img, "elf", elf, sizeof(elf), &no_options);
	assert_segment(&img, 0, 0x08000000 + BYTES_AT, 16);
}

static void test_a_segment_of_headers_alone_drops_out(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_elf_with_headers_in_segment(elf);
	put_le32(elf + 0x300 + SHDR + 16, 0x280); /* the section lies elsewhere */
	read_image(&img, "elf", elf, sizeof(elf), &no_options);
	assert_int_equal(img.count, 1);
	assert_segment(&img, 0, 0x08020000, 8);
}

static void test_without_sections_a_segment_stays_whole(void **state)
{
	uint8_t elf[FILE_SIZE];
	AUTO_IMAGE img = IMAGE_INIT;

	(void)state;
	make_elf_with_headers_in_segment(elf);
	put_le32(elf + 32, FILE_SIZE); /* a section table outside the file: stripped badly */
	read_image(&img, "elf", elf, sizeof(elf), &no_options);
	assert_segment(&img, 0, 0x08000000, BYTES_AT + 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load_segments_at_their_physical_address),
		cmocka_unit_test(test_segments_without_bytes_drop_out),
		cmocka_unit_test(test_other_kinds_of_elf_are_refused),
		cmocka_unit_test(test_other_machines_are_refused_by_name),
		cmocka_unit_test(test_the_machine_is_a_hint_of_the_image),
		cmocka_unit_test(test_sections_of_extended_numbering_count),
		cmocka_unit_test(test_offsets_outside_the_file_are_refused),
		cmocka_unit_test(test_headers_that_share_the_file_are_refused),
		cmocka_unit_test(test_a_cut_file_is_refused),
		cmocka_unit_test(test_elf_headers_are_no_firmware),
		cmocka_unit_test(test_a_segment_of_headers_alone_drops_out),
		cmocka_unit_test(test_without_sections_a_segment_stays_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
