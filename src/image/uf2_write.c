/* SPDX-License-Identifier: MIT
 *
 * UF2 out: pages of 256 bytes, one a block, as boot ROMs and boot loaders want them.
 */
#include "image/uf2.h"

#include <inttypes.h>
#include <string.h>

#include "image/chip.h"
#include "image/le.h"
#include "image/page.h"
#include "image/rp2_block.h"
#include "image/uf2_family.h"
#include "image/universal_hex.h"

enum { SECTOR = 4096 };

/* Payload 256 at a 256-aligned address: boot ROMs and boot loaders drop every other block without a word. */
static uint8_t *put_block(struct strbuf *out, uint32_t address, const uint8_t *page,
			  uint32_t family)
{
	uint8_t *p;

	strbuf_reserve(out, UF2_BLOCK);
	p = (uint8_t *)out->buf + out->len;
	put_le32(p, UF2_MAGIC_0);
	put_le32(p + 4, UF2_MAGIC_1);
	put_le32(p + 8, family ? UF2_FAMILY : 0);
	put_le32(p + 12, address);
	put_le32(p + 16, IMAGE_PAGE);
	put_le32(p + 28, family);
	memcpy(p + UF2_DATA_AT, page, IMAGE_PAGE);
	memset(p + UF2_DATA_AT + IMAGE_PAGE, 0, UF2_DATA_SIZE - IMAGE_PAGE);
	put_le32(p + 508, UF2_MAGIC_END);
	out->len += UF2_BLOCK;
	return p;
}

static void number_blocks(struct strbuf *out, size_t start)
{
	uint32_t total = (uint32_t)((out->len - start) / UF2_BLOCK);

	for (uint32_t i = 0; i < total; i++) {
		uint8_t *p = (uint8_t *)out->buf + start + (size_t)i * UF2_BLOCK;

		put_le32(p + 20, i);
		put_le32(p + 24, total);
	}
}

/* Returns where the next tag goes. */
static uint8_t *put_tag(uint8_t *p, uint32_t type, const char *text)
{
	size_t size = strlen(text);

	if (!size)
		return p;
	put_le32(p, type << 8 | (uint32_t)(size + 4));
	memcpy(p + 4, text, size + 1); /* what comes next overwrites the NUL */
	return p + 4 + ((size + 3) & ~(size_t)3);
}

/*
 * What the tags of the file said that the image comes from, in the first block, where tags need to be only once. Both
 * texts at their longest take 204 of the 220 bytes behind the page. The name of a DfuSe target is no device text.
 */
static void put_tags(uint8_t *block, const struct image *img)
{
	uint8_t *start = block + UF2_DATA_AT + IMAGE_PAGE;
	uint8_t *p = put_tag(start, UF2_TAG_VERSION, img->uf2_version);

	if (!img->has_alt)
		p = put_tag(p, UF2_TAG_DEVICE, img->board);
	if (p == start)
		return;
	put_le32(p, UINT32_MAX);
	put_le32(block + 8, get_le32(block + 8) | UF2_TAGS);
}

/* The flash window of RP2040 and RP2350; images that run from RAM are not erased for. */
static bool in_rp2_flash(uint64_t address)
{
	return address >= 0x10000000 && address < 0x12000000;
}

/* Where the boot ROMs take blocks for; SRAM as large as RP2350's. */
static bool in_rp2_memory(uint64_t address)
{
	return in_rp2_flash(address) || (address >= 0x20000000 && address < 0x20082000);
}

/*
 * RP2040's boot ROM decides by block number which 4 KiB sectors to erase, so that the sectors an image touches must be
 * whole, but for what follows the last page (picotool, elf2uf2.cpp). `*next` is the first address that
 * has not been written; zero pages are added up to `page`. One page may cost a sector so, in a window of 32 MiB.
 */
static void fill_sectors(struct strbuf *out, uint64_t *next, uint32_t page, uint32_t family)
{
	static const uint8_t zeros[IMAGE_PAGE];
	uint64_t rest = (*next + SECTOR - 1) & ~(uint64_t)(SECTOR - 1);
	uint32_t start = page & ~(uint32_t)(SECTOR - 1);

	if (in_rp2_flash(*next))
		for (; *next < rest && *next < page; *next += IMAGE_PAGE)
			put_block(out, (uint32_t)*next, zeros, family);
	if (*next < start)
		*next = start;
	for (; *next < page; *next += IMAGE_PAGE)
		put_block(out, (uint32_t)*next, zeros, family);
}

