/* SPDX-License-Identifier: MIT
 *
 * Loading libusb; see usb_lib.h.
 */
#include "os/usb_lib.h"

#include "base/xalloc.h"
#include "config.h"
#include "os/library.h"

struct usb_api usb_lib;

bool usb_lib_load(struct err *e)
{
	static const struct library_function functions[] = {
#define USB_ROW(name) { #name, offsetof(struct usb_api, name) },
		USB_FUNCTIONS(USB_ROW)
#undef USB_ROW
	};

	if (usb_lib.libusb_get_device_list ||
	    library_load(MPFLASH_LIBUSB, MPFLASH_LIBUSB_DIR, functions, ARRAY_SIZE(functions),
			 &usb_lib))
		return true;
	err_set(e, "cannot load %s", MPFLASH_LIBUSB);
	return err_hint(e, "install libusb");
}
