/* SPDX-License-Identifier: MIT
 *
 * libserialport, loaded when it is first needed: only commands that look at devices use it.
 */
#ifndef OS_SERIAL_LIB_H
#define OS_SERIAL_LIB_H

#include <libserialport.h>
#include <stdbool.h>

#include "base/err.h"

/* The functions that we use. */
#define SERIAL_FUNCTIONS(X)             \
	X(sp_free_port)                 \
	X(sp_free_port_list)            \
	X(sp_get_port_by_name)          \
	X(sp_get_port_description)      \
	X(sp_get_port_name)             \
	X(sp_get_port_transport)        \
	X(sp_get_port_usb_manufacturer) \
	X(sp_get_port_usb_product)      \
	X(sp_get_port_usb_serial)       \
	X(sp_get_port_usb_vid_pid)      \
	X(sp_list_ports)

struct serial_api {
#define SERIAL_MEMBER(name) __typeof__(&name) name; /* NOLINT(bugprone-macro-parentheses): a name */
	SERIAL_FUNCTIONS(SERIAL_MEMBER)
#undef SERIAL_MEMBER
};

/* serial_lib.sp_list_ports() is sp_list_ports(). Valid once serial_lib_load said yes. */
extern struct serial_api serial_lib;

bool serial_lib_load(struct err *e);

#endif
