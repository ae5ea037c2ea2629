/* SPDX-License-Identifier: MIT
 *
 * Sections and symbols of ELF executables. Everything is linear in the file's size, or nearly: tables are sorted where
 * each section needs the segment that holds it.
 */
#include "image/sections.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "image/elf.h"
#include "image/le.h"

int name_slice_compare(const struct name_slice *a, const struct name_slice *b)
{
	size_t len = a->len < b->len ? a->len : b->len;
	int order = len ? memcmp(a->text, b->text, len) : 0;

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

const char *section_kind_name(enum section_kind kind)
{
	static const char *const names[] = { "text", "rodata", "data", "bss", "bytes" };

	return names[kind];
}

/* A table of strings, inside of the file. */
struct strings {
	const char *text;
	size_t size;
};

static struct name_slice name_at(const struct strings *table, uint32_t offset)
{
	struct name_slice name = { "", 0 };
	size_t max, left;

	if (offset >= table->size)
		return name;
	name.text = table->text + offset;
	left = table->size - offset;
	max = left < NAME_SLICE_MAX ? left : NAME_SLICE_MAX;
	name.len = strnlen(name.text, max);
	return name;
}

/* The bytes of section `i` of a type that has some. */
static bool section_bytes(const struct elf *elf, uint32_t i, uint32_t *offset, uint32_t *size,
			  struct err *e)
{
	const uint8_t *s = elf_shdr(elf, i);

	*offset = get_le32(s + 16);
	*size = get_le32(s + 20);
	if ((uint64_t)*offset + *size <= elf->size)
		return true;
	err_set(e,
		"section header at offset %zu: %" PRIu32 " bytes at offset %" PRIu32
		" lie outside the file (%zu bytes)",
		(size_t)(s - elf->data), *size, *offset, elf->size);
	return err_hint(e, "the file is cut off: build or copy it again");
}

/* No table, or a section that is none: names are "". */
static bool open_strings(const struct elf *elf, uint32_t section, struct strings *out,
			 struct err *e)
{
	uint32_t offset, size;

	*out = (struct strings){ "", 0 };
	if (section >= elf->shnum || get_le32(elf_shdr(elf, section) + 4) != SHT_STRTAB)
		return true;
	if (!section_bytes(elf, section, &offset, &size, e))
		return false;
	*out = (struct strings){ (const char *)elf->data + offset, size };
	return true;
}

static bool open_tables(struct elf *elf, const uint8_t *data, size_t size, struct err *e)
{
	if (!elf_open(elf, data, size, e))
		return false;
	if (elf->shnum || (!get_le32(data + 32) && !get_le16(data + 48)))
		return true;
	err_set(e, "offset 32: the table of sections at offset %" PRIu32 " lies outside the file",
		get_le32(data + 32));
	return err_hint(e, "the file is cut off: build or copy it again");
}

struct load {
	uint32_t vaddr, paddr, offset, filesz, memsz;
};
struct loads {
	struct load *items;
	size_t count, cap;
};

static int by_vaddr(const void *left, const void *right)
{
	const struct load *a = left, *b = right;

	return (a->vaddr > b->vaddr) - (a->vaddr < b->vaddr);
}

static void collect_loads(struct loads *out, const struct elf *elf)
{
	for (uint32_t i = 0; i < elf->phnum; i++) {
		const uint8_t *p = elf_phdr(elf, i);

		if (get_le32(p) == PT_LOAD)
			vec_push(out,
				 (struct load){ get_le32(p + 8), get_le32(p + 12), get_le32(p + 4),
						get_le32(p + 16), get_le32(p + 20) });
	}
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_vaddr);
}

static bool holds(const struct load *l, const struct section *s, uint32_t offset)
{
	uint64_t from = s->address - (uint64_t)l->vaddr;

	if (s->address < l->vaddr || from + s->size > l->memsz)
		return false;
	return !s->stored || (from + s->size <= l->filesz && offset == l->offset + from);
}

/*
 * Where a section's bytes are put: as far from its segment's start as at run time. Overlays are several segments that
 * begin at one address: a few are looked through.
 */
static uint32_t load_address(const struct loads *loads, const struct section *s, uint32_t offset)
{
	enum { OVERLAYS = 64 };
	size_t low = 0, high = loads->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (loads->items[mid].vaddr <= s->address)
			low = mid + 1;
		else
			high = mid;
	}
	for (size_t i = 0; i < OVERLAYS && i < low; i++) {
		const struct load *l = &loads->items[low - 1 - i];

		if (holds(l, s, offset))
			return l->paddr + (s->address - l->vaddr);
	}
	return s->address;
}

