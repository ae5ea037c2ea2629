/* SPDX-License-Identifier: MIT
 *
 * libusb, loaded when it is first needed: only commands that look at devices use it.
 */
#ifndef OS_USB_LIB_H
#define OS_USB_LIB_H

#include <libusb.h>
#include <stdbool.h>

#include "base/err.h"

/* The functions that we use. */
#define USB_FUNCTIONS(X)                 \
	X(libusb_claim_interface)        \
	X(libusb_close)                  \
	X(libusb_control_transfer)       \
	X(libusb_error_name)             \
	X(libusb_exit)                   \
	X(libusb_free_config_descriptor) \
	X(libusb_free_device_list)       \
	X(libusb_get_bus_number)         \
	X(libusb_get_config_descriptor)  \
	X(libusb_get_device_address)     \
	X(libusb_get_device_descriptor)  \
	X(libusb_get_device_list)        \
	X(libusb_get_port_numbers)       \
	X(libusb_init)                   \
	X(libusb_open)                   \
	X(libusb_release_interface)      \
	X(libusb_reset_device)

struct usb_api {
#define USB_MEMBER(name) __typeof__(&name) name; /* NOLINT(bugprone-macro-parentheses): a name */
	USB_FUNCTIONS(USB_MEMBER)
#undef USB_MEMBER
};

/* usb_lib.libusb_init() is libusb_init(). Valid once usb_lib_load said yes. */
extern struct usb_api usb_lib;

bool usb_lib_load(struct err *e);

#endif
