/* SPDX-License-Identifier: MIT
 *
 * What the parts of image_check share.
 */
#ifndef IMAGE_CHECK_INTERNAL_H
#define IMAGE_CHECK_INTERNAL_H

#include "image/check.h"

struct image_check {
	const struct image *img;
	const struct image_target *target;
	const struct chip *chip; /* the board's, else what the image is for; NULL: not known */
	bool sure;               /* that it is this chip */
	struct findings *out;
};

/* What would keep the board from starting: an error; a warning when the chip is only guessed, or when it is allowed. */
enum finding_level check_error(const struct image_check *c, const char *name);

/* Where the firmware begins: as the board says, else where the image does. */
uint32_t check_base(const struct image_check *c);

/* The bytes of the image in [start, end): how many; *first and *last: the lowest and highest address. */
uint64_t check_bytes_in(const struct image *img, uint64_t start, uint64_t end, uint32_t *first,
			uint32_t *last);

/* What the chip's boot ROM wants to find: vectors, boot2-crc, image-block, esp-offset. */
void check_boot(const struct image_check *c);

#endif
