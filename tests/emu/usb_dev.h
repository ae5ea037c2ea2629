/* SPDX-License-Identifier: MIT
 *
 * A plugged-in USB device: an instance of a model, with what all devices have in common. It answers standard requests, cuts
 * transfers into packets, counts them, and fails those that a test wants to fail. Carriers (usb_calls.h) hand it transfers.
 */
#ifndef EMU_USB_DEV_H
#define EMU_USB_DEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usb_model.h"

/* One transfer, from its submission to its end. Zeroed but for what it is. */
struct usb_transfer {
	const uint8_t *setup; /* 8 bytes: a control transfer; NULL: by the endpoint */
	uint8_t endpoint;
	uint8_t *data;    /* to be sent or filled */
	size_t size;      /* of data; a control transfer's wLength */
	bool zero_packet; /* OUT, full packets: an empty one ends it */
	size_t moved;     /* bytes so far */
	/* the device's own */
	bool started, fed;
	int fault;
};

struct usb_dev;

/*
 * words: of the model, NULL-terminated. `host` stays the caller's and must outlive it. NULL with *why (malloc) when the words are
 * wrong. usb_dev_destroy takes NULL.
 */
struct usb_dev *usb_dev_create(const struct usb_model *model, char **words,
			       const struct usb_model_host *host, char **why);
void usb_dev_destroy(struct usb_dev *d);

/* The instance, for what is asked of the model alone: descriptors. */
const struct usb_model *usb_dev_model(const struct usb_dev *d, void **m);

/* Goes on with a transfer: 0 when it is done, USB_MODEL_NAK when it is to be called again later, or how it failed. */
int usb_dev_run(struct usb_dev *d, struct usb_transfer *t);

int usb_dev_set_interface(struct usb_dev *d, uint8_t number, uint8_t alt); /* 0, or as above */
void usb_dev_clear_halt(struct usb_dev *d, uint8_t endpoint);
void usb_dev_reset(struct usb_dev *d);

/*
 * "after=3 stall", "after=1 times=5 nak in", "after=20 gone 21:01", "none": the third from now of those transfers, counted without
 * standard requests (README.md). Several may wait. False: wrong words.
 */
bool usb_dev_fault(struct usb_dev *d, char **words);

/* Of transfers since the last call, standard requests left out. */
struct usb_dev_count {
	unsigned long control, in, out, bytes;
};
struct usb_dev_count usb_dev_count(struct usb_dev *d);

#endif
