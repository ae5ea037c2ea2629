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

/* Bytes of the image in a sector. */
struct plan_range {
	uint32_t offset, size; /* in the sector */
	struct plan_range *next;
};

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
	uint32_t
		covered; /* bytes of it that the image has; 0: it is only put back (plan_restore) */
	struct plan_range *ranges; /* those, by address */
	/*
	 * What it shall hold afterwards, `size` bytes: the image's, and the bytes around them as they were (kept), or as erased
	 * where those are not known (lost) or were never anything else.
	 */
	const uint8_t *content;
	uint8_t *own; /* the same, where it is not the image's own bytes */
	/* all that it held, where bytes are kept; else NULL */
	const uint8_t *before;
	bool kept; /* bytes outside of the image, which are not erased ones, are written again */
	bool lost; /* bytes outside of the image are not known, and are erased with it */
	/* Where it was seen to differ, and what was there: tells a sector that does not let itself be written. size 0: not known */
	struct {
		uint32_t offset, size;
		uint8_t bytes[16];
	} old;
};

struct plan {
	struct flash_memory memory;  /* a copy */
	struct plan_sector *sectors; /* those that the image touches, by address */
	size_t count, cap;
	/* It is the write that erases: what is sent is whole sectors. To be set before plan_make. */
	bool write_erases;
	uint64_t bytes_image; /* of the image */
	uint64_t bytes_write; /* that are sent to the device, padding and kept ones included */
	uint64_t bytes_equal; /* of the image, in sectors that are left as they are */
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
	/* Told how many of the plan's bytes were looked at, and of how many. NULL: nobody listens. */
	void (*looked)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

/*
 * The sectors of `img` in `memory`, all of SECTOR_UNKNOWN. An error names the first address that is in no zone, or in one that
 * cannot be written. `p` is PLAN_INIT; `img` must outlive the plan.
 */
bool plan_make(struct plan *p, const struct image *img, const struct flash_memory *memory,
	       struct err *e);

/* Asks the device: states, kept bytes, figures. A source of NULLs leaves SECTOR_UNKNOWN, and partly covered sectors `lost`. */
bool plan_compare(struct plan *p, const struct plan_source *source, struct err *e);

/*
 * Another sector, or another content of one, for bytes that a former run has erased and not written again: `old` is what the
 * whole sector at that address held, `now` what it holds. The image's bytes go before the old ones.
 */
bool plan_restore(struct plan *p, uint64_t address, const uint8_t *old, const uint8_t *now,
		  uint32_t size, struct err *e);

/* Is there anything to do for this sector; is it erased first? */
bool plan_sector_is_work(const struct plan_sector *s);
bool plan_sector_is_erased(const struct plan_sector *s);

/*
 * The parts of a sector's content that are sent, in order: erased bytes are left out, and in RAM all that is not the image's.
 * *offset and *size are 0 at the start; false: there are no more.
 */
bool plan_next_sent(const struct plan *p, const struct plan_sector *s, uint32_t *offset,
		    uint32_t *size);

/*
 * The same for what is compared: in flash the whole sector, in RAM the parts that are sent.
 */
bool plan_next_compared(const struct plan *p, const struct plan_sector *s, uint32_t *offset,
			uint32_t *size);

/* Copies what is the image's, which then need not outlive the plan. */
void plan_keep_contents(struct plan *p);

/* Works the figures out again, when states or contents were changed by hand. */
void plan_count(struct plan *p);

/* "erase 3 of 12 sectors, write 181,248 bytes, 9 sectors are equal, about 4 s". */
void plan_text(const struct plan *p, struct strbuf *out);
/* Appends one JSON object: {"sectors":[{"address","size","state","erase","write"}...],"erases","bytes","equal","seconds"}. */
void plan_json(const struct plan *p, struct strbuf *out);

#endif
