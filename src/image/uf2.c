/* SPDX-License-Identifier: MIT
 *
 * UF2: 512-byte blocks that each carry an address and up to 476 bytes, for drag-and-drop boot loaders. Here a file's
 * blocks become an image: the blocks of one family, in whatever order they are.
 */
#include "image/uf2.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "image/format.h"
#include "image/le.h"
#include "image/part.h"
#include "image/uf2_family.h"

static bool uf2_probe(const uint8_t *data, size_t size)
{
	return size >= 8 && get_le32(data) == UF2_MAGIC_0 && get_le32(data + 4) == UF2_MAGIC_1;
}

void uf2_family_text(char *out, size_t room, uint32_t family)
{
	const char *name = uf2_family_name(family);

	if (name)
		snprintf(out, room, "%s", name);
	else if (family)
		snprintf(out, room, "0x%08" PRIx32, family);
	else
		snprintf(out, room, "none");
}

/* Which family to read: the only one, or the one asked for. */
static bool choose_family(const struct uf2_file *f, const struct image_options *opt,
			  uint32_t *family, struct err *e)
{
	bool asked = opt->uf2_no_family || opt->uf2_family;
	uint32_t wanted = opt->uf2_no_family ? 0 : opt->uf2_family;
	AUTO_STRBUF list = STRBUF_INIT;

	*family = f->family_count ? f->families[0] : 0;
	if (f->family_count <= 1)
		return true;
	for (size_t i = 0; i < f->family_count; i++) {
		char text[32];

		if (asked && f->families[i] == wanted) {
			*family = wanted;
			return true;
		}
		uf2_family_text(text, sizeof(text), f->families[i]);
		strbuf_addf(&list, "%s%s", i ? ", " : "", text);
	}
	err_set(e, "it holds firmware for several families: %s", list.buf);
	return err_hint(e, "choose one of them with --family");
}

static int by_number(const void *left, const void *right)
{
	const struct uf2_block *a = left, *b = right;

	if (a->total != b->total)
		return a->total < b->total ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* Nearly every file is sorted already. */
static void sort_blocks(struct uf2_block *blocks, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (by_number(&blocks[i - 1], &blocks[i]) > 0) {
			qsort(blocks, count, sizeof(*blocks), by_number);
			return;
		}
	}
}

/* A block may come twice (operating systems write so, says the specification); another one in its place may not. */
static bool repeats(const struct uf2_file *f, const struct uf2_block *a, const struct uf2_block *b)
{
	return a->total == b->total && a->number == b->number && a->address == b->address &&
	       a->flags == b->flags && a->size == b->size &&
	       memcmp(uf2_payload(f, a), uf2_payload(f, b), a->size) == 0;
}

/* The blocks from i on that have its number. */
static size_t run_length(const struct uf2_block *blocks, size_t count, size_t i)
{
	size_t n = 1;

	while (i + n < count && blocks[i + n].number == blocks[i].number)
		n++;
	return n;
}

static bool missing(uint32_t number, uint32_t total, struct err *e)
{
	err_set(e, "block %" PRIu32 " of %" PRIu32 " is missing", number, total);
	return err_hint(e, "the file is cut off: build or download it again");
}

/* Blocks with one total: `times` files were joined. */
static bool check_total(const struct uf2_block *blocks, size_t count, struct err *e)
{
	uint32_t total = blocks[0].total, next = 0;
	size_t times = 0;

	for (size_t i = 0, n; i < count; i += n) {
		size_t different = 0;

		n = run_length(blocks, count, i);
		for (size_t k = i; k < i + n; k++)
			different += !blocks[k].rider && !blocks[k].repeated;
		if (different > times)
			times = different;
	}
	if (!times)
		return true;
	for (size_t i = 0, n; i < count; i += n, next++) {
		n = run_length(blocks, count, i);
		if (blocks[i].number != next || n < times)
			return missing(next, total, e);
	}
	return next == total || missing(next, total, e);
}

