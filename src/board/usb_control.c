/* SPDX-License-Identifier: MIT
 *
 * Control requests through libusb, to the device at a place: the list that named it may be older than what is there now.
 */
#include "board/usb_control.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "os/usb_lib.h"

enum {
	ANSWER_MS = 1000,
	MAX_DEPTH = 7,
	DFU_DETACH = 0,
	DFU_GETSTATE = 5,
	DFU_FUNCTIONAL = 0x21,
	WILL_DETACH = 8,
	DETACH_MS = 1000,  /* how long it waits for a bus reset, if it wants one */
	RP2_BOOTSEL = 1,   /* RESET_REQUEST_BOOTSEL */
	RP2_FLASH = 2,     /* RESET_REQUEST_FLASH */
	FLASH_AFTER = 100, /* ms until it starts again */
};

struct request {
	uint8_t class, subclass, protocol; /* of the interface that it is for */
	uint8_t code;
	uint16_t value;
	const char *what; /* for messages: "the request to go to DFU" */
	uint8_t *answer;  /* gets the one byte that comes back; NULL: nothing does */
	bool busy;        /* set when another program has the interface */
	bool bus_reset; /* the device waits for one after the request, unless it says that it does without */
	bool detaches; /* set when it says so (DFU 1.1, 4.1.3: bitWillDetach) */
};

static const struct usb_interface *interface_of(const struct usb_device *d, const struct request *r)
{
	for (size_t i = 0; i < d->interface_count; i++) {
		const struct usb_interface *f = &d->interfaces[i];

		if (f->class == r->class && f->subclass == r->subclass &&
		    f->protocol == r->protocol)
			return f;
	}
	return NULL;
}

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
	err_set(e, "cannot open USB device %04x:%04x at %s: %s", d->vid, d->pid, d->path,
		usb_lib.libusb_error_name(status));
	if (status == LIBUSB_ERROR_ACCESS)
		err_hint(e, "`mpflash doctor --install-udev` gives your user the rights");
	return false;
}

/* The attributes of a DFU interface stand in the descriptor behind it. */
static bool will_detach(const struct libusb_interface_descriptor *f)
{
	const unsigned char *p = f->extra, *end = p + f->extra_length;

	for (; p + 3 <= end && p[0] >= 3 && p[0] <= end - p; p += p[0])
		if (p[1] == DFU_FUNCTIONAL)
			return p[2] & WILL_DETACH;
	return false;
}

static bool device_detaches(libusb_device *dev)
{
	struct libusb_config_descriptor *config = NULL;
	bool found = false;

	if (usb_lib.libusb_get_config_descriptor(dev, 0, &config) != 0)
		return false;
	for (int i = 0; i < config->bNumInterfaces && !found; i++) {
		const struct libusb_interface *f = &config->interface[i];

		for (int k = 0; k < f->num_altsetting && !found; k++)
			found = f->altsetting[k].bInterfaceClass == 0xfe &&
				f->altsetting[k].bInterfaceSubClass == 1 &&
				will_detach(&f->altsetting[k]);
	}
	usb_lib.libusb_free_config_descriptor(config);
	return found;
}

static libusb_device_handle *open_device(libusb_context *context, const struct usb_device *d,
					 struct request *r, struct err *e)
{
	libusb_device **all = NULL;
	libusb_device_handle *handle = NULL;
	int status = LIBUSB_ERROR_NO_DEVICE;
	ssize_t count = usb_lib.libusb_get_device_list(context, &all);

	for (ssize_t i = 0; i < count; i++)
		if (is_at(all[i], d)) {
			r->detaches = r->bus_reset && device_detaches(all[i]);
			status = usb_lib.libusb_open(all[i], &handle);
			break;
		}
	if (count >= 0)
		usb_lib.libusb_free_device_list(all, 1);
	if (status != 0)
		open_failed(d, status, e);
	return status == 0 ? handle : NULL;
}

/* Who resets does not always answer. */
static bool has_obeyed(int status)
{
	return status >= 0 || status == LIBUSB_ERROR_NO_DEVICE || status == LIBUSB_ERROR_IO ||
	       status == LIBUSB_ERROR_TIMEOUT;
}

static bool send_to(libusb_device_handle *handle, const struct usb_device *d,
		    const struct usb_interface *f, struct request *r, struct err *e)
{
	enum { TYPE = LIBUSB_REQUEST_TYPE_CLASS | LIBUSB_RECIPIENT_INTERFACE };
	uint8_t type = r->answer ? TYPE | LIBUSB_ENDPOINT_IN : TYPE;
	int status = usb_lib.libusb_claim_interface(handle, f->number);

	log_debug("USB %s: request %02x:%02x %04x to interface %d: %s", d->path, type, r->code,
		  r->value, f->number, r->what);

	r->busy = status == LIBUSB_ERROR_BUSY;
	if (status == 0) {
		status = usb_lib.libusb_control_transfer(handle, type, r->code, r->value, f->number,
							 r->answer, r->answer ? 1 : 0, ANSWER_MS);
		usb_lib.libusb_release_interface(handle, f->number);
	}
	if (status >= 0 && r->bus_reset && !r->detaches) {
		log_debug("USB %s: reset of the bus", d->path);
		usb_lib.libusb_reset_device(handle); /* it may be gone at once */
	}
	if (r->answer ? status == 1 : has_obeyed(status))
		return true;
	return err_set(e, "USB device %04x:%04x at %s refuses %s: %s", d->vid, d->pid, d->path,
		       r->what, status < 0 ? usb_lib.libusb_error_name(status) : "no answer");
}

static bool send_request(const struct usb_device *d, struct request *r, struct err *e)
{
	const struct usb_interface *f = interface_of(d, r);
	libusb_context *context = NULL;
	libusb_device_handle *handle;
	int status;
	bool ok;

	if (!f)
		return err_set(e, "USB device %04x:%04x at %s has no interface for %s", d->vid,
			       d->pid, d->path, r->what);
	if (!usb_lib_load(e))
		return false;
	status = usb_lib.libusb_init(&context);
	if (status != 0)
		return err_set(e, "libusb does not start: %s", usb_lib.libusb_error_name(status));
	handle = open_device(context, d, r, e);
	ok = handle && send_to(handle, d, f, r, e);
	if (handle)
		usb_lib.libusb_close(handle);
	usb_lib.libusb_exit(context);
	return ok;
}

bool usb_dfu_detach(const struct usb_device *d, struct err *e)
{
	struct request request = {
		.class = 0xfe,
		.subclass = 1,
		.protocol = 1,
		.code = DFU_DETACH,
		.value = DETACH_MS,
		.what = "DFU detach",
		.bus_reset = true,
	};

	return send_request(d, &request, e);
}

bool usb_dfu_state(const struct usb_device *d, enum dfu_state *state, bool *busy, struct err *e)
{
	uint8_t answer = 0;
	struct request request = {
		.class = 0xfe,
		.subclass = 1,
		.protocol = 2,
		.code = DFU_GETSTATE,
		.what = "the question for its DFU state",
		.answer = &answer,
	};
	bool ok = send_request(d, &request, e);

	*busy = request.busy;
	*state = (enum dfu_state)answer;
	return ok;
}

bool usb_rp2_reset(const struct usb_device *d, bool boot, struct err *e)
{
	struct request request = {
		.class = 0xff,
		.protocol = 1,
		.code = boot ? RP2_BOOTSEL : RP2_FLASH,
		.value = boot ? 0 : FLASH_AFTER,
		.what = boot ? "the reset to its boot ROM" : "a reset",
	};

	return send_request(d, &request, e);
}
