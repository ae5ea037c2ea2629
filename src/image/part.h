/* SPDX-License-Identifier: MIT
 *
 * Parts: what a file says piece by piece, in any order, each with the place it came from. Readers collect
 * them and turn them into segments at once, which is linear where adding one by one is not, and can
 * name both places of an overlap.
 */
#ifndef IMAGE_PART_H
#define IMAGE_PART_H

#include "image/image.h"

struct image_part {
	uint32_t address;
	uint32_t size;       /* not 0 */
	const uint8_t *data; /* outlives the image */
	size_t origin;       /* number of the line, block, element ... */
};

struct image_parts {
	struct image_part *items;
	size_t count, cap;
	uint64_t bytes;
	const char *noun; /* what origin counts: "line" */
};

/* size 0 does nothing; running past 2^32, and IMAGE_MAX_SIZE bytes in all, are errors. */
bool image_parts_add(struct image_parts *parts, uint32_t address, const void *data, size_t size,
		     size_t origin, struct err *e);

/*
 * The same, but bytes that continue the last part, in address and in memory, become part of it: one part for thousands of
 * records. It keeps the origin that it has.
 */
bool image_parts_extend(struct image_parts *parts, uint32_t address, const void *data, size_t size,
			size_t origin, struct err *e);

/*
 * Moves all parts into the image. Neighbours that are neighbours in memory too are not copied. An
 * overlap is an error that names both ranges and both origins; no part at all is one too.
 */
bool image_parts_finish(struct image_parts *parts, struct image *img, struct err *e);
void image_parts_free(struct image_parts *parts);
#define AUTO_PARTS __attribute__((cleanup(image_parts_free))) struct image_parts

#endif
