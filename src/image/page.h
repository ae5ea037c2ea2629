/* SPDX-License-Identifier: MIT
 *
 * The 256-byte pages that an image touches: the unit of the image digest and of UF2.
 */
#ifndef IMAGE_PAGE_H
#define IMAGE_PAGE_H

#include "image/image.h"

enum { IMAGE_PAGE = 256 };

struct image_pages {
	const struct image *img;
	size_t segment;
	uint64_t next; /* lowest address that was not given out yet */
	uint8_t buf[IMAGE_PAGE];
};

#define IMAGE_PAGES(image)     \
	{                      \
		.img = (image) \
	}

/*
 * The next touched page in order of address, absent bytes as 0x00; NULL at the end. The bytes live until the
 * next call.
 */
const uint8_t *image_pages_next(struct image_pages *it, uint32_t *address);

#endif
