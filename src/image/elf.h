/* SPDX-License-Identifier: MIT
 *
 * An ELF file, opened and its tables checked: what the reader (elf.c), the writer (elf_write.c) and the list of sections
 * (sections.c) share. Numbers are from the System V ABI, object file format.
 */
#ifndef IMAGE_ELF_H
#define IMAGE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "image/image.h"

enum { ELF_EHDR = 52, ELF_PHDR = 32, ELF_SHDR = 40, ELF_SYM = 16 }; /* sizes, ELF32 */
enum { ET_REL = 1, ET_EXEC = 2, ET_DYN = 3, PT_LOAD = 1 };
enum { SHT_PROGBITS = 1, SHT_SYMTAB = 2, SHT_STRTAB = 3, SHT_NOBITS = 8 };
enum { SHF_WRITE = 1, SHF_ALLOC = 2, SHF_EXECINSTR = 4 };
enum { STT_FUNC = 2 };
enum { PN_XNUM = 0xffff, SHN_LORESERVE = 0xff00 };
enum { EM_NONE = 0, EM_ARM = 40, EM_XTENSA = 94, EM_RISCV = 243 };

struct elf {
	const uint8_t *data; /* outlives it */
	size_t size;
	uint16_t machine;
	uint32_t phoff, phnum; /* program headers: they lie inside the file */
	uint32_t shoff, shnum; /* sections: the same; shnum 0: none, or not to be trusted */
	uint32_t shstrndx;     /* the section with their names; may be shnum or more */
};

bool elf_probe(const uint8_t *data, size_t size);

/*
 * Checks the header and that the tables lie inside the file: 32-bit, little-endian, for a machine of image.h (or none
 * stated), an executable. Errors name the offset. A section table that is odd is no error here (stripped): shnum is 0.
 */
bool elf_open(struct elf *elf, const uint8_t *data, size_t size, struct err *e);

static inline const uint8_t *elf_phdr(const struct elf *elf, uint32_t i)
{
	return elf->data + elf->phoff + (size_t)i * ELF_PHDR;
}

static inline const uint8_t *elf_shdr(const struct elf *elf, uint32_t i)
{
	return elf->data + elf->shoff + (size_t)i * ELF_SHDR;
}

const char *elf_machine_name(uint16_t machine); /* "ARM", "x86-64"; NULL: not in the table */
bool elf_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
	       struct err *e);

#endif
