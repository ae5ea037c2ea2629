/* SPDX-License-Identifier: MIT
 *
 * USB devices through libusb. It reads what the kernel knows; nothing is opened, so that a device that another program uses,
 * or that is not ours to open, is listed too.
 */
#include "board/usb.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "board/serial_port.h"
#include "os/fs.h"
#include "os/openers.h"
#include "os/usb_lib.h"
#include "os/usb_place.h"

enum { MAX_DEPTH = 7, MAX_SHOWN = 256 };

static const char *text_of(struct arena *a, const char *place, const char *name)
{
	AUTO_STRBUF text = STRBUF_INIT;
	char shown[MAX_SHOWN];

	if (!usb_text(&text, place, name))
		return NULL;
	utf8_printable(shown, sizeof(shown), text.buf, text.len);
	return arena_strdup(a, shown);
}

/* "1-4.2"; NULL for a root hub, which has no place. */
static const char *place_of(libusb_device *dev, struct arena *a)
{
	AUTO_STRBUF text = STRBUF_INIT;
	uint8_t ports[MAX_DEPTH];
	int count = usb_lib.libusb_get_port_numbers(dev, ports, MAX_DEPTH);

	for (int i = 0; i < count; i++)
		strbuf_addf(&text, "%c%d", i ? '.' : '-', ports[i]);
	return count > 0 ? arena_printf(a, "%d%s", usb_lib.libusb_get_bus_number(dev), text.buf)
			 : NULL;
}

static const char *interface_name(struct arena *a, const char *path,
				  const struct libusb_config_descriptor *config, int number)
{
	return text_of(a, arena_printf(a, "%s:%d.%d", path, config->bConfigurationValue, number),
		       "interface");
}

static void read_interfaces(libusb_device *dev, struct arena *a, struct usb_device *d)
{
	struct libusb_config_descriptor *config;
	VEC(struct usb_interface) all = { 0 };

	/* The first one: boards have no other, and one that nobody has configured yet has none that is active. */
	if (usb_lib.libusb_get_config_descriptor(dev, 0, &config) != 0)
		return;
	for (int i = 0; i < config->bNumInterfaces; i++)
		for (int k = 0; k < config->interface[i].num_altsetting; k++) {
			const struct libusb_interface_descriptor *from =
				&config->interface[i].altsetting[k];
			struct usb_interface to = {
				.number = from->bInterfaceNumber,
				.alt = from->bAlternateSetting,
				.class = from->bInterfaceClass,
				.subclass = from->bInterfaceSubClass,
				.protocol = from->bInterfaceProtocol,
			};

			to.name = k ? NULL : interface_name(a, d->path, config, to.number);
			vec_push(&all, to);
		}
	d->interfaces = ARENA_ARRAY(a, struct usb_interface, all.count + 1);
	if (all.count)
		memcpy(d->interfaces, all.items, all.count * sizeof(*all.items));
	d->interface_count = all.count;
	usb_lib.libusb_free_config_descriptor(config);
	vec_free(&all);
}

static void read_device(libusb_device *dev, struct arena *a, struct usb_devices *out)
{
	struct libusb_device_descriptor descriptor;
	struct usb_device d = { .path = place_of(dev, a) };
	char *node;

	if (!d.path || usb_lib.libusb_get_device_descriptor(dev, &descriptor) != 0 ||
	    descriptor.bDeviceClass == LIBUSB_CLASS_HUB)
		return;
	d.vid = descriptor.idVendor;
	d.pid = descriptor.idProduct;
	d.release = descriptor.bcdDevice;
	d.bus = usb_lib.libusb_get_bus_number(dev);
	d.address = usb_lib.libusb_get_device_address(dev);
	node = arena_printf(a, "/dev/bus/usb/%03d/%03d", d.bus, d.address);
	if (fs_exists(node)) {
		d.node = node;
		d.denied = !openers_may_open(node);
	}
	d.serial = text_of(a, d.path, "serial");
	d.manufacturer = text_of(a, d.path, "manufacturer");
	d.product = text_of(a, d.path, "product");
	read_interfaces(dev, a, &d);
	d.things = usb_things_of(&d);
	d.chip = usb_chip_of(d.vid, d.pid);
	vec_push(out, d);
}

static int by_path(const void *a, const void *b)
{
	return serial_path_compare(((const struct usb_device *)a)->path,
				   ((const struct usb_device *)b)->path);
}

bool usb_devices_list(struct arena *a, struct usb_devices *out, struct err *e)
{
	libusb_context *context = NULL;
	libusb_device **all = NULL;
	ssize_t count;
	int status;

	*out = (struct usb_devices){ 0 };
	if (!usb_is_there())
		return true;
	if (!usb_lib_load(e))
		return false;
	status = usb_lib.libusb_init(&context);
	if (status != 0)
		return err_set(e, "libusb does not start: %s", usb_lib.libusb_error_name(status));
	count = usb_lib.libusb_get_device_list(context, &all);
	for (ssize_t i = 0; i < count; i++)
		read_device(all[i], a, out);
	if (count >= 0)
		usb_lib.libusb_free_device_list(all, 1);
	usb_lib.libusb_exit(context);
	if (count < 0)
		return err_set(e, "libusb lists no devices: %s",
			       usb_lib.libusb_error_name((int)count));
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_path);
	return true;
}

void usb_devices_free(struct usb_devices *d)
{
	free(d->items);
	*d = (struct usb_devices){ 0 };
}
