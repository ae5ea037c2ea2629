/* SPDX-License-Identifier: MIT
 *
 * Devices: one record for a board, or a probe, in whatever state it is. What the three lists say (serial ports, USB, volumes)
 * is joined by the place on USB; emulated boards are added by who knows them (flash/emulated.h). Finding opens
 * nothing and asks nothing; who asks writes the answer into the record.
 */
#ifndef BOARD_DEVICE_H
#define BOARD_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "board/identity.h"
#include "board/serial_port.h"
#include "board/usb.h"
#include "board/volume.h"

struct sighting; /* cache/sighting.h */

enum device_state {
	DEVICE_NOT_ASKED,  /* has a port; nobody asked it yet */
	DEVICE_RUNNING,    /* MicroPython answered: identity is set */
	DEVICE_OTHER,      /* other firmware answered; identity.family names it when it is known */
	DEVICE_SILENT,     /* has a port, says nothing */
	DEVICE_BUSY,       /* prints or runs, and does not let itself be interrupted */
	DEVICE_GARBAGE,    /* what it says is no text: wrong speed, or no firmware */
	DEVICE_HELD,       /* another program has its port open */
	DEVICE_DENIED,     /* our user may not open it */
	DEVICE_GONE,       /* vanished while it was asked */
	DEVICE_RESETTING,  /* restarts while it is asked, and again */
	DEVICE_BOOTLOADER, /* waits for firmware: DFU, PICOBOOT, UF2 drive, ESP's ROM loader */
	/*
	 * A debug probe without a serial port, or one behind whose port nothing answered. A probe whose port is the UART of
	 * the board behind it begins as DEVICE_NOT_ASKED, with its `kind` set: a micro:bit's REPL is there, a Nucleo's too.
	 */
	DEVICE_PROBE,
};

/* "running", "not asked", "other firmware": for lists and JSON. */
const char *device_state_name(enum device_state s);

/* Strings live in the list's arena unless said otherwise; NULL: not known. */
struct device {
	/*
	 * The same as long as it is the same device: "usb-e6614c311b8a5f2b" when the USB serial number is its own, else
	 * "usb-1-4.2" (the place), else "port-ttyS0", "volume-/media/x", "qemu:qemu/MICROBIT".
	 */
	const char *id;
	enum device_state state;
	const char *
		why; /* one clause on the state: "held by minicom (pid 812)"; NULL: nothing to add */
	const char *hint; /* what to do about it; NULL */
	const char
		*kind; /* for people: "Pico bootloader", "ST-Link probe"; NULL: a board that runs */

	/* What it consists of. The first port is the one to talk to, and its REPL when the descriptors say so. */
	const struct serial_port **ports; /* in order of interfaces; the list's */
	size_t port_count;
	const struct usb_device *usb; /* NULL: none of its own, or libusb did not list it */
	const struct volume *volume;  /* NULL: none */
	const char *usb_path;         /* "1-4.2"; NULL: not on USB */

	const char *chip; /* "RP2040", where ids or the bootloader say so; no guess */
	const char *port; /* MicroPython's port where it is sure before asking: "rp2" */
	/* of the target it was started for (emulated), never a guess */
	const char *board_id;
	/* words of --method that can flash it as it is now, best first; NULL-terminated, never NULL. Whether the tools are
	 * there is another question. */
	const char *const *methods;

	/* of an emulated board */
	const char *emulator; /* "qemu"; NULL: a real device */
	const char *run_dir,
		*address; /* its folder; where its serial line is ("/dev/pts/4"), also in ports[0] */
	long pid;

	/* Something else that is attached has the same USB serial number: it tells nothing, the place does. */
	bool shared_number;

	/* Filled by who asks. identity is the record's own; devices_free frees it. */
	bool has_identity;
	struct identity identity;
	bool interrupted; /* asking stopped a program (which is started again, unless that was not wanted) */

	/* Filled by devices_recall (board/memory.h) when it does not say itself what it is. */
	const struct sighting
		*known;       /* the board that it was when it answered last; NULL: not known */
	bool known_by_number; /* the evidence is a serial number; else it is the place alone */
	const char *
		one_of; /* "RPI_PICO (usb-...), RPI_PICO2 (usb-...)": it may be one of these; NULL */
};

struct devices {
	struct device
		*items; /* by the first port's path; those without a port behind them, by id */
	size_t count, cap;
	struct arena arena; /* of all strings */
	struct serial_ports ports;
	struct usb_devices usb;
	struct volumes volumes;
	/* What could not be looked at and why ("USB devices are not listed: cannot load libusb-1.0.so.0"); NULL: nothing. */
	const char *note;
};

#define DEVICES_INIT \
	{            \
		0    \
	}
#define AUTO_DEVICES __attribute__((cleanup(devices_free))) struct devices

/* Which devices are wanted. Zeroed: all. */
struct device_query {
	struct serial_filter filter;
	const char *device; /* --device: an id, or the beginning of exactly one; NULL: any */
	/*
	 * To find this one again, wherever it is by now: all that is attached whatever MPFLASH_IGNORE says, and its port also when the
	 * system does not list it (a pty). `filter` is not looked at then. NULL: no.
	 */
	const struct device *again;
};

/*
 * `out` is DEVICES_INIT and filled. query.device is not looked at: devices_select does. What could not be looked at is in
 * out->note; false with an error only when serial ports cannot be listed and nothing else was found (out is DEVICES_INIT).
 */
bool devices_find(const struct device_query *q, struct devices *out, struct err *e);
void devices_free(struct devices *d); /* back to DEVICES_INIT */

/*
 * Another record, zeroed but for an empty `methods`, for who knows devices of his own. It moves all records: pointers to
 * them are stale. devices_sort when all are there.
 */
struct device *devices_add(struct devices *d);
void devices_sort(struct devices *d);

/*
 * The one device of that id, or whose id, serial number or port begins so. An error names those that fit, or those that
 * are there.
 */
struct device *devices_select(struct devices *d, const char *id, struct err *e);

/* Sets `methods` again, from its parts and what it answered: to be called when identity was filled. */
void device_set_methods(struct devices *list, struct device *d);
/* The user says which port's board it is, of which nothing else is known but that it has a serial port: its `port` and `methods`. */
void device_believe(struct devices *list, struct device *d, const char *port);

const char *device_port(const struct device *d); /* the path to talk to; NULL: it has none */
/* Its USB serial number; NULL: it has none, a maker's placeholder, or one that it shares. */
const char *device_serial(const struct device *d);
/* vid << 16 | pid; 0: not on USB. */
unsigned device_usb_id(const struct device *d);
const char *device_label(
	const struct device *d); /* what to call it in a message: its port, else its id */

/*
 * Is `now` the same physical device as `before`, perhaps in another state? By device_serial where both have one,
 * else by its place on USB. (A board's boot ROM and its firmware may have different numbers: then the place decides.)
 */
bool device_is_same(const struct device *before, const struct device *now);

/*
 * Waits until a device is there that `wanted` says yes to, and asks again whenever something was plugged or unplugged. The
 * found one is moved into `out` (DEVICES_INIT) with the list it came from; *found points into that. False with an error
 * when none came in timeout_ms, or the user interrupted (ERR_INTERRUPTED); `out` then has the last list, so that the caller can say what came instead.
 */
typedef bool device_wanted_fn(void *ctx, const struct device *d);
bool device_wait(const struct device_query *q, device_wanted_fn *wanted, void *ctx, int timeout_ms,
		 struct devices *out, struct device **found, struct err *e);

#endif
