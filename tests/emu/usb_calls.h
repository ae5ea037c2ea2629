/* SPDX-License-Identifier: MIT
 *
 * Emulated USB devices that are opened: requests to their control endpoint are answered here, and told.
 */
#ifndef EMU_USB_CALLS_H
#define EMU_USB_CALLS_H

#include <stdbool.h>
#include <umockdev.h>

/*
 * Watches NODE ("/dev/bus/usb/001/031") of the device at `place`: `event` (on the main loop) is called with "control PLACE
 * TYPE:REQUEST VALUE" (hex) for each request to its interfaces. One that sends nothing back succeeds, one that wants an answer stalls
 * until there is one. The handle goes to usb_calls_unwatch.
 */
struct usb_calls;
struct usb_calls *usb_calls_watch(UMockdevTestbed *bed, const char *node, const char *place,
				  void (*event)(void *ctx, const char *text), void *ctx);
void usb_calls_unwatch(struct usb_calls *c);

/* "a1:05 0a": what the request of that type and number is answered with from now on; "busy": claims fail as for another program's. */
bool usb_calls_answer(struct usb_calls *c, char **words);

#endif
