/* SPDX-License-Identifier: MIT
 *
 * Opening a USB device by its place and ids.
 */
#include "board/usb_open.h"

#include <string.h>

#include "base/strbuf.h"

enum { MAX_DEPTH = 7 };

static bool is_at(libusb_device *dev, const struct usb_device *d)
{
	struct libusb_device_descriptor descriptor;
	uint8_t ports[MAX_DEPTH];
	AUTO_STRBUF path = STRBUF_INIT;
	int count = usb_lib.libusb_get_port_numbers(dev, ports, MAX_DEPTH);

	strbuf_addf(&path, "%d", usb_lib.libusb_get_bus_number(dev));
	for (int i = 0; i < count; i++)
		strbuf_addf(&path, "%c%d", i ? '.' : '-', ports[i]);
	return strcmp(path.buf, d->path) == 0 &&
	       usb_lib.libusb_get_device_descriptor(dev, &descriptor) == 0 &&
	       descriptor.idVendor == d->vid && descriptor.idProduct == d->pid;
}

static bool open_failed(const struct usb_device *d, int status, struct err *e)
{
	if (status == LIBUSB_ERROR_ACCESS) {
		err_set(e, USB_NO_PERMISSION " USB device %04x:%04x at %s", d->vid, d->pid,
			d->path);
		return err_hint(e, "`mpflash doctor --install-udev` gives your user the rights");
	}
	return err_set(e, "cannot open USB device %04x:%04x at %s: %s", d->vid, d->pid, d->path,
		       usb_lib.libusb_error_name(status));
}

static bool open_at(struct usb_open *o, const struct usb_device *d, struct err *e)
{
	libusb_device **all = NULL;
	int status = LIBUSB_ERROR_NO_DEVICE;
	ssize_t count = usb_lib.libusb_get_device_list(o->context, &all);

	for (ssize_t i = 0; i < count; i++)
		if (is_at(all[i], d)) {
			status = usb_lib.libusb_open(all[i], &o->handle);
			break;
		}
	if (count >= 0)
		usb_lib.libusb_free_device_list(all, 1);
	if (status == 0)
		return true;
	o->handle = NULL;
	return open_failed(d, status, e);
}

/* Its serial number, when it is plain ASCII as nearly all are; else "". */
static void read_serial(libusb_device_handle *handle, char out[128])
{
	enum { ENGLISH = 0x0409, READ_MS = 1000 };
	struct libusb_device_descriptor descriptor;
	uint8_t bytes[255] = { 0 };
	int n = 0;

	*out = '\0';
	if (usb_lib.libusb_get_device_descriptor(usb_lib.libusb_get_device(handle), &descriptor) ==
		    0 &&
	    descriptor.iSerialNumber)
		n = usb_lib.libusb_control_transfer(
			handle, LIBUSB_ENDPOINT_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
			(uint16_t)(LIBUSB_DT_STRING << 8 | descriptor.iSerialNumber), ENGLISH,
			bytes, sizeof(bytes), READ_MS);
	n = n < bytes[0] ? n : bytes[0];
	for (int i = 2; i + 1 < n; i += 2)
		if (bytes[i + 1] || bytes[i] <= ' ' || bytes[i] > '~')
			return;
	for (int i = 2; i + 1 < n; i += 2) {
		*out++ = (char)bytes[i];
		*out = '\0';
	}
}

/* Between the list and now another one may have been plugged in there. From now on it cannot: what is open is that very one. */
static bool is_as_listed(const struct usb_open *o, const struct usb_device *d, struct err *e)
{
	char now[128];

	if (!d->serial)
		return true;
	read_serial(o->handle, now);
	if (!*now || strcmp(now, d->serial) == 0)
		return true;
	return err_set(e, "another device is at %s now: its serial number is %s, not %s", d->path,
		       now, d->serial);
}

bool usb_open(struct usb_open *o, const struct usb_device *d, struct err *e)
{
	int status;

	*o = (struct usb_open)USB_OPEN_INIT;
	if (!usb_lib_load(e))
		return false;
	status = usb_lib.libusb_init(&o->context);
	if (status != 0) {
		o->context = NULL;
		return err_set(e, "libusb does not start: %s", usb_lib.libusb_error_name(status));
	}
	if (open_at(o, d, e) && is_as_listed(o, d, e))
		return true;
	usb_open_close(o);
	return false;
}

bool usb_open_claim(struct usb_open *o, const struct usb_device *d, int interface, bool *busy,
		    struct err *e)
{
	int status = usb_lib.libusb_claim_interface(o->handle, interface);

	if (busy)
		*busy = status == LIBUSB_ERROR_BUSY;
	if (status == 0) {
		o->interface = interface;
		return true;
	}
	if (status == LIBUSB_ERROR_BUSY)
		return err_set(e, "another program uses USB device %04x:%04x at %s", d->vid, d->pid,
			       d->path);
	return err_set(e, "cannot use USB device %04x:%04x at %s: %s", d->vid, d->pid, d->path,
		       usb_lib.libusb_error_name(status));
}

void usb_open_close(struct usb_open *o)
{
	if (o->handle && o->interface >= 0)
		usb_lib.libusb_release_interface(o->handle, o->interface);
	if (o->handle)
		usb_lib.libusb_close(o->handle);
	if (o->context)
		usb_lib.libusb_exit(o->context);
	*o = (struct usb_open)USB_OPEN_INIT;
}
