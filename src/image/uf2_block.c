/* SPDX-License-Identifier: MIT
 *
 * UF2 blocks, each for itself: numbers, checksum room, extension tags. What a file makes of them is uf2.c's.
 */
#include "image/uf2.h"

#include <inttypes.h>
#include <string.h>

#include "base/vec.h"
#include "image/le.h"
#include "image/page.h"
#include "image/uf2_family.h"

const uint8_t *uf2_payload(const struct uf2_file *f, const struct uf2_block *b)
{
	return f->data + b->offset + UF2_DATA_AT;
}

struct uf2_tags uf2_tags(const struct uf2_file *f, const struct uf2_block *b)
{
	size_t at = UF2_DATA_AT + (((size_t)b->size + 3) & ~(size_t)3);
	size_t end = UF2_DATA_AT + UF2_DATA_SIZE - (b->flags & UF2_MD5 ? UF2_MD5_SIZE : 0);

	/* In a container of files the file's name stands there. */
	if (!(b->flags & UF2_TAGS) || (b->flags & UF2_FILE_CONTAINER))
		at = end;
	return (struct uf2_tags){ f->data + b->offset, at, end };
}

/* The list ends with a tag of zeros or of ones, or where there is no room for another. */
bool uf2_tags_next(struct uf2_tags *it, struct uf2_tag *tag)
{
	uint32_t word;

	if (it->at + 4 > it->end)
		return false;
	word = get_le32(it->block + it->at);
	tag->size = word & 0xff;
	tag->type = word >> 8;
	if (!word || word == UINT32_MAX || tag->size < 4 || tag->size > it->end - it->at)
		return false;
	tag->data = it->block + it->at + 4;
	it->at += (tag->size + 3) & ~(size_t)3;
	tag->size -= 4;
	return true;
}

static bool check_tags(const struct uf2_file *f, const struct uf2_block *b, struct err *e)
{
	struct uf2_tags it = uf2_tags(f, b);
	struct uf2_tag tag;
	uint32_t word;

	while (uf2_tags_next(&it, &tag))
		;
	if (it.at + 4 > it.end)
		return true;
	word = get_le32(it.block + it.at);
	if (!word || word == UINT32_MAX)
		return true;
	err_set(e, "offset %zu: an extension tag of %" PRIu32 " bytes, where there is room for %zu",
		b->offset + it.at, word & 0xff, it.end - it.at);
	return err_hint(e, "the file is damaged: build or download it again");
}

static bool check_size(const struct uf2_block *b, struct err *e)
{
	if (b->size > UF2_DATA_SIZE)
		return err_set(
			e, "offset %zu: a payload of %" PRIu32 " bytes; a block has room for %d",
			b->offset, b->size, UF2_DATA_SIZE);
	if ((b->flags & UF2_MD5) && b->size > UF2_DATA_SIZE - UF2_MD5_SIZE)
		return err_set(e,
			       "offset %zu: a payload of %" PRIu32 " bytes runs into the block's "
			       "checksum, which leaves room for %d",
			       b->offset, b->size, UF2_DATA_SIZE - UF2_MD5_SIZE);
	if (b->number >= b->total)
		return err_set(e, "offset %zu: block number %" PRIu32 " of %" PRIu32, b->offset,
			       b->number, b->total);
	return true;
}

static bool parse_block(const struct uf2_file *f, struct uf2_block *b, struct err *e)
{
	const uint8_t *p = f->data + b->offset;

	if (get_le32(p) != UF2_MAGIC_0 || get_le32(p + 4) != UF2_MAGIC_1 ||
	    get_le32(p + 508) != UF2_MAGIC_END) {
		err_set(e, "offset %zu: not a UF2 block (bad magic number)", b->offset);
		return err_hint(e, "the file is damaged: build or download it again");
	}
	b->flags = get_le32(p + 8);
	b->address = get_le32(p + 12);
	b->size = get_le32(p + 16);
	b->number = get_le32(p + 20);
	b->total = get_le32(p + 24);
	if (b->flags & UF2_FILE_CONTAINER)
		b->rider = true; /* the word at 28 is the size of the file */
	else if (b->flags & UF2_FAMILY)
		b->family = get_le32(p + 28);
	/* Comments may come without the family of the firmware that they are counted with. */
	if (!b->family && (b->flags & UF2_NOT_MAIN_FLASH))
		b->rider = true;
	return check_size(b, e) && check_tags(f, b, e);
}

/*
 * The block that a file for RP2350 A2 starts with as a workaround for erratum E10: it must never reach
 * flash by another way than the boot ROM's drive (picotool, check_abs_block).
 */
static bool is_e10_block(const struct uf2_file *f, const struct uf2_block *b)
{
	const uint8_t *p = uf2_payload(f, b);

	if (b->family != UF2_FAMILY_RP2_ABSOLUTE || b->number != 0 || b->total != 2 ||
	    b->size != IMAGE_PAGE || (b->flags & ~(uint32_t)UF2_TAGS) != UF2_FAMILY)
		return false;
	if ((b->flags & UF2_TAGS) && get_le32(p + IMAGE_PAGE) >> 8 != UF2_TAG_RP2_IGNORE)
		return false;
	for (size_t i = 0; i < IMAGE_PAGE; i++)
		if (p[i] != 0xef)
			return false;
	return true;
}

static bool note_family(struct uf2_file *f, const struct uf2_block *b, struct err *e)
{
	if (b->rider || (b->flags & UF2_NOT_MAIN_FLASH))
		return true;
	for (size_t i = 0; i < f->family_count; i++)
		if (f->families[i] == b->family)
			return true;
	if (f->family_count == UF2_MAX_FAMILIES)
		return err_set(e, "offset %zu: more than %d families in one file", b->offset,
			       UF2_MAX_FAMILIES);
	f->families[f->family_count++] = b->family;
	return true;
}

bool uf2_parse(struct uf2_file *f, const uint8_t *data, size_t size, struct err *e)
{
	*f = (struct uf2_file){ .data = data };
	if (size % UF2_BLOCK) {
		err_set(e, "offset %zu: %zu bytes are not a whole number of 512-byte blocks",
			size - size % UF2_BLOCK, size);
		return err_hint(e, "the file is cut off: build or download it again");
	}
	for (size_t at = 0; at < size; at += UF2_BLOCK) {
		struct uf2_block b = { .offset = at };

		if (!parse_block(f, &b, e))
			return false;
		if (is_e10_block(f, &b)) {
			f->e10_count++;
			continue;
		}
		f->container_blocks += (b.flags & UF2_FILE_CONTAINER) != 0;
		if (!note_family(f, &b, e))
			return false;
		vec_push(&f->blocks, b);
	}
	return true;
}

void uf2_free(struct uf2_file *f)
{
	vec_free(&f->blocks);
}
