/* SPDX-License-Identifier: MIT
 *
 * The carrier that a real kernel reaches emulated USB devices by: USB/IP (Linux Documentation/usb/usbip_protocol.rst) on a socket,
 * whose other end vhci-hcd was given. Only its second half is spoken: there is no list of devices and no import.
 */
#ifndef EMU_USBIP_H
#define EMU_USBIP_H

#include <stdbool.h>

struct usb_dev;
struct usbip;

/* Answers on `fd` (blocking; closed by usbip_destroy) for the device; both are borrowed until then. */
struct usbip *usbip_create(int fd, struct usb_dev *dev);
/* Closes the socket: the kernel sees the device go. Takes NULL. */
void usbip_destroy(struct usbip *u);

/* Reads one message, which is there (poll), and does it. False: the kernel's end is closed, or spoke nonsense. */
bool usbip_read(struct usbip *u);
/* Goes on with transfers that had nothing to say yet. False: it left the bus; nothing more is answered. */
bool usbip_run(struct usbip *u);
/* Transfers wait for usbip_run. */
bool usbip_waits(const struct usbip *u);

#endif
