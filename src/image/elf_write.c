/* SPDX-License-Identifier: MIT
 *
 * ELF executables, written: for debuggers and probes that load nothing else. One PT_LOAD and one section a segment, named
 * .sec1, .sec2 as objcopy names them, which are all that objcopy needs to make any other format of it.
 */
#include "image/elf.h"

#include <inttypes.h>
#include <string.h>

#include "image/chip.h"
#include "image/le.h"
#include "image/rp2_block.h"
#include "image/uf2_family.h"

/* EF_ARM_EABI_VER5: without it binutils takes the code for one of the ABI before EABI. */
enum { EF_ARM_EABI5 = 0x05000000 };
enum { PF_X = 1, PF_R = 4, EV_CURRENT = 1 };
/* With the empty first section and the names' own, section numbers end below SHN_LORESERVE. */
enum { MAX_SEGMENTS = SHN_LORESERVE - 2 };

static const char first_names[] = "\0.shstrtab"; /* .shstrtab at 1 */

/* Appends `size` zero bytes, which live until the next append. */
static uint8_t *append(struct strbuf *out, size_t size)
{
	uint8_t *p;

	strbuf_reserve(out, size);
	p = (uint8_t *)out->buf + out->len;
	memset(p, 0, size + 1);
	out->len += size;
	return p;
}

static bool chip_machine(const char *name, uint16_t *machine, struct err *e)
{
	const struct chip *chip = chip_by_name(name);

	if (!chip) {
		err_set(e, "there is no chip '%s'", name);
		return err_hint(e, "a chip's name is like stm32f4, rp2040 or esp32c3");
	}
	*machine = chip->machine;
	return true;
}

/* RP2350 has two kinds of processors, and the family of a UF2 file says which. */
static uint16_t family_machine(uint32_t family)
{
	switch (family) {
	case UF2_FAMILY_RP2350_ARM_S:
	case UF2_FAMILY_RP2350_ARM_NS:
		return EM_ARM;
	case UF2_FAMILY_RP2350_RISCV:
		return EM_RISCV;
	default:
		return EM_NONE;
	}
}

static bool unknown_machine(const char *name, struct err *e)
{
	err_set(e, "an ELF file states a processor, and this image does not say which it is for");
	if (name)
		return err_hint(
			e, "%s has several: name the family, for example --family rp2350-arm-s",
			name);
	return err_hint(e, "name the chip, for example --chip stm32f4");
}

/* What the image says goes first, then what the user says, then what can be told from the bytes. */
static bool find_machine(const struct image *img, const struct image_options *opt,
			 uint16_t *machine, struct err *e)
{
	const char *name = opt->chip ? opt->chip : img->chip;
	const struct chip *chip;
	bool certain;

	*machine = EM_NONE;
	if (name && !chip_machine(name, machine, e))
		return false;
	if (img->machine && *machine && img->machine != *machine) {
		err_set(e, "the image is a program for %s, but %s runs %s",
			elf_machine_name(img->machine), name, elf_machine_name(*machine));
		return err_hint(e, "leave --chip out, or give the chip that the firmware is for");
	}
	if (img->machine)
		*machine = img->machine;
	if (!*machine)
		*machine = family_machine(opt->uf2_family ? opt->uf2_family : img->uf2_family);
	if (!*machine)
		*machine = family_machine(rp2_uf2_family(img));
	if (*machine)
		return true;
	chip = chip_of_image(img, &certain);
	if (chip)
		*machine = chip->machine;
	return *machine || unknown_machine(name, e);
}