/* By flags, and in the order of them, in which binutils' size counts. */
static enum section_kind kind_of(uint32_t flags, bool stored)
{
	if (flags & SHF_EXECINSTR)
		return SECTION_TEXT;
	if (!(flags & SHF_WRITE))
		return SECTION_RODATA;
	return stored ? SECTION_DATA : SECTION_BSS;
}

static bool add_section(struct sections *out, const struct elf *elf, uint32_t i,
			const struct strings *names, const struct loads *loads, struct err *e)
{
	const uint8_t *h = elf_shdr(elf, i);
	uint32_t flags = get_le32(h + 8), offset = get_le32(h + 16);
	struct section s = {
		.address = get_le32(h + 12),
		.size = get_le32(h + 20),
		.stored = get_le32(h + 4) != SHT_NOBITS,
	};

	if (!(flags & SHF_ALLOC) || !s.size)
		return true;
	if (s.stored && !section_bytes(elf, i, &offset, &s.size, e))
		return false;
	if (s.size > UINT64_C(0x100000000) - s.address)
		return err_set(e,
			       "section header at offset %zu: %" PRIu32 " bytes at 0x%08" PRIx32
			       " run past the end of the 32-bit address space",
			       (size_t)(h - elf->data), s.size, s.address);
	s.name = name_at(names, get_le32(h));
	s.kind = kind_of(flags, s.stored);
	s.load = load_address(loads, &s, offset);
	vec_push(out, s);
	return true;
}

bool sections_read(struct sections *out, const uint8_t *data, size_t size, struct err *e)
{
	struct loads loads = { 0 };
	struct strings names;
	struct elf elf;
	bool good;

	if (!open_tables(&elf, data, size, e) || !open_strings(&elf, elf.shstrndx, &names, e))
		return false;
	collect_loads(&loads, &elf);
	good = true;
	for (uint32_t i = 1; good && i < elf.shnum; i++)
		good = add_section(out, &elf, i, &names, &loads, e);
	vec_free(&loads);
	return good;
}

static bool add_symbols(struct symbols *out, const struct elf *elf, uint32_t table, struct err *e)
{
	struct strings names;
	uint32_t offset, size;

	if (!section_bytes(elf, table, &offset, &size, e) ||
	    !open_strings(elf, get_le32(elf_shdr(elf, table) + 24), &names, e))
		return false;
	for (uint64_t at = 0; at + ELF_SYM <= size; at += ELF_SYM) {
		const uint8_t *s = elf->data + offset + at;
		uint16_t section = get_le16(s + 14);
		uint32_t address;

		/* Undefined ones are elsewhere, and absolute ones are numbers. */
		if (!get_le32(s + 8) || section == 0 || section >= SHN_LORESERVE)
			continue;
		address = get_le32(s + 4);
		if (elf->machine == EM_ARM && (s[12] & 0xf) == STT_FUNC)
			address &= ~UINT32_C(1); /* Thumb */
		vec_push(out,
			 (struct symbol){ name_at(&names, get_le32(s)), address, get_le32(s + 8) });
	}
	return true;
}

bool symbols_read(struct symbols *out, const uint8_t *data, size_t size, struct err *e)
{
	struct elf elf;

	if (!open_tables(&elf, data, size, e))
		return false;
	/* There is one at most (System V ABI); several could count the same bytes many times. */
	for (uint32_t i = 1; i < elf.shnum; i++)
		if (get_le32(elf_shdr(&elf, i) + 4) == SHT_SYMTAB)
			return add_symbols(out, &elf, i, e);
	return true;
}

void sections_of_image(struct sections *out, const struct image *img)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		const char *name = arena_printf(&out->arena, "0x%08" PRIx32, s->address);

		vec_push(out, (struct section){
				      .name = { name, strlen(name) },
				      .address = s->address,
				      .load = s->address,
				      .size = s->size,
				      .kind = SECTION_BYTES,
				      .stored = true,
			      });
	}
}

void sections_free(struct sections *s)
{
	vec_free(s);
	arena_free(&s->arena);
}

void symbols_free(struct symbols *s)
{
	vec_free(s);
}
