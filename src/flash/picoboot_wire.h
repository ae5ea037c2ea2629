/* SPDX-License-Identifier: MIT
 *
 * PICOBOOT, the protocol of the boot ROMs of RP2040 and RP2350 (pico-sdk boot/picoboot.h; RP2040 data sheet 2.8.4, RP2350 data sheet
 * 5.6): commands of 32 bytes, data, an empty packet the other way. Addresses are those of the flash itself (of no partition), from
 * PICOBOOT_FLASH on.
 */
#ifndef FLASH_PICOBOOT_WIRE_H
#define FLASH_PICOBOOT_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "board/usb.h"
#include "board/usb_open.h"

#define PICOBOOT_FLASH UINT32_C(0x10000000)

enum { PICOBOOT_SECTOR = 4096, PICOBOOT_PAGE = 256 };

/* What a command came to (enum picoboot_status of pico-sdk). */
enum picoboot_status {
	PICOBOOT_OK = 0,
	PICOBOOT_UNKNOWN_COMMAND = 1,
	PICOBOOT_UNKNOWN_ERROR = 8,
	PICOBOOT_NOT_PERMITTED = 10,
};

struct picoboot {
	struct usb_open usb;
	const struct usb_device *device; /* the caller's */
	uint8_t interface, out, in;      /* out and in: addresses of the endpoints */
	uint32_t token;
	uint32_t
		status; /* of the last command that failed by the chip's own word; else PICOBOOT_OK */
	bool gone;      /* it left the bus */
	bool exclusive;
};
#define PICOBOOT_INIT                \
	{                            \
		.usb = USB_OPEN_INIT \
	}

/* Opens it, and clears what a former run left there: halted endpoints, a command that was never ended. */
bool picoboot_open(struct picoboot *p, const struct usb_device *d, struct err *e);
/* Gives exclusive access back. Takes one that is not open, or gone. */
void picoboot_close(struct picoboot *p);

/*
 * Keeps its own drive (and whoever copies to it) from the flash. The drive stays where it is: its volume is not taken from the
 * user.
 */
bool picoboot_exclusive(struct picoboot *p, struct err *e);

/*
 * Flash and RAM. Each takes the flash out of the mode in which programs run from it first: reads give rubbish otherwise (RP2040, and RP2350
 * of revision A2). A transfer that broke without the chip's saying why is tried a second time. `erase` wants whole sectors,
 * `write` whole pages, which must be erased.
 */
bool picoboot_read(struct picoboot *p, uint32_t address, void *buf, uint32_t size, struct err *e);
bool picoboot_erase(struct picoboot *p, uint32_t address, uint32_t size, struct err *e);
bool picoboot_write(struct picoboot *p, uint32_t address, const void *data, uint32_t size,
		    struct err *e);

enum picoboot_info {
	PICOBOOT_INFO_SYSTEM = 1,     /* param: what of it; PICOBOOT_SYSTEM_FLASH */
	PICOBOOT_INFO_PARTITIONS = 2, /* param: what of it; PICOBOOT_TABLE */
	PICOBOOT_INFO_UF2_TARGET = 3, /* param: the family */
	PICOBOOT_INFO_UF2_STATUS = 4,
};
enum { PICOBOOT_SYSTEM_FLASH = 8, PICOBOOT_TABLE = 1, PICOBOOT_INFO_WORDS = 64 };

/*
 * RP2350 only; RP2040 answers with PICOBOOT_UNKNOWN_COMMAND, which is in p->status then. words[0] is how many follow.
 */
bool picoboot_get_info(struct picoboot *p, enum picoboot_info type, uint32_t param,
		       uint32_t words[static PICOBOOT_INFO_WORDS], struct err *e);

/*
 * Starts the firmware, a moment later. `updated` (RP2350; 0: nothing was): address of what was written, which it shall prefer when there
 * are two to choose from.
 */
bool picoboot_reboot(struct picoboot *p, bool rp2350, uint32_t updated, struct err *e);

/* "not permitted"; "status 42" for what is not known. `text` is a buffer for that. */
const char *picoboot_status_text(uint32_t status, char text[static 24]);

#endif
