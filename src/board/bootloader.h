/* SPDX-License-Identifier: MIT
 *
 * Bringing a board that runs into its bootloader: the ways to tell it, in the order that fits its port, and the wait until it
 * is back as what was asked for.
 */
#ifndef BOARD_BOOTLOADER_H
#define BOARD_BOOTLOADER_H

#include <stdbool.h>

#include "base/err.h"
#include "board/device.h"
#include "board/esp_reset.h"

struct bootloader_method {
	const char *name; /* the word of --bootloader: "touch1200" */
	const char *title;
	/* Does it fit the device as it is now? Changes nothing; the error is the reason for passing it over. */
	bool (*fits)(const struct device *d, struct err *e);
	/* Tells the device; true when it was told, which is not yet that it obeyed. NULL: the user does it (manual). */
	bool (*tell)(const struct device *d, struct err *e);
	/* How long it may take from there to the bootloader. */
	int wait_ms;
	/*
	 * The bootloader answers on the same port, and tell has heard it: there is nothing to wait for. Of this very device, since
	 * some come back as another USB device. NULL: never.
	 */
	bool (*stays)(const struct device *d);
	unsigned
		comes_as; /* of enum usb_thing: no other bootloader is what was asked for; 0: any */
};

extern const struct bootloader_method *const bootloader_methods[]; /* ends with NULL */
const struct bootloader_method *bootloader_method_by_name(const char *name);

struct bootloader_options {
	/* a method's name: that one first; "none": it is there already; NULL or "auto": the port's order */
	const char *method;
	bool only; /* that method alone, not the others after it */
	/* one line for people: what is tried, and why something did not work; NULL: nobody listens */
	void (*note)(void *ctx, const char *text);
	/*
	 * Shows `text` (lines) and waits until the user has done it (true), or has not (an error). NULL: there is nobody: the manual
	 * way is then an error that has the text.
	 */
	bool (*press)(void *ctx, const char *text, struct err *e);
	/* No press, but somebody sees the notes: the text is one, and the board is waited for as long as hands take. */
	bool hands;
	void *ctx;
	int wait_ms; /* for the device to come back, whatever the method says; 0: as the method says */
};

/* What is known of the way in. */
struct bootloader_entered {
	struct devices list;                    /* in which `device` is; devices_free */
	struct device *device;                  /* as it is now */
	const struct bootloader_method *method; /* NULL: it was there already */
};
#define BOOTLOADER_ENTERED_INIT \
	{                       \
		0               \
	}

/*
 * `d` stays as it is and must outlive the call. True when the same device (device_is_same; one behind a serial adapter or a probe: a
 * new one that came meanwhile) is in a bootloader. The error says what each way came to, and what came instead.
 */
bool bootloader_enter(const struct device *d, const struct bootloader_options *o,
		      struct bootloader_entered *out, struct err *e);

/* What the error says of a board that no way led into its bootloader. */
#define BOOTLOADER_NOT_IN "is not in its bootloader"

/* Does it wait for firmware as it is? */
bool bootloader_is_in(const struct device *d);

/* MicroPython's port of the device, by its answer or by its ids: "rp2"; NULL: not known. */
const char *bootloader_port(const struct device *d);

/* The names of the ways for a port (NULL: an unknown one), in order; NULL-terminated. */
const char *const *bootloader_order(const char *port);

/* How an ESP behind this device's port is reset. */
enum esp_line bootloader_esp_line(const struct device *d);

/* How a person does it, by port: lines. */
const char *bootloader_manual_text(const char *port);

#endif
