/* SPDX-License-Identifier: MIT
 *
 * What a device's memory looks like to who writes it: zones of equal sectors, as a bootloader, a GDB server or a table of chips
 * says it.
 */
#ifndef FLASH_MEMORY_H
#define FLASH_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum memory_access {
	MEMORY_READ = 1 << 0,
	MEMORY_ERASE = 1 << 1,
	MEMORY_WRITE = 1 << 2,
};

/* Sectors of one size, one behind the other. */
struct memory_zone {
	const char *name; /* "Internal Flash", for people; NULL: none */
	uint64_t start;   /* address of the first byte */
	uint32_t
		sector; /* bytes of one sector: what is erased (where nothing is: what is written) at once */
	uint32_t count; /* of sectors */
	/*
	 * Of enum memory_access. Flash has MEMORY_ERASE, also where it is the write that erases (a driver without erase). Without it
	 * the zone is RAM: bytes are written one over the other, in write_units, and those between are not touched.
	 */
	unsigned access;
	unsigned part; /* the driver's own number: a DFU alternate setting */
	/* A write begins and ends at a multiple of it, a power of two; 0: any place. What the image lacks there is `erased`. */
	uint32_t write_unit;
	uint8_t erased; /* what an erased byte reads as: 0xff, or 0x00 on STM32L0 and L1 */
	/* A sector that reads as erased may be written without another erase (no: memory with ECC, where nobody can see it). */
	bool blank_is_erased;
	/* For estimates; 0: not known. */
	uint32_t erase_ms;          /* of one sector */
	uint32_t write_us, read_us; /* of 1 KiB */
};

struct flash_memory {
	struct memory_zone *zones; /* by address, none over another */
	size_t count, cap;
	/*
	 * The number of this very chip, where only the opened device says it (the arena's): bytes that are kept for it are known by
	 * that on any place. NULL: the device's id is as good.
	 */
	const char *chip_number;
	struct arena arena; /* of the names */
};

#define FLASH_MEMORY_INIT \
	{                 \
		0         \
	}
#define AUTO_FLASH_MEMORY __attribute__((cleanup(flash_memory_free))) struct flash_memory
void flash_memory_free(struct flash_memory *m); /* back to FLASH_MEMORY_INIT */

/* Copies the zone (its name too) to its place; an empty one, or one over another, is an error. */
bool flash_memory_add(struct flash_memory *m, const struct memory_zone *zone, struct err *e);

/* The zone of an address; NULL: none. */
const struct memory_zone *flash_memory_find(const struct flash_memory *m, uint64_t address);

uint64_t memory_zone_end(const struct memory_zone *z); /* one past the last byte */

#endif
