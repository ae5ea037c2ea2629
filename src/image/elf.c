/* SPDX-License-Identifier: MIT
 *
 * ELF32 little-endian executables, read only: what the linker made, before any conversion.
 *
 * What counts is each PT_LOAD entry's p_filesz bytes at p_paddr, the load address. A RAM segment such as .data has
 * its p_paddr in flash, where the startup code copies it from, and so belongs to the image; .bss and
 * stacks have p_filesz 0, carry no bytes and drop out. Bytes whose p_paddr is in RAM (a program
 * that is loaded there by a debugger) stay in the image: what the chip can hold is its layout's to say.
 */
#include "image/format.h"

#include <inttypes.h>
#include <string.h>

#include "image/le.h"
#include "image/part.h"

/* System V ABI, ELF-32 object file format. */
enum { EHDR_SIZE = 52, PHDR_SIZE = 32, SHDR_SIZE = 40 };
enum { ET_REL = 1, ET_EXEC = 2, ET_DYN = 3, PT_LOAD = 1, SHT_NOBITS = 8, SHF_ALLOC = 2 };

struct elf {
	const uint8_t *data;
	size_t size;
	uint32_t phoff, shoff;
	uint16_t phnum, shnum;
};

static bool elf_probe(const uint8_t *data, size_t size)
{
	return size >= 4 && memcmp(data, "\177ELF", 4) == 0;
}

static bool check_ident(const uint8_t *data, size_t size, struct err *e)
{
	if (!elf_probe(data, size))
		return err_set(e, "it does not start with the ELF magic");
	if (size < EHDR_SIZE)
		return err_set(e, "the file ends inside the ELF header, at offset %zu", size);
	if (data[4] != 1) {
		err_set(e, "offset 4: not a 32-bit ELF file (class %u)", data[4]);
		return err_hint(e, "a program for the host is not a board's firmware");
	}
	if (data[5] != 1)
		return err_set(e, "offset 5: not little-endian (data encoding %u)", data[5]);
	return true;
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

static bool elf_open(struct elf *elf, const uint8_t *data, size_t size, struct err *e)
{
	if (!check_ident(data, size, e) || !check_type(data, e))
		return false;
	*elf = (struct elf){ data,
			     size,
			     get_le32(data + 28),
			     get_le32(data + 32),
			     get_le16(data + 44),
			     get_le16(data + 48) };
	if (elf->phnum && get_le16(data + 42) != PHDR_SIZE)
		return err_set(e, "offset 42: program headers of %u bytes instead of %d",
			       get_le16(data + 42), PHDR_SIZE);
	if (!table_fits(elf, elf->phoff, elf->phnum, PHDR_SIZE)) {
		err_set(e,
			"%u program headers at offset %" PRIu32 " lie outside the file (%zu bytes)",
			elf->phnum, elf->phoff, size);
		return err_hint(e, "the file is cut off: build or copy it again");
	}
	/* A stripped or odd section table only costs us the trim of leading headers. */
	if (get_le16(data + 46) != SHDR_SIZE || !table_fits(elf, elf->shoff, elf->shnum, SHDR_SIZE))
		elf->shnum = 0;
	return true;
}

/*
 * Bytes to leave out at the start of a segment. Where the page below the first section has room, ld puts the
 * ELF and program headers there and starts the segment with them, far below the firmware: they would
 * overwrite a bootloader. So a segment that covers the file's start begins with its first section.
 */
static uint32_t leading_headers(const struct elf *elf, uint32_t offset, uint32_t size)
{
	uint64_t first = (uint64_t)offset + size;

	if (offset >= EHDR_SIZE || !elf->shnum)
		return 0;
	for (uint32_t i = 0; i < elf->shnum; i++) {
		const uint8_t *s = elf->data + elf->shoff + (size_t)i * SHDR_SIZE;
		uint32_t at = get_le32(s + 16);

		if (get_le32(s + 4) != SHT_NOBITS && (get_le32(s + 8) & SHF_ALLOC) &&
		    get_le32(s + 20) && at >= offset && at < first)
			first = at;
	}
	return (uint32_t)(first -
			  /* all of it when it holds no section: headers and nothing else */
			  offset);
}

static bool add_segment(const struct elf *elf, struct image_parts *parts, size_t number,
			const uint8_t *ph, struct err *e)
{
	uint32_t offset = get_le32(ph + 4), address = get_le32(ph + 12), size = get_le32(ph + 16);
	uint32_t skip;

	if (get_le32(ph) != PT_LOAD || !size)
		return true;
	if ((uint64_t)offset + size > elf->size) {
		err_set(e,
			"program header %zu: %" PRIu32 " bytes at offset %" PRIu32
			" lie outside the file (%zu bytes)",
			number, size, offset, elf->size);
		return err_hint(e, "the file is cut off: build or copy it again");
	}
	if (size > get_le32(ph + 20))
		return err_set(e, "program header %zu: more bytes in the file than in memory",
			       number);
	skip = leading_headers(elf, offset, size);
	if (skip > UINT32_MAX - address)
		return err_set(e, "program header %zu: runs past the end of the address space",
			       number);
	/* Segments may share bytes of the file, and a small file could ask for any number of them. */
	if (parts->bytes + size > elf->size) {
		err_set(e,
			"program header %zu: with those before it, it asks for %" PRIu64
			" bytes of a file of %zu",
			number, parts->bytes + size, elf->size);
		return err_hint(e, "no linker makes such a file: build or copy it again");
	}
	return image_parts_add(parts, address + skip, elf->data + offset + skip, size - skip,
			       number, e);
}

static bool elf_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	AUTO_PARTS parts = { .noun = "program header" };
	struct elf elf;

	(void)opt;
	if (!elf_open(&elf, data, size, e))
		return false;
	for (size_t i = 0; i < elf.phnum; i++)
		if (!add_segment(&elf, &parts, i, data + elf.phoff + i * PHDR_SIZE, e))
			return false;
	img->entry = get_le32(data + 24);
	img->has_entry = img->entry != 0;
	return image_parts_finish(&parts, img, e);
}

const struct image_format elf_format = {
	.name = "elf",
	.title = "ELF32 executable",
	.probe = elf_probe,
	.read = elf_read,
};
