/* SPDX-License-Identifier: MIT
 *
 * ELF32 little-endian executables: what the linker made, before any conversion.
 *
 * What counts is each PT_LOAD entry's p_filesz bytes at p_paddr, the load address. A RAM segment such as .data has
 * its p_paddr in flash, where the startup code copies it from, and so belongs to the image; .bss and
 * stacks have p_filesz 0, carry no bytes and drop out. Bytes whose p_paddr is in RAM (a program
 * that is loaded there by a debugger) stay in the image: what the chip can hold is its layout's to say.
 */
#include "image/elf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "image/format.h"
#include "image/le.h"
#include "image/part.h"

const char *elf_machine_name(uint16_t machine)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} names[] = {
		{ 2, "SPARC" },    { 3, "x86" },         { 4, "68000" },
		{ 8, "MIPS" },     { 20, "PowerPC" },    { 21, "PowerPC64" },
		{ 22, "S390" },    { EM_ARM, "ARM" },    { 42, "SuperH" },
		{ 62, "x86-64" },  { 83, "AVR" },        { EM_XTENSA, "Xtensa" },
		{ 105, "MSP430" }, { 164, "Hexagon" },   { 183, "AArch64" },
		{ 185, "AVR32" },  { 195, "ARC" },       { EM_RISCV, "RISC-V" },
		{ 247, "BPF" },    { 258, "LoongArch" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].machine == machine)
			return names[i].name;
	return NULL;
}

bool elf_probe(const uint8_t *data, size_t size)
{
	return size >= 4 && memcmp(data, "\177ELF", 4) == 0;
}

/* "x86-64", or "machine 77" */
static void machine_text(uint16_t machine, char text[static 24])
{
	const char *name = elf_machine_name(machine);

	if (name)
		snprintf(text, 24, "%s", name);
	else
		snprintf(text, 24, "machine %u", machine);
}

/* A PC's own program is what is given by mistake: build-standard/micropython instead of a board's. */
static bool host_hint(uint16_t machine, struct err *e)
{
	if (machine == 3 || machine == 62 || machine == 183)
		return err_hint(e, "a program for the host is not a board's firmware");
	return err_hint(e, "boards' firmware is 32-bit, for ARM, RISC-V or Xtensa");
}

static bool check_ident(const uint8_t *data, size_t size, struct err *e)
{
	char machine[24];

	if (!elf_probe(data, size))
		return err_set(e, "offset 0: it does not start with the ELF magic");
	if (size < ELF_EHDR)
		return err_set(e, "the file ends inside the ELF header, at offset %zu", size);
	if (data[5] != 1)
		return err_set(e, "offset 5: not little-endian (data encoding %u)", data[5]);
	if (data[4] != 1) {
		machine_text(get_le16(data + 18), machine);
		err_set(e, "offset 4: not a 32-bit ELF file (class %u, for %s)", data[4], machine);
		return host_hint(get_le16(data + 18), e);
	}
	return true;
}

static bool check_machine(const uint8_t *data, struct err *e)
{
	uint16_t machine = get_le16(data + 18);
	char name[24];

	/* objcopy from a format that says no machine states none, unless told to. */
	if (machine == EM_NONE || machine == EM_ARM || machine == EM_RISCV || machine == EM_XTENSA)
		return true;
	machine_text(machine, name);
	err_set(e, "offset 18: a program for %s, not for ARM, RISC-V or Xtensa", name);
	return host_hint(machine, e);
}

static bool check_type(const uint8_t *data, struct err *e)
{
	uint16_t type = get_le16(data + 16);

	if (type == ET_EXEC || type == ET_DYN)
		return true;
	err_set(e, "offset 16: not an executable (type %u)", type);
	if (type == ET_REL)
		err_hint(e, "it is an object file: link it first");
	return false;
}

/* True when a table of `count` entries lies inside the file. */
static bool table_fits(const struct elf *elf, uint32_t offset, uint32_t count, uint32_t entry)
{
	return (uint64_t)offset + (uint64_t)count * entry <= elf->size;
}

static bool open_segments(struct elf *elf, struct err *e)
{
	const uint8_t *data = elf->data;

	elf->phoff = get_le32(data + 28);
	elf->phnum = get_le16(data + 44);
	if (elf->phnum == PN_XNUM)
		return err_set(e, "offset 44: %d program headers or more; no firmware has so many",
			       PN_XNUM);
	if (elf->phnum && get_le16(data + 42) != ELF_PHDR)
		return err_set(e, "offset 42: program headers of %u bytes instead of %d",
			       get_le16(data + 42), ELF_PHDR);
	if (table_fits(elf, elf->phoff, elf->phnum, ELF_PHDR))
		return true;
	err_set(e,
		"%" PRIu32 " program headers at offset %" PRIu32
		" lie outside the file (%zu bytes)",
		elf->phnum, elf->phoff, elf->size);
	return err_hint(e, "the file is cut off: build or copy it again");
}

