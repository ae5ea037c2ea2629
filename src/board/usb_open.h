/* SPDX-License-Identifier: MIT
 *
 * A USB device that is opened through libusb: the one at its place, since the list that named it may be older than what is there
 * now. What a protocol over USB (DFU, PICOBOOT) begins with.
 */
#ifndef BOARD_USB_OPEN_H
#define BOARD_USB_OPEN_H

#include <stdbool.h>

#include "base/err.h"
#include "board/usb.h"
#include "os/usb_lib.h"

struct usb_open {
	libusb_context *context;
	libusb_device_handle *handle; /* NULL: not open */
	int interface;                /* that is claimed; -1: none */
};
#define USB_OPEN_INIT           \
	{                       \
		.interface = -1 \
	}
#define AUTO_USB_OPEN __attribute__((cleanup(usb_open_close))) struct usb_open

/* Loads libusb and opens the device with these ids at that place. The error says when rights lack. */
bool usb_open(struct usb_open *o, const struct usb_device *d, struct err *e);
/*
 * Takes an interface for us alone. *busy (may be NULL; with an error): another program has it. One that another device's
 * driver of the kernel has is not taken from it.
 */
bool usb_open_claim(struct usb_open *o, const struct usb_device *d, int interface, bool *busy,
		    struct err *e);
/* Releases, closes; back to USB_OPEN_INIT. Takes one that is not open, and a device that is gone. */
void usb_open_close(struct usb_open *o);

#endif
