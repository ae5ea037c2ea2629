/* SPDX-License-Identifier: MIT
 *
 * Emulated USB devices (tests/emu/usb_model.h) behind libusb's functions, in this process: faults in any place, thousands of
 * transfers a second, no rig. A NAK is a time-out at once, and time passes only where it is waited for.
 */
#ifndef TESTS_USB_FAKE_H
#define TESTS_USB_FAKE_H

#include <stdbool.h>

#include "../emu/usb_dev.h"
#include "base/strbuf.h"
#include "board/usb.h"

struct usb_fake {
	struct usb_dev *dev;      /* NULL: unplugged */
	struct usb_device record; /* as usb_devices_list tells it; at "1-2" */
	char serial[64];          /* the record's */
	struct strbuf events;     /* lines, as the model told them */
	bool claimed, left;       /* left: it was to leave the bus */
	long transfers;           /* all but standard requests */
};

/* Plugs in a device; words separated by blanks. There is one at a time, and libusb's functions are its from then on. */
void usb_fake_plug(struct usb_fake *f, const struct usb_model *model, const char *words);
void usb_fake_fault(struct usb_fake *f, const char *words);
void usb_fake_unplug(struct usb_fake *f); /* takes one that is unplugged */
/* How many events begin so. */
int usb_fake_count(const struct usb_fake *f, const char *beginning);

#endif
