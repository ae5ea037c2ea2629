/* SPDX-License-Identifier: MIT
 *
 * Where a raw binary probably goes. People look into a downloaded .bin before they know; what is written still wants --base.
 */
#include "image/image.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "image/chip.h"
#include "image/le.h"

enum {
	POINTERS = 4096,   /* looked at, at most */
	STEP = 0x400,      /* vector tables are aligned to it on the chips at hand */
	HIGHEST = 0x40000, /* no boot loader below a firmware is larger */
	ENOUGH = 16,       /* functions that have to be where pointers say */
};

/* Whether a function starts with this halfword: push {..., lr}, as one or as the first of two. (ARMv7-M manual) */
static bool is_prologue(const uint8_t *p)
{
	uint16_t code = get_le16(p);

	return (code & 0xff00) == 0xb500 || code == 0xe92d;
}

/* How many pointers lead to a function when the bytes are at `base`. */
static size_t count_functions(const uint8_t *data, size_t size, const uint32_t *pointers,
			      size_t count, uint32_t base)
{
	size_t functions = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t at = pointers[i] - 1 - base;

		functions += at < size - 1 && is_prologue(data + at);
	}
	return functions;
}

/* Odd words that can point into the flash: most of them are addresses of functions. */
static size_t find_pointers(const uint8_t *data, size_t size, uint32_t flash, uint32_t *pointers)
{
	uint64_t end = (uint64_t)flash + HIGHEST + size;
	size_t count = 0;

	for (size_t at = 0; at + 4 <= size && count < POINTERS; at += 4) {
		uint32_t word = get_le32(data + at);

		if (word % 2 && word > flash + 0x100 && word < end)
			pointers[count++] = word;
	}
	return count;
}

/*
 * The address at which the program's own pointers lead to its functions: any other makes them lead into the middle of
 * something. False: there are too few to tell.
 */
static bool base_of_pointers(const uint8_t *data, size_t size, uint32_t flash, uint32_t *base)
{
	uint32_t *pointers = xcalloc(POINTERS, sizeof(*pointers));
	size_t count = find_pointers(data, size, flash, pointers), most = 0;

	for (uint32_t b = flash; b <= flash + HIGHEST; b += STEP) {
		size_t functions = count_functions(data, size, pointers, count, b);

		if (functions > most) {
			most = functions;
			*base = b;
		}
	}
	free(pointers);
	return most >= ENOUGH;
}

/* A vector table as Cortex-M chips with flash at 0 or at 0x08000000 have it: *flash. */
static bool has_vectors(const uint8_t *data, size_t size, uint32_t *flash)
{
	uint32_t sp, reset;

	if (size < 64)
		return false;
	sp = get_le32(data);
	reset = get_le32(data + 4);
	*flash = reset & 0xff000000;
	return sp % 4 == 0 && reset % 2 && (*flash == 0 || *flash == 0x08000000) &&
	       ((sp > 0x1ffe0000 && sp <= 0x20300000) || (sp > 0x24000000 && sp <= 0x24100000) ||
		(sp > 0x10000000 && sp <= 0x10010000));
}

static bool is_inside(uint32_t address, uint32_t base, size_t size)
{
	return address >= base && address - base < size;
}

bool image_guess_base(const uint8_t *data, size_t size, uint32_t *base)
{
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const struct chip *chip;
	bool certain, vectors;
	uint32_t flash = 0;

	if (size < 2 || size > IMAGE_MAX_SIZE || !image_add(&img, 0, data, size, false, &ignored))
		return false;
	vectors = has_vectors(data, size, &flash);
	if (vectors && base_of_pointers(data, size, flash, base) &&
	    is_inside(get_le32(data + 4), *base, size))
		return true;
	chip = chip_of_image(&img, &certain);
	/* ESP files have a format of their own. */
	if (chip && chip->flash[0].end && chip->boot != CHIP_BOOT_ESP &&
	    (chip->boot != CHIP_BOOT_VECTORS || vectors)) {
		*base = chip->base ? chip->base : chip->flash[0].start;
		return true;
	}
	*base = flash;
	return vectors && flash && is_inside(get_le32(data + 4), flash, size);
}
