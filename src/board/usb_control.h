/* SPDX-License-Identifier: MIT
 *
 * Requests to a USB device's control endpoint that make running firmware leave: for its bootloader, or for a fresh start.
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

#endif
