/* SPDX-License-Identifier: MIT
 *
 * USB devices through libusb.
 */
#include "board/usb.h"

#include <stdlib.h>

void usb_devices_free(struct usb_devices *d)
{
	free(d->items);
	*d = (struct usb_devices){ 0 };
}
