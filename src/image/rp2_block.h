/* SPDX-License-Identifier: MIT
 *
 * What the boot ROMs of RP2040 and RP2350 look for at the start of the flash. Sources: pico-sdk boot/picobin.h, picotool,
 * RP2350 data sheet section 5.9 (blocks), RP2040 data sheet section 2.8.1.3.1 (boot2).
 */
#ifndef IMAGE_RP2_BLOCK_H
#define IMAGE_RP2_BLOCK_H

#include "image/image.h"

enum {
	RP2_BOOT2_SIZE = 256,
	RP2_BLOCK_WINDOW = 4096, /* the first block has to lie in so many bytes */
};

/* The second stage boot loader at the image's start: what its CRC is and should be. False: the image is too short. */
bool rp2_boot2(const struct image *img, uint32_t *is, uint32_t *should);

/* An image block: a marker, items, a link, a marker. */
struct rp2_block {
	uint32_t address;
	bool has_type; /* it has an IMAGE_TYPE item: */
	uint16_t type; /* its flags */
};
/* The first one in the image's first 4 KiB. */
bool rp2_block_find(const struct image *img, struct rp2_block *out);

/*
 * The UF2 family that the content proves, as picotool finds it: the boot ROM drops blocks that state none without a word.
 * 0: it proves none.
 */
uint32_t rp2_uf2_family(const struct image *img);

/* Of the flags of an IMAGE_TYPE item. */
static inline bool rp2_type_is_program(uint16_t type)
{
	return (type & 0xf) == 1;
}
static inline bool rp2_type_is_non_secure(uint16_t type)
{
	return (type >> 4 & 3) == 1;
}
static inline bool rp2_type_is_riscv(uint16_t type)
{
	return (type >> 8 & 7) == 1;
}
static inline bool rp2_type_is_rp2350(uint16_t type)
{
	return (type >> 12 & 7) == 1;
}

#endif