static void put_image(const struct image *img, uint32_t family, struct strbuf *out)
{
	struct image_pages pages = IMAGE_PAGES(img);
	size_t start = out->len;
	const uint8_t *bytes;
	uint64_t next = 0;
	uint32_t page;

	strbuf_reserve(out, (size_t)(image_size(img) / IMAGE_PAGE + 2) * UF2_BLOCK);
	while ((bytes = image_pages_next(&pages, &page))) {
		if (uf2_family_is_rp2(family) && in_rp2_flash(page))
			fill_sectors(out, &next, page, family);
		put_block(out, page, bytes, family);
		next = (uint64_t)page + IMAGE_PAGE;
	}
	number_blocks(out, start);
	put_tags((uint8_t *)out->buf + start, img);
}

/* RP2350's, but for the one whose addresses are absolute: that needs no workaround. */
static bool has_e10(const struct image *img, uint32_t family)
{
	return uf2_family_is_rp2(family) && family != UF2_FAMILY_RP2_ABSOLUTE &&
	       family != UF2_FAMILY_RP2040 && in_rp2_flash(image_start(img));
}

/*
 * Erratum RP2350-E10: copied onto the boot ROM's drive, a file for a partition is taken only behind one absolute block. It
 * goes where picotool lets it go, the last page of the 16 MiB window, and says that there are two blocks, so that the
 * ROM goes on waiting.
 */
static void put_e10_block(struct strbuf *out)
{
	uint8_t page[IMAGE_PAGE], *p;

	memset(page, 0xef, sizeof(page));
	p = put_block(out, 0x10ffff00, page, UF2_FAMILY_RP2_ABSOLUTE);
	put_le32(p + 8, UF2_FAMILY | UF2_TAGS);
	put_le32(p + 20, 0);
	put_le32(p + 24, 2);
	put_le32(p + UF2_DATA_AT + IMAGE_PAGE, (uint32_t)UF2_TAG_RP2_IGNORE << 8 | 4);
}

static bool start_e10(struct strbuf *out, bool wanted, bool has, struct err *e)
{
	if (wanted && !has) {
		err_set(e, "the block for erratum RP2350-E10 is for the flash of an RP2350 only");
		return err_hint(e, "give its family, for example --family rp2350-arm-s");
	}
	if (wanted)
		put_e10_block(out);
	return true;
}

/*
 * As asked for, else as the file says that the image comes from, else as its bytes or --chip do: boot ROMs drop blocks that
 * state none. The chip that an ESP image states is left alone: UF2 files for it do not count from the start of the flash.
 */
static uint32_t family_of(const struct image *img, const struct image_options *opt)
{
	uint32_t asked = universal_hex_uf2_family(opt->uf2_family); /* it may be what was read */
	const struct chip *chip = opt->chip ? chip_by_name(opt->chip) : NULL;
	uint32_t family;

	if (opt->uf2_no_family)
		return 0;
	if (asked || img->uf2_family)
		return asked ? asked : img->uf2_family;
	family = in_rp2_memory(image_start(img)) ? rp2_uf2_family(img) : 0;
	return !family && chip ? chip->uf2_family : family;
}

bool uf2_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
	       struct err *e)
{
	uint32_t family = family_of(img, opt);

	if (!start_e10(out, opt->uf2_e10, has_e10(img, family), e))
		return false;
	put_image(img, family, out);
	out->buf[out->len] = '\0';
	return true;
}

bool uf2_write_several(const struct image *const *images, size_t count, struct strbuf *out,
		       const struct image_options *opt, struct err *e)
{
	bool e10 = false;

	if (count > UF2_MAX_FAMILIES)
		return err_set(e, "a UF2 file holds at most %d families", UF2_MAX_FAMILIES);
	for (size_t i = 0; i < count; i++) {
		e10 = e10 || has_e10(images[i], images[i]->uf2_family);
		for (size_t k = 0; k < i; k++) {
			char text[32];

			if (images[i]->uf2_family != images[k]->uf2_family)
				continue;
			uf2_family_text(text, sizeof(text), images[i]->uf2_family);
			err_set(e, "two images are of the family '%s'", text);
			return err_hint(e, "give each a family of its own");
		}
	}
	if (!start_e10(out, opt->uf2_e10, e10, e))
		return false;
	for (size_t i = 0; i < count; i++)
		put_image(images[i], images[i]->uf2_family, out);
	out->buf[out->len] = '\0';
	return true;
}