static void put_header(struct strbuf *out, const struct image *img, uint16_t machine,
		       uint32_t entry, uint32_t sections)
{
	uint8_t *h = append(out, ELF_EHDR);

	memcpy(h, (const uint8_t[]){ 0x7f, 'E', 'L', 'F', 1, 1, EV_CURRENT }, 7);
	put_le16(h + 16, ET_EXEC);
	put_le16(h + 18, machine);
	put_le32(h + 20, EV_CURRENT);
	put_le32(h + 24, entry);
	put_le32(h + 28, ELF_EHDR);
	put_le32(h + 32, sections);
	put_le32(h + 36, machine == EM_ARM ? EF_ARM_EABI5 : 0);
	put_le16(h + 40, ELF_EHDR);
	put_le16(h + 42, ELF_PHDR);
	put_le16(h + 44, (uint16_t)img->count);
	put_le16(h + 46, ELF_SHDR);
	put_le16(h + 48, (uint16_t)(img->count + 2));
	put_le16(h + 50, (uint16_t)(img->count + 1));
}

static void put_segment(struct strbuf *out, const struct image_segment *s, uint32_t offset)
{
	uint8_t *p = append(out, ELF_PHDR);

	put_le32(p, PT_LOAD);
	put_le32(p + 4, offset);
	put_le32(p + 8, s->address);
	put_le32(p + 12, s->address);
	put_le32(p + 16, s->size);
	put_le32(p + 20, s->size);
	put_le32(p + 24, PF_R | PF_X);
	put_le32(p + 28, 1);
}

static void put_section(struct strbuf *out, uint32_t name, uint32_t type, uint32_t flags,
			uint32_t address, uint32_t offset, uint32_t size)
{
	uint8_t *p = append(out, ELF_SHDR);

	put_le32(p, name);
	put_le32(p + 4, type);
	put_le32(p + 8, flags);
	put_le32(p + 12, address);
	put_le32(p + 16, offset);
	put_le32(p + 20, size);
	put_le32(p + 32, 1); /* alignment: none */
}

static void put_sections(struct strbuf *out, const struct image *img, uint32_t offset,
			 const struct strbuf *names, uint32_t names_offset)
{
	const char *name = names->buf + sizeof(first_names);

	append(out, ELF_SHDR);
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		put_section(out, (uint32_t)(name - names->buf), SHT_PROGBITS,
			    SHF_ALLOC | SHF_EXECINSTR, s->address, offset, s->size);
		offset += s->size;
		name += strlen(name) + 1;
	}
	put_section(out, 1, SHT_STRTAB, 0, 0, names_offset, (uint32_t)names->len);
}

/* Header, program headers, bytes, names, padding to four, sections. */
bool elf_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
	       struct err *e)
{
	size_t bytes_at = ELF_EHDR + img->count * ELF_PHDR;
	size_t names_at = bytes_at + (size_t)image_size(img), sections_at;
	AUTO_STRBUF names = STRBUF_INIT;
	uint32_t offset = (uint32_t)bytes_at;
	uint16_t machine;

	if (img->count > MAX_SEGMENTS) {
		err_set(e, "an ELF file has no room for %zu parts; %d is the limit", img->count,
			MAX_SEGMENTS);
		return err_hint(e, "dfu, hex and uf2 hold any number");
	}
	if (!find_machine(img, opt, &machine, e))
		return false;
	strbuf_add(&names, first_names, sizeof(first_names));
	for (size_t i = 0; i < img->count; i++) {
		strbuf_addf(&names, ".sec%zu", i + 1);
		strbuf_addch(&names, '\0');
	}
	sections_at = (names_at + names.len + 3) & ~(size_t)3;
	strbuf_reserve(out, sections_at + (img->count + 2) * ELF_SHDR);
	put_header(out, img, machine, opt->has_entry ? opt->entry : img->entry,
		   (uint32_t)sections_at);
	for (size_t i = 0; i < img->count; i++) {
		put_segment(out, &img->segments[i], offset);
		offset += img->segments[i].size;
	}
	for (size_t i = 0; i < img->count; i++)
		strbuf_add(out, img->segments[i].data, img->segments[i].size);
	strbuf_add(out, names.buf, names.len);
	append(out, sections_at - names_at - names.len);
	put_sections(out, img, (uint32_t)bytes_at, &names, (uint32_t)names_at);
	return true;
}
