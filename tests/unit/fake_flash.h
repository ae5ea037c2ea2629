/* SPDX-License-Identifier: MIT
 *
 * A device with flash that exists in memory only, and a driver for it: bits go one way until they are erased, writes that no real
 * chip would take fail the test, and each operation can go wrong in the ways that operations do.
 */
#ifndef TESTS_FAKE_FLASH_H
#define TESTS_FAKE_FLASH_H

#include "base/strbuf.h"
#include "flash/driver.h"

enum fake_fault {
	FAKE_NONE,
	FAKE_ERROR, /* an error, and nothing was done */
	FAKE_LATE,  /* an error (the answer did not come in time), and all was done */
	FAKE_SHORT, /* an error, and the first half was done */
	FAKE_GONE,  /* unplugged in the middle: half was done, one place is neither old nor new */
	FAKE_WRONG, /* no error, and one byte of a write is wrong, an erase has done nothing */
	FAKE_FAULTS,
};

struct fake {
	struct flash_memory memory;
	uint8_t **bytes;   /* of each zone */
	uint8_t **written; /* of each zone, of each byte: was it written since the last erase? */
	struct flash_driver driver;

	/* counted since fake_begin */
	size_t ops, reads, sames, erases, writes, leaves;
	size_t sectors_erased;
	uint64_t bytes_read, bytes_written;

	enum fake_fault fault;
	size_t fault_at;             /* the operation that goes wrong; SIZE_MAX: none */
	bool fault_stays;            /* and all after it */
	bool gone;                   /* until fake_begin */
	uint64_t locked, locked_end; /* there erase and write do nothing, without a word */
	const char *objection;       /* what check says; NULL: nothing */

	/* While any other sector is touched, this one is erased, or has been whole since fake_begin. 0 bytes: not looked at. */
	uint64_t first;
	uint32_t first_size;
	uint8_t *first_content;
	bool first_was_whole;

	struct strbuf notes;  /* a line each */
	struct strbuf events; /* "erase 08000000+400 write 08000000+100 " */
	struct flash_target target;
};

/* `f` is zeroed. run_dir may be NULL. */
void fake_init(struct fake *f, const char *run_dir);
void fake_free(struct fake *f);

/* Another zone, all erased. access as in memory.h. */
void fake_add(struct fake *f, struct memory_zone zone);

/* Plugged in again: counts from 0, without faults. */
void fake_begin(struct fake *f);

/* The bytes at an address; size bytes of them are in one zone. */
uint8_t *fake_at(struct fake *f, uint64_t address);

/* A copy of all bytes, zone after zone, in *size; owned by the caller. */
uint8_t *fake_copy(const struct fake *f, size_t *size);
/* Where the byte of an address is in such a copy. */
size_t fake_place(const struct fake *f, uint64_t address);

/* For driver.same: the device works out checksums (it has none at first). */
bool fake_same(void *handle, uint64_t address, const void *data, size_t size, bool *same,
	       struct err *e);

/* Flashes, with a result of its own that is not looked at. */
bool fake_flash(struct fake *f, const struct image *img, struct err *e);

#endif
