/* SPDX-License-Identifier: MIT
 *
 * Models of USB devices: what one answers, without how the question comes to it. Two carriers bring the questions: the rig's usbfs
 * (umockdev's ioctl emulation), and vhci-hcd under a real kernel. A model is one file, model_*.c, listed in usb_models[]. It
 * keeps its flash in a file that the test can read and that outlives an unplugging.
 */
#ifndef EMU_USB_MODEL_H
#define EMU_USB_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	USB_MODEL_STALL = -1,
	USB_MODEL_NAK = -2,  /* nothing to say now: the host waits, up to its time-out */
	USB_MODEL_GONE = -3, /* it left the bus before it answered */
	/* of the carrier's faults, but a model may say them too */
	USB_MODEL_BABBLE = -4, /* more came than was asked for */
	USB_MODEL_ERROR = -5,  /* a broken packet, three times */
};

/* What a model may do besides answering. All of it is the carrier's. */
struct usb_model_host {
	/* Tells the log: "erase 08004000" of the model dfu at 1-2 stands there as "dfu 1-2 erase 08004000". */
	void (*event)(void *ctx, const char *text);
	/* Leaves the bus `ms` after the answer to the present request ("left 1-2"); what comes back is the test's to say (on EVENT => ...). */
	void (*leave)(void *ctx, int ms);
	int64_t (*now_ms)(void *ctx);
	void *ctx;
};

struct usb_model {
	const char *name;  /* "dfu" */
	const char *words; /* its words, for people: "flash=FILE layout=TEXT ..." */
	/* words: "key=value", NULL-terminated. NULL with *why (malloc) when they are wrong. */
	void *(*create)(char **words, const struct usb_model_host *host, char **why);
	void (*destroy)(void *m);
	/*
	 * The device descriptor (18 bytes) and the whole configuration, as GET_DESCRIPTOR gives them; strings are by index, UTF-8,
	 * NULL: none. Valid as long as the model.
	 */
	const uint8_t *(*device)(void *m);
	const uint8_t *(*configuration)(void *m, size_t *size);
	const char *(*string)(void *m, uint8_t index);
	/*
	 * A class or vendor request (standard ones are the carrier's; SET_INTERFACE is told as one): `data` has wLength bytes, to be read
	 * or to be filled. Returns the bytes that came back (0 for OUT), or one of the above.
	 */
	int (*control)(void *m, const uint8_t setup[8], uint8_t *data);
	/*
	 * Bulk or interrupt; NULL: it has no such endpoints. Bytes taken or given, or one of the above. What is left of an OUT transfer, or
	 * of the room of an IN transfer after full packets, is offered again until all is moved or a short packet ended it.
	 */
	int (*out)(void *m, uint8_t endpoint, const uint8_t *data, size_t size);
	int (*in)(void *m, uint8_t endpoint, uint8_t *data, size_t size);
	void (*clear_halt)(void *m, uint8_t endpoint); /* NULL: nothing to do */
	void (*reset)(void *m);                        /* the bus was reset; NULL: nothing to do */
};

extern const struct usb_model cmsisdap_model, dfu_model, picoboot_model;

extern const struct usb_model *const usb_models[];           /* ends with NULL */
const struct usb_model *usb_model_by_name(const char *name); /* NULL: none */

/* "0483:df11", "08004000+4000": two hexadecimal numbers and nothing else. */
bool usb_model_pair(const char *text, char between, unsigned *first, unsigned *second);

#endif
