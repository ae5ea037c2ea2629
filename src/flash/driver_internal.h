/* SPDX-License-Identifier: MIT
 *
 * What the files that run drivers share: driver.c (one run from open to close), driver_write.c (erase, write, verify),
 * comeback.c (the board is back), driver_plan.c (what would be done).
 */
#ifndef FLASH_DRIVER_INTERNAL_H
#define FLASH_DRIVER_INTERNAL_H

#include "board/bootloader.h"
#include "flash/driver.h"
#include "flash/journal.h"

/* One run of a driver on one device. */
struct driver_run {
	const struct flash_driver *d;
	const struct flash_target *t;
	const struct image *img; /* NULL: something is read */
	struct image prepared;   /* what img is then, where the driver changed it */
	struct image whole;      /* and where all else is to be erased */
	uint8_t *blank;          /* its erased bytes */
	struct flash_result *result;
	struct bootloader_entered entered;
	const struct device *device; /* as it was opened; NULL: the driver knows where */
	struct flash_memory memory;
	void *handle;
	bool is_open;
	bool only_image; /* the plan is for a comparison: what lies around the image does not matter */
	bool dry;        /* nothing is to change, also not what is kept */
	struct plan plan;
	struct journal journal;
	/* of driver_write */
	bool begun;    /* something was erased or written */
	bool unproven; /* something that was written cannot be read */
	uint64_t erase_total, verify_total;
	uint64_t erase_done, write_done, verify_done;
	uint8_t *buf; /* of buf_size */
	size_t buf_size;
};

/* At least `size` bytes of the run's, until the next call. */
uint8_t *driver_buffer(struct driver_run *run, size_t size);
void driver_progress(const struct driver_run *run, const char *what, uint64_t done, uint64_t total);

/* False when the user has interrupted: asked between two pieces of work, when the device waits for the next request. */
bool driver_may_go_on(const struct driver_run *run, struct err *e);

/* A board that was led into its bootloader for nothing runs again, when this returns. The device is closed then. */
void driver_let_go(struct driver_run *run);

/* The memory around a zone, whatever the size of its sectors: addresses of its first byte and behind its last. */
void driver_region(const struct flash_memory *m, const struct memory_zone *z, uint64_t *start,
		   uint64_t *end);

/* With t->erase: run->img becomes all of the memory that it lies in, erased around it. */
bool driver_erase_all(struct driver_run *run, struct err *e);

/* Makes run->plan of the open device, kept bytes of an earlier run included. */
bool driver_make_plan(struct driver_run *run, struct err *e);

/* The plan of a device that runs something, by flash.base, flash.size and flash.sector. */
bool driver_plan_by_rules(const struct flash_driver *d, const struct flash_target *t,
			  const struct image *img, struct plan *out, struct err *e);

/* Erases, writes and verifies what run->plan says. */
bool driver_write(struct driver_run *run, struct err *e);

/*
 * After `leave`: the board is there again, and said who it is, if it can. run->result gets device, address and identity. `before`: all
 * devices before it left.
 */
bool driver_wait_back(struct driver_run *run, const struct devices *before, struct err *e);

/* Is it the board of this run? */
bool driver_is_board(const struct driver_run *run, const struct device *now);

#endif
