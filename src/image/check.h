/* SPDX-License-Identifier: MIT
 *
 * What can be known to be wrong with an image before a board is touched. Each finding has a name:
 *
 *	empty           nothing would be written
 *	chip            the file is for another chip than the board's (or: it is for this one)
 *	family          UF2 family of another chip
 *	address         bytes outside of the chip's flash
 *	vectors         Cortex-M vector table: stack in RAM, reset vector odd and inside the image
 *	boot2-crc       RP2040: the second stage boot loader's CRC
 *	image-block     RP2350: an image block in the first 4 KiB, of the right kind
 *	esp-offset      ESP: a boot image that would land at another place than where the ROM looks, or an app that would in its
 *	                place
 *	softdevice      nRF: the image starts inside of (or leaves a gap above) the SoftDevice
 *	protected       bytes over a boot loader or another protected range
 *	filesystem      bytes over the user's files
 *	id-code         Renesas RA: the ID code words, which can lock the chip
 */
#ifndef IMAGE_CHECK_H
#define IMAGE_CHECK_H

#include "image/chip.h"
#include "image/finding.h"
#include "image/image.h"

/* A named part of a board's memory: "bootloader", "softdevice", "filesystem". */
struct image_region {
	const char *name;
	uint64_t start, end;
};

/* Where the image is to go. All 0: nothing is known, only the image itself is checked. */
struct image_target {
	const char *port;        /* "stm32"; NULL: not known */
	const char *board;       /* for the sentences; NULL: not known */
	const struct chip *chip; /* NULL: not known */
	uint32_t uf2_family;     /* that the board's boot loader takes; 0: not known */
	bool has_base;
	uint32_t base;             /* where the board's firmware starts (flash.base of the rules) */
	struct image_region flash; /* the board's own flash; end 0: the chip's */
	const struct image_region *protect; /* must not be written */
	size_t protect_count;
	const struct image_region *filesystem; /* the user's files, in one place or several */
	size_t filesystem_count;
	/* Names of findings that the user wants to live with: their errors are warnings. NULL-terminated; NULL: none. */
	const char *const *allow;
};

/* Adds what was found, good and bad. A check that does not apply, or for which something is not known, adds nothing. */
void image_check(const struct image *img, const struct image_target *t, struct findings *out);

/* Whether findings of that name exist: for what users type. */
bool image_check_has_name(const char *name);
/* "address, boot2-crc, chip, ...", for messages. */
void image_check_names(struct strbuf *out);

#endif
