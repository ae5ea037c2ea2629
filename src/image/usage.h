/* SPDX-License-Identifier: MIT
 *
 * How much of a chip's memory a program takes, and how that changes between two builds.
 */
#ifndef IMAGE_USAGE_H
#define IMAGE_USAGE_H

#include "image/chip.h"
#include "image/sections.h"

/* A part of the memory with a name, as the linker script or the chip has it. */
struct usage_region {
	struct name_slice name;
	uint64_t start, size; /* size 0: not known */
	uint64_t used;        /* sums of sections: padding between them is not counted */
};
struct usage_regions {
	struct usage_region *items;
	size_t count, cap;
};
#define AUTO_REGIONS __attribute__((cleanup(usage_regions_free))) struct usage_regions
void usage_regions_free(struct usage_regions *r);

/*
 * The table "Memory Configuration" of GNU ld's map file, without *default*. False: there is none, or it is none that a
 * linker wrote. Names point into the text.
 */
bool usage_regions_of_map(struct usage_regions *out, const uint8_t *map, size_t size);

/* flash, flash2, ..., ram, ram2, ... of the largest part; none for a chip whose flash has no addresses (ESP). */
void usage_regions_of_chip(struct usage_regions *out, const struct chip *chip);

/*
 * Counts sections into regions: where its bytes are stored, and where it runs when that is another place; the smallest region
 * that has the address, else one called "elsewhere". Without regions, adds "flash" (all that is stored) and "ram" (what can be
 * written, has no bytes, or is copied before it runs).
 */
void usage_count(struct usage_regions *regions, const struct sections *s);

/* As binutils' size counts: text has what cannot be written. */
struct usage_totals {
	uint64_t text, data, bss;
};
struct usage_totals usage_total(const struct sections *s);

/* Something with a name and a size, before and after. */
struct usage_change {
	struct name_slice name;
	uint64_t before, after; /* of several with one name, the sum */
	bool had, has;          /* it was there, it is there */
};
struct usage_changes {
	struct usage_change *items;
	size_t count, cap;
};
#define AUTO_CHANGES __attribute__((cleanup(usage_changes_free))) struct usage_changes
void usage_changes_free(struct usage_changes *c);

/* Adds one side of a change: all `before`s and `after`s first, then usage_changes_sort. */
void usage_changes_add(struct usage_changes *c, struct name_slice name, uint64_t size, bool after);
/* Joins by name; sorts by amount, the largest first, then by name. */
void usage_changes_sort(struct usage_changes *c);

#endif