/* For the image, a stripped or odd section table only costs the trim of leading headers. */
static void open_sections(struct elf *elf)
{
	const uint8_t *data = elf->data;

	elf->shoff = get_le32(data + 32);
	if (!elf->shoff || get_le16(data + 46) != ELF_SHDR ||
	    !table_fits(elf, elf->shoff, 1, ELF_SHDR))
		return;
	elf->shnum = get_le16(data + 48);
	elf->shstrndx = get_le16(data + 50);
	/* Numbers that have no room in the header are in the first entry, which is no section. */
	if (!elf->shnum)
		elf->shnum = get_le32(elf_shdr(elf, 0) + 20);
	if (elf->shstrndx == 0xffff)
		elf->shstrndx = get_le32(elf_shdr(elf, 0) + 24);
	if (!table_fits(elf, elf->shoff, elf->shnum, ELF_SHDR))
		elf->shnum = 0;
}

bool elf_open(struct elf *elf, const uint8_t *data, size_t size, struct err *e)
{
	if (!check_ident(data, size, e) || !check_machine(data, e) || !check_type(data, e))
		return false;
	*elf = (struct elf){ .data = data, .size = size, .machine = get_le16(data + 18) };
	if (!open_segments(elf, e))
		return false;
	open_sections(elf);
	return true;
}

/* Where the first section's bytes are, as an offset into the file; its size when there is none. */
static size_t first_section(const struct elf *elf)
{
	size_t first = elf->size;

	for (uint32_t i = 0; i < elf->shnum; i++) {
		const uint8_t *s = elf_shdr(elf, i);
		uint32_t at = get_le32(s + 16);

		if (get_le32(s + 4) != SHT_NOBITS && (get_le32(s + 8) & SHF_ALLOC) &&
		    get_le32(s + 20) && at >= ELF_EHDR && at < first)
			first = at;
	}
	return first;
}

struct reader {
	struct elf elf;
	size_t first; /* first_section */
	struct image_parts parts;
};

/*
 * Bytes to leave out at the start of a segment. Where the page below the first section has room, ld puts the
 * ELF and program headers there and starts the segment with them, far below the firmware: they would
 * overwrite a bootloader. So a segment that covers the file's start begins with its first section; one that holds
 * none is headers and nothing else.
 */
static uint32_t leading_headers(const struct reader *r, uint32_t offset, uint32_t size)
{
	if (offset >= ELF_EHDR || !r->elf.shnum)
		return 0;
	return r->first < (uint64_t)offset + size ? (uint32_t)(r->first - offset) : size;
}

/* `at`: offset of the program header, by which errors name it. */
static bool check_segment(const struct elf *elf, size_t at, const uint8_t *ph, struct err *e)
{
	uint32_t offset = get_le32(ph + 4), size = get_le32(ph + 16);

	if ((uint64_t)offset + size > elf->size) {
		err_set(e,
			"program header at offset %zu: %" PRIu32 " bytes at offset %" PRIu32
			" lie outside the file (%zu bytes)",
			at, size, offset, elf->size);
		return err_hint(e, "the file is cut off: build or copy it again");
	}
	if (size > get_le32(ph + 20))
		return err_set(
			e, "program header at offset %zu: more bytes in the file than in memory",
			at);
	return true;
}

static bool add_segment(struct reader *r, uint32_t number, struct err *e)
{
	const uint8_t *ph = elf_phdr(&r->elf, number);
	size_t at = (size_t)(ph - r->elf.data);
	uint32_t offset = get_le32(ph + 4), address = get_le32(ph + 12), size = get_le32(ph + 16);
	uint32_t skip;

	if (get_le32(ph) != PT_LOAD || !size)
		return true;
	if (!check_segment(&r->elf, at, ph, e))
		return false;
	skip = leading_headers(r, offset, size);
	if (skip > UINT32_MAX - address)
		return err_set(e,
			       "program header at offset %zu: %" PRIu32 " bytes at 0x%08" PRIx32
			       " run past the end of the 32-bit address space",
			       at, size, address);
	/* Segments may share bytes of the file, and a small file could ask for any number of them. */
	if (r->parts.bytes + size - skip > r->elf.size) {
		err_set(e,
			"program header at offset %zu: with those before it, it asks for %" PRIu64
			" bytes of a file of %zu",
			at, r->parts.bytes + size - skip, r->elf.size);
		return err_hint(e, "no linker makes such a file: build or copy it again");
	}
	return image_parts_add(&r->parts, address + skip, r->elf.data + offset + skip, size - skip,
			       at, e);
}

static bool read_segments(struct reader *r, struct image *img, struct err *e)
{
	for (uint32_t i = 0; i < r->elf.phnum; i++)
		if (!add_segment(r, i, e))
			return false;
	return image_parts_finish(&r->parts, img, e);
}

static bool elf_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	struct reader r = { .parts = { .noun = "program header at offset" } };
	bool good;

	(void)opt;
	if (!elf_open(&r.elf, data, size, e))
		return false;
	r.first = first_section(&r.elf);
	good = read_segments(&r, img, e);
	image_parts_free(&r.parts);
	img->machine = r.elf.machine;
	img->elf = data;
	img->elf_size = size;
	img->entry = get_le32(data + 24);
	img->has_entry = img->entry != 0;
	return good;
}

const struct image_format elf_format = {
	.name = "elf",
	.title = "ELF32 executable",
	.probe = elf_probe,
	.read = elf_read,
	.write = elf_write,
};
