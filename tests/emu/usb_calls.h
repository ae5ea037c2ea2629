/* SPDX-License-Identifier: MIT
 *
 * The carrier that programs on this machine reach emulated USB devices by: usbfs, as libusb uses it, through umockdev's emulation of
 * ioctl.
 */
#ifndef EMU_USB_CALLS_H
#define EMU_USB_CALLS_H

#include <stdbool.h>
#include <umockdev.h>

#include "usb_model.h"

struct usb_calls;

/* What a device tells, on the main loop. */
struct usb_calls_told {
	/* "dfu 1-2 erase 08004000", "control 1-2 21:00 03e8" */
	void (*event)(void *ctx, const char *text);
	/* It left the bus: to be unplugged. */
	void (*left)(void *ctx, const char *place);
	void *ctx;
};

/* The device that is to be at `place`, not yet there; NULL with *why (g_free) when its words are wrong. */
struct usb_calls *usb_calls_create(const struct usb_model *model, char **words, const char *place,
				   const struct usb_calls_told *told, char **why);
/* For what is asked of the model alone. */
const struct usb_model *usb_calls_model(struct usb_calls *c, void **m);

/* Answers for NODE ("/dev/bus/usb/001/031") from now on. */
void usb_calls_watch(struct usb_calls *c, UMockdevTestbed *bed, const char *node);
/* Unplugged: its model ends, who has it open hears so. The rest of it stays, for those and for events on their way. */
void usb_calls_unwatch(struct usb_calls *c);

/*
 * "a1:05 0a": what that request to a device without a model is answered with from now on; "busy": claims fail as for another
 * program's.
 */
bool usb_calls_answer(struct usb_calls *c, char **words);
/* The words of usb_dev_fault. */
bool usb_calls_fault(struct usb_calls *c, char **words);
/* Tells "count PLACE control=N in=N out=N bytes=N" of what was since the last time. */
void usb_calls_count(struct usb_calls *c);

#endif
