/* SPDX-License-Identifier: MIT
 *
 * UF2: 512-byte blocks that each carry an address and up to 476 bytes, for drag-and-drop bootloaders. Source: the UF2
 * specification (microsoft/uf2), and what the boot ROMs and Adafruit's bootloaders make of it.
 */
#include "image/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "image/le.h"
#include "image/page.h"
#include "image/part.h"
#include "image/uf2_family.h"
#include "image/universal_hex.h"

enum { BLOCK_SIZE = 512, PAYLOAD_AT = 32, PAYLOAD_MAX = 476, MAX_FAMILIES = 16 };

#define MAGIC_0 UINT32_C(0x0A324655)
#define MAGIC_1 UINT32_C(0x9E5D5157)
#define MAGIC_END UINT32_C(0x0AB16F30)
#define RP2_IGNORE_BLOCK UINT32_C(0x9957e304) /* extension tag, picotool */

enum block_flags {
	UF2_NOT_MAIN_FLASH = 0x1,
	UF2_FILE_CONTAINER = 0x1000,
	UF2_FAMILY = 0x2000,
	UF2_EXTENSION_TAGS = 0x8000,
};

struct block {
	uint32_t flags, address, size, number, total, family;
	size_t index; /* in the file */
};

struct uf2_reader {
	const uint8_t *data;
	uint32_t families[MAX_FAMILIES];
	size_t family_count;
	struct {
		struct block *items;
		size_t count, cap;
	} blocks;
};

static bool uf2_probe(const uint8_t *data, size_t size)
{
	return size >= 8 && get_le32(data) == MAGIC_0 && get_le32(data + 4) == MAGIC_1;
}

static const uint8_t *payload(const struct uf2_reader *r, const struct block *b)
{
	return r->data + b->index * BLOCK_SIZE + PAYLOAD_AT;
}

/*
 * The block that a file for RP2350 A2 starts with as a workaround for erratum E10: it must never reach
 * flash by another way than the boot ROM's drive (picotool, check_abs_block).
 */
static bool is_e10_block(const struct uf2_reader *r, const struct block *b)
{
	const uint8_t *p = payload(r, b);

	if (b->family != UF2_FAMILY_RP2_ABSOLUTE || b->number != 0 || b->total != 2 ||
	    b->size != IMAGE_PAGE || (b->flags & ~UF2_EXTENSION_TAGS) != UF2_FAMILY)
		return false;
	if ((b->flags & UF2_EXTENSION_TAGS) && get_le32(p + IMAGE_PAGE) != RP2_IGNORE_BLOCK)
		return false;
	for (size_t i = 0; i < IMAGE_PAGE; i++)
		if (p[i] != 0xef)
			return false;
	return true;
}

static bool parse_block(const struct uf2_reader *r, struct block *b, struct err *e)
{
	const uint8_t *p = r->data + b->index * BLOCK_SIZE;

	if (!uf2_probe(p, BLOCK_SIZE) || get_le32(p + 508) != MAGIC_END) {
		err_set(e, "offset %zu: not a UF2 block (bad magic number)", b->index * BLOCK_SIZE);
		return err_hint(e, "the file is damaged: build or download it again");
	}
	b->flags = get_le32(p + 8);
	b->address = get_le32(p + 12);
	b->size = get_le32(p + 16);
	b->number = get_le32(p + 20);
	b->total = get_le32(p + 24);
	b->family = b->flags & UF2_FAMILY ? get_le32(p + 28) : 0;
	if (b->flags & UF2_FILE_CONTAINER) {
		err_set(e, "offset %zu: a container of files, not of a flash image",
			b->index * BLOCK_SIZE);
		return err_hint(e, "copy it onto the board's drive by hand");
	}
	if (b->size > PAYLOAD_MAX)
		return err_set(
			e, "offset %zu: a payload of %" PRIu32 " bytes; a block has room for %d",
			b->index * BLOCK_SIZE, b->size, PAYLOAD_MAX);
	if (b->number >= b->total)
		return err_set(e, "offset %zu: block number %" PRIu32 " of %" PRIu32,
			       b->index * BLOCK_SIZE, b->number, b->total);
	return true;
}

