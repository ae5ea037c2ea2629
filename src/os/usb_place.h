/* SPDX-License-Identifier: MIT
 *
 * Where on USB a thing is, and the texts that the kernel has read from it. A place is named as Linux names it: "1-4.2" is
 * port 2 of the hub at port 4 of bus 1. Systems without sysfs know no places: everything here is then "not known".
 */
#ifndef OS_USB_PLACE_H
#define OS_USB_PLACE_H

#include <stdbool.h>

#include "base/strbuf.h"

struct usb_place {
	char path[64];        /* "1-4.2"; "" when it is not on USB */
	char interface[80];   /* "1-4.2:1.0"; "" when the thing is the whole device */
	int interface_number; /* -1: not known */
};

/* The place of what a sysfs path leads to ("/sys/class/tty/ttyACM0/device"). False: it is not on USB, or gone. */
bool usb_place_of(const char *sysfs, struct usb_place *out);

/* The same from a text, for tests: the last "B-P.P" and "B-P.P:C.I" among its parts. */
bool usb_place_parse(const char *resolved, struct usb_place *out);

/*
 * One text of a device ("1-4.2") or an interface ("1-4.2:1.0"): "serial", "product", "interface". As the device gave it, at
 * most 512 bytes, without the line's end. False: it has none.
 */
bool usb_text(struct strbuf *out, const char *place, const char *name);

/* False when this machine has no USB at all: a container, a server. True when it is not known. */
bool usb_is_there(void);

#endif
