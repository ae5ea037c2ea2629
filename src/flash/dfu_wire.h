/* SPDX-License-Identifier: MIT
 *
 * The requests of USB DFU 1.1 and of DfuSe (AN3156), to one opened device. Nothing here knows of sectors or images.
 */
#ifndef FLASH_DFU_WIRE_H
#define FLASH_DFU_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "board/usb.h"
#include "board/usb_control.h"
#include "board/usb_open.h"

enum { DFU_MAX_ALTS = 8, DFU_NAME_SIZE = 256 };

/* bStatus (USB DFU 1.1, 6.1.2), as far as it is told apart. */
enum dfu_status {
	DFU_STATUS_OK = 0,
	DFU_STATUS_ADDRESS = 8,
	DFU_STATUS_VENDOR = 11, /* of ST's: the chip is read-protected */
};

/* How long a device may be busy; what it says beyond is not believed. */
enum dfu_patience {
	DFU_BLOCK_MS = 10000,
	DFU_ERASE_MS = 60000,   /* of a sector */
	DFU_UNLOCK_MS = 120000, /* of the chip */
};

struct dfu_wire {
	struct usb_open usb;
	const struct usb_device *device; /* the caller's */
	uint8_t interface;
	unsigned alts, alt;                      /* how many; the one in use */
	char names[DFU_MAX_ALTS][DFU_NAME_SIZE]; /* of the alternate settings: layouts; or "" */

	/* of the functional descriptor */
	bool can_upload, can_download, is_tolerant;
	unsigned transfer; /* bytes of a block */
	bool dfuse;        /* it knows addresses */
	/* what is known of the kind of device (dfu-util's quirks) */
	bool poll_is_bogus, leaves_at_once;
	unsigned
		pages; /* of 1 KiB from 0x08000000 on: what setting 0 has, whatever its name says; 0: the name is right */
	enum dfu_state state;   /* as the device is known to be in */
	enum dfu_status status; /* of the last error that it told */
};

/*
 * Opens the device, takes its DFU interface and brings it to DFU_IDLE, whatever a former run left. `device` must outlive it.
 * dfu_wire_close takes one that did not open.
 */
bool dfu_wire_open(struct dfu_wire *w, const struct usb_device *device, struct err *e);
void dfu_wire_close(struct dfu_wire *w);

/* Uses that alternate setting from now on. */
bool dfu_wire_select(struct dfu_wire *w, unsigned alt, struct err *e);

/* DFU_IDLE: errors cleared, up- or download ended. */
bool dfu_wire_idle(struct dfu_wire *w, struct err *e);

/*
 * Sends a block and waits until the device has done it. `what` is for messages: "erase 0x08004000". An error state is w->status, and
 * is cleared by dfu_wire_idle.
 */
bool dfu_wire_download(struct dfu_wire *w, unsigned block, const void *data, size_t size,
		       enum dfu_patience patience, const char *what, struct err *e);

/* Fetches a block of exactly `size` bytes. */
bool dfu_wire_upload(struct dfu_wire *w, unsigned block, void *buf, size_t size, const char *what,
		     struct err *e);

/* Commands of DfuSe. */
bool dfu_wire_set_pointer(struct dfu_wire *w, uint64_t address, struct err *e);
bool dfu_wire_erase(struct dfu_wire *w, uint64_t address, struct err *e);
/* Lifts the read protection, at which the chip erases all, and leaves the bus. */
bool dfu_wire_unprotect(struct dfu_wire *w, struct err *e);

/* DfuSe: starts what the pointer points to. A device that is gone has obeyed. */
bool dfu_wire_start(struct dfu_wire *w, struct err *e);

/* Plain DFU: `block` is the one behind the last; the device takes what it got, and restarts. */
bool dfu_wire_manifest(struct dfu_wire *w, unsigned block, struct err *e);

/* Resets the device over the bus. */
void dfu_wire_reset(struct dfu_wire *w);

#endif
