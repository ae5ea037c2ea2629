/* SPDX-License-Identifier: MIT
 *
 * Bytes around an image that go with a sector's erase and are written again: between the two they are nowhere but here. A file for
 * each device, written before the erase and removed after the sector was verified, so that a pulled cable or a killed mpflash
 * loses none of them: the next run on that device takes them from here.
 */
#ifndef FLASH_JOURNAL_H
#define FLASH_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "flash/plan.h"

struct journal_entry {
	uint64_t address;
	uint32_t size;
	uint8_t erased;
	uint8_t *old;        /* what the sector held before */
	uint8_t *planned;    /* what it was to hold */
	struct digest wrong; /* of what it held after a write that came out wrong; zero: none did */
};

struct journal {
	char *path; /* NULL: nothing is kept (no folder) */
	struct journal_entry *entries;
	size_t count, cap;
	enum journal_change {
		JOURNAL_AS_SAVED,
		JOURNAL_LESS, /* entries were dropped: judged again, they would be found whole */
		JOURNAL_MORE, /* entries that nothing else has */
	} change;             /* since the file was written */
};

#define JOURNAL_INIT \
	{            \
		0    \
	}
#define AUTO_JOURNAL __attribute__((cleanup(journal_free))) struct journal
void journal_free(struct journal *j); /* back to JOURNAL_INIT; the file stays */

/*
 * Reads what is kept of the device (`number`: its id, or its chip's number), if anything. A damaged file is put aside
 * ("NAME.bad"), which *note then tells (owned by the caller; NULL: nothing to tell).
 */
bool journal_open(struct journal *j, const char *dir, const char *number, char **note,
		  struct err *e);

/* A sector with kept bytes that will be erased. What an earlier run kept for it stays the old content. */
void journal_add(struct journal *j, const struct plan_sector *s);

/* The sector holds `now`, which is not what was written: the next run has to know that this is ours. */
void journal_add_wrong(struct journal *j, uint64_t address, uint32_t size, const uint8_t *now);

/* That sector is whole again; nothing happens when none was kept. */
void journal_drop(struct journal *j, uint64_t address, uint32_t size);

/* Writes down what changed. Returns when it is on the disk, where anything was added: then sectors may be erased. */
bool journal_save(struct journal *j, struct err *e);

enum journal_verdict {
	JOURNAL_WHOLE, /* it holds the old bytes, or those that were planned: nothing is amiss */
	JOURNAL_INTERRUPTED, /* on the way between: the old bytes have to be put back */
	JOURNAL_STALE,       /* somebody else wrote it since */
};
/*
 * What a sector holds now, judged by how flash changes: an erase that was cut off leaves bits between the old and the
 * erased ones, a write that was cut off bits between erased and planned ones.
 */
enum journal_verdict journal_judge(const struct journal_entry *entry, const uint8_t *now);

#endif
