/* SPDX-License-Identifier: MIT
 *
 * Requests to a USB device's control endpoint: those that make running firmware leave, for its bootloader or for a fresh start,
 * and the question what a DFU bootloader is at.
 */
#ifndef BOARD_USB_CONTROL_H
#define BOARD_USB_CONTROL_H

#include <stdbool.h>

#include "base/err.h"
#include "board/usb.h"

/* DFU_DETACH (USB DFU 1.1, 5.1) to the interface fe/01/01. A device that leaves at once instead of answering has obeyed. */
bool usb_dfu_detach(const struct usb_device *d, struct err *e);

/*
 * pico-sdk's reset interface (ff/00/01; pico/usb_reset_interface.h): to the boot ROM with both of its interfaces, or, `boot`
 * false, a start of the firmware from flash.
 */
bool usb_rp2_reset(const struct usb_device *d, bool boot, struct err *e);

/* States of a DFU bootloader (USB DFU 1.1, 6.1.2); those of running firmware are left out. */
enum dfu_state {
	DFU_IDLE = 2,
	DFU_DOWNLOAD_SYNC,
	DFU_DOWNLOAD_BUSY,
	DFU_DOWNLOAD_IDLE,
	DFU_MANIFEST_SYNC,
	DFU_MANIFEST,
	DFU_WAIT_RESET,
	DFU_UPLOAD_IDLE,
	DFU_ERROR,
};

/*
 * DFU_GETSTATE to the interface fe/01/02, which changes nothing. *busy (with an error): another program has the interface, so the
 * state is that program's affair.
 */
bool usb_dfu_state(const struct usb_device *d, enum dfu_state *state, bool *busy, struct err *e);

#endif