void uf2_blocks_sort(const struct uf2_file *f, struct uf2_block *blocks, size_t count)
{
	sort_blocks(blocks, count);
	for (size_t i = 1; i < count; i++)
		blocks[i].repeated = repeats(f, &blocks[i - 1], &blocks[i]);
}

bool uf2_blocks_complete(const struct uf2_block *blocks, size_t count, struct err *e)
{
	for (size_t first = 0, end; first < count; first = end) {
		for (end = first + 1; end < count && blocks[end].total == blocks[first].total;)
			end++;
		if (!check_total(blocks + first, end - first, e))
			return false;
	}
	return true;
}

static bool add_parts(const struct uf2_file *f, struct image *img, struct err *e)
{
	AUTO_PARTS parts = { .noun = "block at offset" };

	for (size_t i = 0; i < f->blocks.count; i++) {
		const struct uf2_block *b = &f->blocks.items[i];

		/* Blocks that are not for the main flash count, but the image has no place for them. */
		if (b->rider || b->repeated || (b->flags & UF2_NOT_MAIN_FLASH))
			continue;
		if (!image_parts_add(&parts, b->address, uf2_payload(f, b), b->size, b->offset, e))
			return false;
	}
	return image_parts_finish(&parts, img, e);
}

/* The texts of the first tags that have some. */
static void take_tags(const struct uf2_file *f, struct image *img)
{
	struct uf2_tag tag;

	for (size_t i = 0; i < f->blocks.count; i++) {
		struct uf2_tags it = uf2_tags(f, &f->blocks.items[i]);

		while (uf2_tags_next(&it, &tag)) {
			if (tag.type == UF2_TAG_DEVICE && !img->board[0])
				utf8_printable(img->board, sizeof(img->board), tag.data, tag.size);
			if (tag.type == UF2_TAG_VERSION && !img->uf2_version[0])
				utf8_printable(img->uf2_version, sizeof(img->uf2_version), tag.data,
					       tag.size);
		}
	}
}

bool uf2_collect(struct uf2_file *f, struct image *img, const struct image_options *opt,
		 struct err *e)
{
	size_t count = 0;

	if (!f->family_count && f->container_blocks) {
		err_set(e, "offset 0: a container of files, not of a flash image");
		return err_hint(e, "it is for a board's drive: copy it there by hand");
	}
	if (!choose_family(f, opt, &img->uf2_family, e))
		return false;
	for (size_t i = 0; i < f->blocks.count; i++) {
		const struct uf2_block *b = &f->blocks.items[i];

		if (b->rider || b->family == img->uf2_family)
			f->blocks.items[count++] = *b;
	}
	f->blocks.count = count;
	uf2_blocks_sort(f, f->blocks.items, count);
	/* An overlap first: a block with other bytes in the place of one would be told as too many of its number. */
	if (!add_parts(f, img, e) || !uf2_blocks_complete(f->blocks.items, count, e))
		return false;
	take_tags(f, img);
	return true;
}

static bool uf2_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	struct uf2_file f;
	bool good = uf2_parse(&f, data, size, e) && uf2_collect(&f, img, opt, e);

	uf2_free(&f);
	return good;
}

static bool uf2_choices(struct image_choices *out, const uint8_t *data, size_t size, struct err *e)
{
	struct uf2_file f;
	bool good = uf2_parse(&f, data, size, e);

	for (size_t i = 0; good && i < f.family_count; i++) {
		struct image_choice c = { .id = f.families[i] };

		uf2_family_text(c.name, sizeof(c.name), c.id);
		vec_push(out, c);
	}
	uf2_free(&f);
	return good;
}

static void uf2_select(struct image_options *opt, uint32_t id)
{
	opt->uf2_family = id;
	opt->uf2_no_family = id == 0;
}

const struct image_format uf2_format = {
	.name = "uf2",
	.title = "UF2",
	.probe = uf2_probe,
	.read = uf2_read,
	.write = uf2_write,
	.choices = uf2_choices,
	.select = uf2_select,
	.write_several = uf2_write_several,
	.inspect = uf2_inspect,
};
