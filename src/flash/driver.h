/* SPDX-License-Identifier: MIT
 *
 * Drivers: the methods that mpflash speaks itself (DFU, PICOBOOT, ESP's ROM loader, GDB servers), as operations on a memory. A
 * driver knows one protocol and nothing of images, sectors that differ, or order: the planner (flash/plan.h) does, and
 * driver_flash and its like carry a plan out. A method (flash/method.h) made of a driver has them as its flash, verify, read.
 */
#ifndef FLASH_DRIVER_H
#define FLASH_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "board/device.h"
#include "flash/memory.h"
#include "flash/method.h"
#include "flash/plan.h"

/*
 * An open device. Every call ends in bounded time; an error names what was asked and the address. After an error only close is
 * called (after one of `check`, and when nothing was written yet, leave before it). A device that went away is such an error.
 */
struct flash_driver {
	const char *name; /* the method's */
	/*
	 * The device is opened as it is, whatever runs on it: a probe, a GDB server, a loader that `open` starts. No bootloader is
	 * entered; t->attached, and with it open's `d`, may be NULL.
	 */
	bool direct;
	/* The way into the bootloader to try first, where nobody asked for another (board/bootloader.h); NULL: the port's order. */
	const char *entry;

	/*
	 * Opens `d`, a device that waits for firmware (bootloader_is_in) or a probe; for itself alone. Fills `memory`
	 * (FLASH_MEMORY_INIT). *handle is what the other calls get. Changes nothing on the device's flash; error states that a former
	 * run left are cleared. Mandatory.
	 */
	bool (*open)(const struct flash_target *t, const struct device *d,
		     struct flash_memory *memory, void **handle, struct err *e);
	void (*close)(void *handle); /* takes a device that is gone. Mandatory */

	/* What only the opened device can say about this image: chip, revision, protection. NULL: nothing. */
	bool (*check)(void *handle, const struct image *img, struct err *e);

	/*
	 * Unlocks a chip that is locked, at which it loses all that it holds; *unlocked: it was, and `memory` is filled again. Called
	 * with --unlock, when all that can be checked has been. NULL: there is nothing that it could unlock.
	 */
	bool (*unlock)(void *handle, bool *unlocked, struct err *e);

	/*
	 * What this device wants written instead of `img`, for what only the opened device can say (an ESP's boot image says how large
	 * the flash is): *changed, and the whole image in `out` (IMAGE_INIT), whose bytes may be the handle's or `img`'s. That
	 * one is planned, written and verified; records are of `img`. NULL: `img` as it is.
	 */
	bool (*prepare)(void *handle, const struct image *img, struct image *out, bool *changed,
			struct err *e);

	/*
	 * Reads `size` bytes. NULL: the protocol cannot. `read` and `same` are only asked about zones with MEMORY_READ: a driver whose
	 * devices differ in that (ESP8266's ROM has no way to read) says so there, and result->verified stays false.
	 */
	bool (*read)(void *handle, uint64_t address, void *buf, size_t size, struct err *e);

	/* Does the memory hold these bytes, by a checksum that the device makes? NULL: read is compared. */
	bool (*same)(void *handle, uint64_t address, const void *data, size_t size, bool *same,
		     struct err *e);
	/* Bytes that are worth asking `same` about at once, a multiple of the sectors; 0: sector by sector. */
	uint32_t same_size;

	/* Erases whole sectors. NULL: write does (zones have MEMORY_ERASE all the same, but for RAM). */
	bool (*erase)(void *handle, uint64_t address, uint64_t size, struct err *e);

	/*
	 * Writes bytes to erased memory (NULL erase: to any). Begins and ends at the zone's write_unit; in one zone. With erase NULL
	 * it gets runs of whole sectors, as long as they come. `done` is told how many of these bytes are written so far.
	 * Mandatory.
	 */
	bool (*write)(void *handle, uint64_t address, const void *data, size_t size,
		      void (*done)(void *ctx, size_t bytes), void *ctx, struct err *e);

	/* Leaves the bootloader: the firmware starts. A device that goes away at that has obeyed. NULL: nothing to do. */
	bool (*leave)(void *handle, struct err *e);
};

/*
 * Methods' flash, verify and read: enter the bootloader (board/bootloader.h) where the device runs, open, check, plan, write,
 * verify, leave, wait until the board is back and ask who it is. t->attached is the device.
 */
bool driver_flash(const struct flash_driver *d, const struct flash_target *t,
		  const struct image *img, struct flash_result *result, struct err *e);
bool driver_verify(const struct flash_driver *d, const struct flash_target *t,
		   const struct image *img, struct flash_result *result, struct err *e);
/* Reads `size` bytes from `address` on (size 0: all of the zone that has it, or of all zones that can be read) into `out`. */
bool driver_read(const struct flash_driver *d, const struct flash_target *t, uint64_t address,
		 uint64_t size, struct image *out, struct err *e);
/*
 * The plan for a device as it is (`out` is PLAN_INIT): of one that waits for firmware exactly, nothing being changed; of one that runs, from its
 * layout as the rules know it (flash.base, flash.size, flash.sector), with contents not known. -n prints it.
 */
bool driver_plan(const struct flash_driver *d, const struct flash_target *t,
		 const struct image *img, struct plan *out, struct err *e);

#endif