static bool note_family(struct uf2_reader *r, uint32_t family, struct err *e)
{
	for (size_t i = 0; i < r->family_count; i++)
		if (r->families[i] == family)
			return true;
	if (r->family_count == MAX_FAMILIES)
		return err_set(e, "more than %d families in one file", MAX_FAMILIES);
	r->families[r->family_count++] = family;
	return true;
}

static bool parse_blocks(struct uf2_reader *r, size_t size, struct err *e)
{
	if (size % BLOCK_SIZE) {
		err_set(e, "%zu bytes are not a whole number of 512-byte blocks", size);
		return err_hint(e, "the file is cut off: build or download it again");
	}
	for (size_t i = 0; i < size / BLOCK_SIZE; i++) {
		struct block b = { .index = i };

		if (!parse_block(r, &b, e))
			return false;
		if (is_e10_block(r, &b))
			continue;
		if (!note_family(r, b.family, e))
			return false;
		vec_push(&r->blocks, b);
	}
	return true;
}

static void add_family_text(struct strbuf *out, uint32_t family)
{
	const char *name = uf2_family_name(family);

	if (name)
		strbuf_adds(out, name);
	else if (family)
		strbuf_addf(out, "0x%08" PRIx32, family);
	else
		strbuf_adds(out, "none");
}

/* Which family to read: the only one, or the one asked for. */
static bool choose_family(const struct uf2_reader *r, uint32_t asked, uint32_t *family,
			  struct err *e)
{
	AUTO_STRBUF list = STRBUF_INIT;

	*family = r->family_count ? r->families[0] : 0;
	if (r->family_count <= 1)
		return true;
	for (size_t i = 0; i < r->family_count; i++) {
		if (asked && r->families[i] == asked) {
			*family = asked;
			return true;
		}
		strbuf_adds(&list, i ? ", " : "");
		add_family_text(&list, r->families[i]);
	}
	err_set(e, "it holds firmware for several families: %s", list.buf);
	return err_hint(e, "choose one of them with --family");
}

static int by_number(const void *left, const void *right)
{
	const struct block *a = left, *b = right;

	if (a->total != b->total)
		return a->total < b->total ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/*
 * Every block of the family must be there. Numbers start again where files were joined (esptool, concatenation), so
 * that of one total every number occurs as often as any other.
 */
static bool check_complete(struct block *blocks, size_t count, struct err *e)
{
	size_t first = 0;

	while (first < count) {
		uint32_t total = blocks[first].total;
		size_t n = first, times;

		while (n < count && blocks[n].total == total)
			n++;
		times = (n - first + total - 1) / total;
		for (size_t i = 0; i < times * total; i++) {
			uint32_t number = (uint32_t)(i / times);

			if (first + i < n && blocks[first + i].number == number)
				continue;
			err_set(e, "block %" PRIu32 " of %" PRIu32 " is missing", number, total);
			return err_hint(e, "the file is cut off: build or download it again");
		}
		first = n;
	}
	return true;
}

static bool collect(struct uf2_reader *r, uint32_t family, struct image *img, struct err *e)
{
	AUTO_PARTS parts = { .noun = "block" };
	size_t count = 0;

	for (size_t i = 0; i < r->blocks.count; i++) {
		const struct block *b = &r->blocks.items[i];

		if (b->family != family)
			continue;
		/* Blocks that are not for the main flash count, but the image has no place for them. */
		if (!(b->flags & UF2_NOT_MAIN_FLASH) &&
		    !image_parts_add(&parts, b->address, payload(r, b), b->size, b->index, e))
			return false;
		r->blocks.items[count++] = *b;
	}
	if (count)
		qsort(r->blocks.items, count, sizeof(*r->blocks.items), by_number);
	return check_complete(r->blocks.items, count, e) && image_parts_finish(&parts, img, e);
}

static bool uf2_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	struct uf2_reader r = { .data = data };
	bool good = parse_blocks(&r, size, e) &&
		    choose_family(&r, opt->uf2_family, &img->uf2_family, e) &&
		    collect(&r, img->uf2_family, img, e);

	vec_free(&r.blocks);
	return good;
}

