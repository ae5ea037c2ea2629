/* SPDX-License-Identifier: MIT
 *
 * The planner: an image, a memory and what is known of its contents become the least list of sectors to erase and bytes to
 * write, such that afterwards the image is there and every other byte is as before.
 */
#ifndef FLASH_PLAN_H
#define FLASH_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "flash/memory.h"
#include "image/image.h"

enum plan_state {
	SECTOR_UNKNOWN, /* its contents are not known: it is erased and written */
	SECTOR_EQUAL,   /* has its bytes already: nothing is done */
	SECTOR_BLANK,   /* is erased: only written */
	SECTOR_DIFFERS, /* is erased and written */
};

struct plan_sector {
	uint64_t address;
	uint32_t size;
	const struct memory_zone *zone;
	enum plan_state state;
	uint32_t covered; /* bytes of it that the image has */
	/*
	 * What it shall hold afterwards, `size` bytes: the image's, and the bytes around them as they were (kept), or as erased
	 * where those are not known (lost) or were never anything else.
	 */
	uint8_t *content;
	bool kept; /* bytes outside of the image, which are not erased ones, are written again */
	bool lost; /* bytes outside of the image are not known, and are erased with it */
};

struct plan {
	const struct flash_memory *memory;
	struct plan_sector *sectors; /* those that the image touches, by address */
	size_t count, cap;
	uint64_t bytes_image; /* of the image */
	uint64_t bytes_write; /* that are sent to the device, padding and kept ones included */
	uint64_t bytes_equal; /* of sectors that are left as they are */
	size_t erases;        /* sectors that are erased */
	uint64_t estimate_ms; /* erase and write times of the zones; 0: not known */
	struct arena arena;
};

#define PLAN_INIT \
	{         \
		0 \
	}
#define AUTO_PLAN __attribute__((cleanup(plan_free))) struct plan
void plan_free(struct plan *p); /* back to PLAN_INIT */

/* How the planner learns what the device holds; of a driver, its calls. */
struct plan_source {
	/* Fills `buf` with the sector's bytes. NULL: nothing can be read. */
	bool (*read)(void *ctx, uint64_t address, void *buf, size_t size, struct err *e);
	/* Does it hold these bytes? NULL: read is compared. */
	bool (*same)(void *ctx, uint64_t address, const void *data, size_t size, bool *same,
		     struct err *e);
	uint32_t same_size; /* as in struct flash_driver */
	void *ctx;
};

/*
 * The sectors of `img` in `memory`, all of SECTOR_UNKNOWN. An error names the first address that is in no zone, or in one that
 * cannot be written. `memory` must outlive the plan.
 */
bool plan_make(struct plan *p, const struct image *img, const struct flash_memory *memory,
	       struct err *e);

/* Asks the device: states, kept bytes, figures. A source of NULLs leaves SECTOR_UNKNOWN, and partly covered sectors `lost`. */
bool plan_compare(struct plan *p, const struct plan_source *source, struct err *e);

/* "erase 3 of 12 sectors, write 181,248 bytes, 9 sectors are equal, about 4 s". */
void plan_text(const struct plan *p, struct strbuf *out);
/* Appends one JSON object: {"sectors":[{"address","size","state","erase","write"}...],"erases","bytes","equal","seconds"}. */
void plan_json(const struct plan *p, struct strbuf *out);

#endif
