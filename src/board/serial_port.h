/* SPDX-License-Identifier: MIT
 *
 * The serial ports of this machine and what is known of each without opening it. Texts from USB descriptors are somebody
 * else's: they come out printable (control characters and what is no UTF-8 are '?').
 */
#ifndef BOARD_SERIAL_PORT_H
#define BOARD_SERIAL_PORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Every string lives in the list's arena; NULL: not known. */
struct serial_port {
	const char *path; /* "/dev/ttyACM0" */
	bool usb;         /* vid and pid are set */
	unsigned vid, pid;
	const char *serial, *manufacturer, *product; /* of the USB device */
	const char *
		interface; /* of this port's USB interface: "CDC - Board CDC", "Black Magic GDB Server" */
	int interface_number; /* -1: not known */
	const char *
		usb_path; /* "1-4.2": bus and ports, as sysfs names it; the same for all parts of a device */
	/*
	 * Where it is plugged in, as the Python tool shows it: the name of the port's link in /dev/serial/by-path, else
	 * "1-4.2:1.0", else NULL.
	 */
	const char *location;
	bool bluetooth;
	bool named;          /* the user asked for exactly this one */
	bool denied;         /* our user may not open it */
	long holder;         /* the process that has it open (not we); 0: none that we can see */
	const char *held_by; /* its program: "minicom"; NULL with holder 0 */
};

struct serial_ports {
	struct serial_port *items;
	size_t count, cap;
};

/* Which ports count. Zeroed: all that have a USB location. Everything is the caller's. */
struct serial_filter {
	/*
	 * --serial: globs for the whole path ("*ACM*"). A word without `*?[` is one port, by its path or by a link that
	 * leads to it, and is taken whatever the other members and MPFLASH_IGNORE say. NULL-terminated; NULL, or "*" among
	 * them: all.
	 */
	const char *const *serial;
	const char *const
		*ignore;     /* --ignore: globs; MPFLASH_IGNORE of the environment adds to them */
	bool bluetooth;      /* those too */
	bool no_environment; /* MPFLASH_IGNORE is not looked at: the device is named in another way */
};

/* True when the filter asks for some ports only: then what has no serial port is not wanted either. */
bool serial_filter_is_narrow(const struct serial_filter *f);

/* Would a port of this path, that has a location or not, be taken? *named (may be NULL): it was named exactly. */
bool serial_filter_takes(const struct serial_filter *f, const char *path, bool has_location,
			 bool *named);

/*
 * The ports that the filter takes, in the order of their names (ttyACM2 before ttyACM10). A port that goes away meanwhile
 * is left out. False when the system cannot be asked: then the list has only what was named exactly.
 */
bool serial_ports_list(const struct serial_filter *f, struct arena *a, struct serial_ports *out,
		       struct err *e);
/* Of a maker of serial adapters: CP210x, CH34x (also of boards that are such a chip's), FTDI, PL2303. */
bool serial_port_is_adapter(const struct serial_port *p);

void serial_ports_free(struct serial_ports *p); /* the list; the strings are the arena's */

/* Compares names as people do: digits by value. For qsort of paths. */
int serial_path_compare(const char *a, const char *b);

#endif
