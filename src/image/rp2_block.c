/* SPDX-License-Identifier: MIT
 *
 * boot2 and image blocks: they prove which RP2 an image is for, and a chip does not start without the right one.
 */
#include "image/rp2_block.h"

#include "image/crc.h"
#include "image/le.h"
#include "image/uf2_family.h"

enum {
	MARKER_START = 0xffffded3,
	MARKER_END = 0xab123579,
	ITEM_IMAGE_TYPE = 0x42,
	ITEM_LAST = 0x7f, /* without the bit that says that the size has two bytes */
	ITEM_WIDE = 0x80,
};

bool rp2_boot2(const struct image *img, uint32_t *is, uint32_t *should)
{
	uint8_t boot2[RP2_BOOT2_SIZE];

	if (image_end(img) - image_start(img) < sizeof(boot2))
		return false;
	image_read(img, image_start(img), boot2, sizeof(boot2), 0);
	*is = get_le32(boot2 + 252);
	*should = boot2_crc(boot2, 252);
	return true;
}

/* The items from offset `at` on, to the last one, the link and the end marker. */
static bool take_block(const uint8_t *p, size_t size, size_t at, struct rp2_block *out)
{
	while (at + 4 <= size) {
		uint8_t type = p[at] & ~ITEM_WIDE & 0xff;
		size_t words = p[at] & ITEM_WIDE ? get_le16(p + at + 1) : p[at + 1];

		if (type == ITEM_LAST)
			return at + 12 <= size && get_le32(p + at + 8) == (uint32_t)MARKER_END;
		if (type == ITEM_IMAGE_TYPE && !out->has_type) {
			out->has_type = true;
			out->type = get_le16(p + at + 2);
		}
		if (!words)
			return false;
		at += 4 * words;
	}
	return false;
}

bool rp2_block_find(const struct image *img, struct rp2_block *out)
{
	uint8_t window[RP2_BLOCK_WINDOW];
	uint32_t start = image_start(img);
	uint64_t span = image_end(img) - start;
	size_t size = span < sizeof(window) ? (size_t)span : sizeof(window);

	image_read(img, start, window, size, 0);
	for (size_t at = 0; at + 4 <= size; at += 4) {
		if (get_le32(window + at) != (uint32_t)MARKER_START)
			continue;
		*out = (struct rp2_block){ .address = start + (uint32_t)at };
		if (take_block(window, size, at + 4, out))
			return true;
	}
	return false;
}

uint32_t rp2_uf2_family(const struct image *img)
{
	uint32_t is, should;
	struct rp2_block block;

	/* A CRC of 0 is that of zeros behind four erased bytes, and proves nothing. */
	if (rp2_boot2(img, &is, &should) && is == should && is)
		return UF2_FAMILY_RP2040;
	if (!rp2_block_find(img, &block) || !block.has_type || !rp2_type_is_program(block.type))
		return 0;
	if (!rp2_type_is_rp2350(block.type))
		return UF2_FAMILY_RP2040;
	if (rp2_type_is_riscv(block.type))
		return UF2_FAMILY_RP2350_RISCV;
	return rp2_type_is_non_secure(block.type) ? UF2_FAMILY_RP2350_ARM_NS
						  : UF2_FAMILY_RP2350_ARM_S;
}
