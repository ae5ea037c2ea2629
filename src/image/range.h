/* SPDX-License-Identifier: MIT
 *
 * Parts of an image by address: what is taken away, what is filled.
 */
#ifndef IMAGE_RANGE_H
#define IMAGE_RANGE_H

#include "image/image.h"

struct image_range {
	uint64_t start, end; /* end: one past the last byte; start < end <= 2^32 */
};

/* "FROM-TO", TO being the last byte, as ranges are printed everywhere; or "FROM+SIZE". */
bool image_range_parse(const char *text, struct image_range *range, struct err *e);

/* Takes all bytes in the range away. Nothing is copied; an image may end up empty. */
void image_exclude(struct image *img, const struct image_range *range);
/* Takes all bytes away that are in none of the ranges, which may overlap; they are put in order. */
void image_crop(struct image *img, struct image_range *ranges, size_t count);

/*
 * Fills the holes between the lowest and the highest byte. More than IMAGE_MAX_FILL bytes of filling are an error, and the
 * image is as it was.
 */
bool image_fill(struct image *img, uint8_t byte, struct err *e);

#endif
