/* SPDX-License-Identifier: MIT
 *
 * ELF executables: made by hand for each fault, and by the real toolchain, whose objcopy is the judge.
 */
#include "image_helpers.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
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
	assert_broken16(4, 0x0102, "offset 4: not a 32-bit ELF file", "for the host");
	assert_broken16(4, 0x0201, "offset 5: not little-endian", NULL);
	assert_broken16(16, 1, "offset 16: not an executable (type 1)", "link it first");
	assert_broken16(16, 4, "offset 16: not an executable (type 4)", NULL);
	assert_broken16(44, 0, "there is nothing in it", NULL);
}

static void test_offsets_outside_the_file_are_refused(void **state)
{
	const size_t ph = EHDR;

	(void)state;
	assert_broken16(42, 56, "offset 42: program headers of 56 bytes", NULL);
	assert_broken(28, FILE_SIZE - 63, "2 program headers at offset 961 lie outside", "cut off");
	assert_broken(28, 0xffffffff, "2 program headers at offset 4294967295", "cut off");
	assert_broken16(44, 0xffff, "65535 program headers", "cut off");
	assert_broken(ph + 4, FILE_SIZE - 15, "program header 0: 16 bytes at offset 1009",
		      "cut off");
	assert_broken(ph + 4, 0xffffffff, "program header 0: 16 bytes at offset 4294967295", NULL);
	assert_broken(ph + 16, 0xffffffff, "program header 0: 4294967295 bytes at offset 512",
		      NULL);
	assert_broken(ph + 20, 15, "program header 0: more bytes in the file than in memory", NULL);
	assert_broken(ph + 12, 0xfffffff8, "program header 0: 16 bytes at 0xfffffff8 run past",
		      NULL);
	assert_broken(ph + 12, 0x08020004,
		      "program header 1: 0x08020000-0x08020007 overlaps 0x08020004-0x08020013 of "
		      "program header 0",
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
	assert_unreadable("elf", elf, sizeof(elf), &no_options,
			  "program header 1: with those before it, it asks for 2048 bytes of a "
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
	assert_unreadable("elf", elf, BYTES_AT + 23, &no_options, "program header 1", "cut off");
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

/* --- the real toolchain ------------------------------------------------------------------------- */

struct workplace {
	char dir[64];
};

static int make_workplace(void **state)
{
	struct workplace *w = xcalloc(1, sizeof(*w));

	snprintf(w->dir, sizeof(w->dir), "/tmp/mpflash-elf.XXXXXX");
	*state = w;
	return mkdtemp(w->dir) ? 0 : -1;
}

static int remove_workplace(void **state)
{
	struct workplace *w = *state;
	AUTO_STRBUF command = STRBUF_INIT;
	int status;

	strbuf_addf(&command, "rm -rf '%s'", w->dir);
	status = system(command.buf); /* NOLINT(cert-env33-c): a constant command */
	free(w);
	return status;
}

static void run(const struct workplace *w, const char *command)
{
	AUTO_STRBUF line = STRBUF_INIT;

	strbuf_addf(&line, "cd '%s' && %s", w->dir, command);
	if (system(line.buf) != 0) /* NOLINT(cert-env33-c): a constant command */
		fail_msg("%s", command);
}

static void put_file(const struct workplace *w, const char *name, const char *text)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	strbuf_addf(&path, "%s/%s", w->dir, name);
	if (!fs_write_atomic(path.buf, text, strlen(text), 0644, &e))
		fail_msg("%s", e.msg);
}

static void open_file(struct image_file *f, const struct workplace *w, const char *name,
		      const struct image_options *opt)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	strbuf_addf(&path, "%s/%s", w->dir, name);
	if (!image_file_open(f, path.buf, opt, &e))
		fail_msg("%s", e.msg);
}

/*
 * Links a program with .data and .bss at `origin` and compares with what objcopy makes of it: the same .bin
 * byte for byte, the same image in its .hex.
 */
static void compare_with_objcopy(const struct workplace *w, const char *origin, uint32_t address)
{
	const struct image_options opt = { .has_base = true, .base = address };
	struct image_file elf, hex, bin;
	AUTO_STRBUF script = STRBUF_INIT;
	AUTO_STRBUF written = STRBUF_INIT;

	put_file(w, "a.c",
		 "const int table[200] = {1, 2, 3}; int data[5] = {1, 2}; int bss[300];\n"
		 "const char odd[7] = \"MicroP\";\n"
		 "int _start(void) { return table[bss[0]] + data[1] + odd[bss[1]]; }\n");
	strbuf_addf(&script,
		    "ENTRY(_start)\n"
		    "MEMORY { flash : ORIGIN = %s, LENGTH = 64K  ram : ORIGIN = 0x20000000, LENGTH "
		    "= 16K }\n"
		    "SECTIONS {\n"
		    " .text : { *(.text*) *(.rodata*) } > flash\n"
		    " .data : { *(.data*) } > ram AT > flash\n"
		    " .bss : { *(.bss*) } > ram\n"
		    "}\n",
		    origin);
	put_file(w, "a.ld", script.buf);
	run(w, "arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -Os -nostdlib -g -T a.ld a.c -o a.elf &&"
	       " arm-none-eabi-objcopy -O binary a.elf a.bin &&"
	       " arm-none-eabi-objcopy -O ihex a.elf a.hex");
	open_file(&elf, w, "a.elf", &no_options);
	open_file(&hex, w, "a.hex", &no_options);
	open_file(&bin, w, "a.bin", &opt);
	assert_int_equal(image_start(&elf.image), address);
	write_image(&elf.image, "bin", &written, &no_options);
	assert_int_equal(written.len, bin.map.size);
	assert_memory_equal(written.buf, bin.map.data, written.len);
	assert_same_digest(&elf.image, &hex.image);
	assert_same_digest(&elf.image, &bin.image);
	assert_true(hex.image.has_entry);
	assert_int_equal(elf.image.entry, hex.image.entry);
	image_file_close(&elf);
	image_file_close(&hex);
	image_file_close(&bin);
}

static void test_objcopy_agrees(void **state)
{
	compare_with_objcopy(*state, "0x08000000", 0x08000000);
}

/* ld puts the ELF headers into the page below, into a bootloader's flash. */
static void test_objcopy_agrees_behind_a_bootloader(void **state)
{
	compare_with_objcopy(*state, "0x08004200", 0x08004200);
}

/* A split image: what lies between the parts is the user's file system. */
static void test_a_split_image_keeps_its_hole(void **state)
{
	const struct workplace *w = *state;
	struct image_file elf, hex;

	put_file(w, "s.c",
		 "__attribute__((section(\".isr\"))) int isr[4] = {1, 2, 3, 4};\n"
		 "int _start(void) { return isr[0]; }\n");
	put_file(w, "s.ld",
		 "SECTIONS { .isr 0x08000000 : { *(.isr) }"
		 " .text 0x08020000 : { *(.text*) } }\n");
	run(w, "arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -Os -nostdlib -T s.ld s.c -o s.elf &&"
	       " arm-none-eabi-objcopy -O ihex s.elf s.hex");
	open_file(&elf, w, "s.elf", &no_options);
	open_file(&hex, w, "s.hex", &no_options);
	assert_int_equal(elf.image.count, 2);
	assert_int_equal(elf.image.segments[0].address, 0x08000000);
	assert_int_equal(elf.image.segments[0].size, 16);
	assert_int_equal(elf.image.segments[1].address, 0x08020000);
	assert_same_digest(&elf.image, &hex.image);
	assert_unwritable(&elf.image, "bin", NULL, "0x08000010-0x0801ffff", "--fill");
	image_file_close(&elf);
	image_file_close(&hex);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load_segments_at_their_physical_address),
		cmocka_unit_test(test_segments_without_bytes_drop_out),
		cmocka_unit_test(test_other_kinds_of_elf_are_refused),
		cmocka_unit_test(test_offsets_outside_the_file_are_refused),
		cmocka_unit_test(test_headers_that_share_the_file_are_refused),
		cmocka_unit_test(test_a_cut_file_is_refused),
		cmocka_unit_test(test_elf_headers_are_no_firmware),
		cmocka_unit_test(test_a_segment_of_headers_alone_drops_out),
		cmocka_unit_test(test_without_sections_a_segment_stays_whole),
		cmocka_unit_test_setup_teardown(test_objcopy_agrees, make_workplace,
						remove_workplace),
		cmocka_unit_test_setup_teardown(test_objcopy_agrees_behind_a_bootloader,
						make_workplace, remove_workplace),
		cmocka_unit_test_setup_teardown(test_a_split_image_keeps_its_hole, make_workplace,
						remove_workplace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
