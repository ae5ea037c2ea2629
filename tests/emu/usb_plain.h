/* SPDX-License-Identifier: MIT
 *
 * The USB device of a `usb` line: no protocol, but answers that the test gave for single requests.
 */
#ifndef EMU_USB_PLAIN_H
#define EMU_USB_PLAIN_H

#include <stdbool.h>

#include "usb_model.h"

/* Tells each request to its interfaces ("TYPE:REQUEST VALUE"). Bytes that go to it are taken; others stall until there is an answer. */
extern const struct usb_model usb_plain_model;

/* "a1:05", "0a": what that request gives from now on. False: not so. */
bool usb_plain_answer(void *m, const char *request, const char *hex);

#endif