/* Payload 256 at a 256-aligned address: boot ROMs and bootloaders drop every other block without a word. */
static void put_block(struct strbuf *out, uint32_t address, const uint8_t *page, uint32_t family)
{
	uint8_t *p;

	strbuf_reserve(out, BLOCK_SIZE);
	p = (uint8_t *)out->buf + out->len;
	put_le32(p, MAGIC_0);
	put_le32(p + 4, MAGIC_1);
	put_le32(p + 8, family ? UF2_FAMILY : 0);
	put_le32(p + 12, address);
	put_le32(p + 16, IMAGE_PAGE);
	put_le32(p + 28, family);
	memcpy(p + PAYLOAD_AT, page, IMAGE_PAGE);
	memset(p + PAYLOAD_AT + IMAGE_PAGE, 0, BLOCK_SIZE - PAYLOAD_AT - IMAGE_PAGE - 4);
	put_le32(p + 508, MAGIC_END);
	out->len += BLOCK_SIZE;
}

static void number_blocks(struct strbuf *out, size_t start)
{
	uint32_t total = (uint32_t)((out->len - start) / BLOCK_SIZE);

	for (uint32_t i = 0; i < total; i++) {
		uint8_t *p = (uint8_t *)out->buf + start + (size_t)i * BLOCK_SIZE;

		put_le32(p + 20, i);
		put_le32(p + 24, total);
	}
}

/*
 * RP2040's boot ROM decides by block number which 4 KiB sectors to erase, so that the sectors an image touches must be
 * whole, but for what follows the last page (picotool, elf2uf2.cpp). `*next` is the first address that
 * has not been written; zero pages are added up to `page`.
 */
static void fill_sectors(struct strbuf *out, uint64_t *next, uint32_t page, uint32_t family)
{
	static const uint8_t zeros[IMAGE_PAGE];
	const uint32_t sector = 4096;
	uint64_t rest = (*next + sector - 1) & ~(uint64_t)(sector - 1);
	uint32_t start = page & ~(sector - 1);

	for (; *next < rest && *next < page; *next += IMAGE_PAGE)
		put_block(out, (uint32_t)*next, zeros, family);
	if (*next < start)
		*next = start;
	for (; *next < page; *next += IMAGE_PAGE)
		put_block(out, (uint32_t)*next, zeros, family);
}

/* The flash window of RP2040 and RP2350; images that run from RAM are not erased for. */
static bool in_rp2_flash(uint32_t address)
{
	return address >= 0x10000000 && address < 0x12000000;
}

static bool uf2_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
		      struct err *e)
{
	uint32_t asked = universal_hex_uf2_family(opt->uf2_family); /* it may be what was read */
	uint32_t family = asked ? asked : img->uf2_family, page;
	struct image_pages pages = IMAGE_PAGES(img);
	size_t start = out->len;
	const uint8_t *bytes;
	uint64_t next = 0;

	(void)e;
	strbuf_reserve(out, (size_t)(image_size(img) / IMAGE_PAGE + 2) * BLOCK_SIZE);
	while ((bytes = image_pages_next(&pages, &page))) {
		if (uf2_family_is_rp2(family) && in_rp2_flash(page))
			fill_sectors(out, &next, page, family);
		put_block(out, page, bytes, family);
		next = (uint64_t)page + IMAGE_PAGE;
	}
	number_blocks(out, start);
	if (out->cap)
		out->buf[out->len] = '\0';
	return true;
}

const struct image_format uf2_format = {
	.name = "uf2",
	.title = "UF2",
	.probe = uf2_probe,
	.read = uf2_read,
	.write = uf2_write,
};
