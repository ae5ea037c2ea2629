/* SPDX-License-Identifier: MIT
 *
 * Control requests through libusb, to the device at a place.
 */
#include "board/usb_control.h"

#include "base/log.h"
#include "board/usb_open.h"

enum {
	ANSWER_MS = 1000,
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

/* Who resets does not always answer. */
static bool has_obeyed(int status)
{
	return status >= 0 || status == LIBUSB_ERROR_NO_DEVICE || status == LIBUSB_ERROR_IO ||
	       status == LIBUSB_ERROR_TIMEOUT;
}

static bool send_to(struct usb_open *o, const struct usb_device *d, const struct usb_interface *f,
		    struct request *r, struct err *e)
{
	enum { TYPE = LIBUSB_REQUEST_TYPE_CLASS | LIBUSB_RECIPIENT_INTERFACE };
	uint8_t type = r->answer ? TYPE | LIBUSB_ENDPOINT_IN : TYPE;
	int status;

	log_debug("USB %s: request %02x:%02x %04x to interface %d: %s", d->path, type, r->code,
		  r->value, f->number, r->what);
	if (!usb_open_claim(o, d, f->number, &r->busy, e))
		return false;
	r->detaches = r->bus_reset && device_detaches(usb_lib.libusb_get_device(o->handle));
	status = usb_lib.libusb_control_transfer(o->handle, type, r->code, r->value, f->number,
						 r->answer, r->answer ? 1 : 0, ANSWER_MS);
	if (status >= 0 && r->bus_reset && !r->detaches) {
		log_debug("USB %s: reset of the bus", d->path);
		usb_lib.libusb_reset_device(o->handle); /* it may be gone at once */
	}
	if (r->answer ? status == 1 : has_obeyed(status))
		return true;
	return err_set(e, "USB device %04x:%04x at %s refuses %s: %s", d->vid, d->pid, d->path,
		       r->what, status < 0 ? usb_lib.libusb_error_name(status) : "no answer");
}

static bool send_request(const struct usb_device *d, struct request *r, struct err *e)
{
	const struct usb_interface *f = interface_of(d, r);
	AUTO_USB_OPEN o = USB_OPEN_INIT;

	if (!f)
		return err_set(e, "USB device %04x:%04x at %s has no interface for %s", d->vid,
			       d->pid, d->path, r->what);
	return usb_open(&o, d, e) && send_to(&o, d, f, r, e);
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
