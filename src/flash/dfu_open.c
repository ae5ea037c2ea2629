/* SPDX-License-Identifier: MIT
 *
 * Opening a DFU device: its interface, what its descriptors say of it, and what is known of such devices otherwise.
 */
#include <string.h>

#include "base/vec.h"
#include "flash/dfu_wire.h"

enum {
	DFU_CLASS = 0xfe,
	DFU_SUBCLASS = 1,
	DFU_BOOTLOADER = 2,
	FUNCTIONAL = 0x21, /* type of the descriptor */
	VERSION_DFUSE = 0x011a,
	DEFAULT_TRANSFER = 1024,
	LARGEST_TRANSFER = 4096, /* that the kernel takes for a control request */
	REQUEST_MS = 1000,
};

static unsigned u16(const uint8_t *p)
{
	return p[0] | (unsigned)p[1] << 8;
}

/* --- descriptors ------------------------------------------------------------------------------------------------- */

/* USB DFU 1.1, 4.1.3; that of 1.0 lacks the version. */
static bool read_functional(struct dfu_wire *w, const uint8_t *p, int size)
{
	for (; size >= 2 && p[0] >= 2 && p[0] <= size; size -= p[0], p += p[0]) {
		if (p[1] != FUNCTIONAL || p[0] < 7)
			continue;
		w->can_download = p[2] & 1;
		w->can_upload = p[2] & 2;
		w->is_tolerant = p[2] & 4;
		w->transfer = u16(p + 5);
		w->dfuse = p[0] >= 9 && u16(p + 7) == VERSION_DFUSE;
		return true;
	}
	return false;
}

/* The whole descriptor; how many bytes of it are there. */
static int get_string(const struct dfu_wire *w, uint8_t index, uint8_t bytes[255])
{
	enum { ENGLISH = 0x0409 };
	int n = index ? usb_lib.libusb_control_transfer(w->usb.handle, LIBUSB_ENDPOINT_IN,
							LIBUSB_REQUEST_GET_DESCRIPTOR,
							(uint16_t)(LIBUSB_DT_STRING << 8 | index),
							ENGLISH, bytes, 255, REQUEST_MS)
		      : 0;

	return n < bytes[0] ? n : bytes[0];
}

/* UTF-16 to printable ASCII; "" when there is none. */
static void read_string(const struct dfu_wire *w, uint8_t index, char out[DFU_NAME_SIZE])
{
	uint8_t bytes[255] = { 0 };
	int n = get_string(w, index, bytes);
	size_t len = 0;

	for (int i = 2; i + 1 < n; i += 2)
		out[len++] =
			bytes[i + 1] || bytes[i] < ' ' || bytes[i] > '~' ? '?' : (char)bytes[i];
	out[len] = '\0';
}

static bool is_dfu(const struct libusb_interface_descriptor *i)
{
	return i->bInterfaceClass == DFU_CLASS && i->bInterfaceSubClass == DFU_SUBCLASS &&
	       i->bInterfaceProtocol == DFU_BOOTLOADER;
}

/* The first interface that is one, with its alternate settings. */
static bool read_settings(struct dfu_wire *w, const struct libusb_interface *from, bool *has)
{
	for (int i = 0; i < from->num_altsetting; i++) {
		const struct libusb_interface_descriptor *s = &from->altsetting[i];

		if (!is_dfu(s))
			continue;
		w->interface = s->bInterfaceNumber;
		*has = read_functional(w, s->extra, s->extra_length) || *has;
		if (s->bAlternateSetting >= DFU_MAX_ALTS)
			continue;
		if (w->alts <= s->bAlternateSetting)
			w->alts = s->bAlternateSetting + 1U;
		read_string(w, s->iInterface, w->names[s->bAlternateSetting]);
	}
	return w->alts > 0;
}

static bool read_configuration(struct dfu_wire *w, struct err *e)
{
	libusb_device *device = usb_lib.libusb_get_device(w->usb.handle);
	struct libusb_config_descriptor *config;
	bool found = false, has = false;

	if (usb_lib.libusb_get_config_descriptor(device, 0, &config) != 0)
		return err_set(e, "%04x:%04x at %s has no configuration", w->device->vid,
			       w->device->pid, w->device->path);
	for (int i = 0; i < config->bNumInterfaces && !found; i++)
		found = read_settings(w, &config->interface[i], &has);
	if (found && !has)
		has = read_functional(w, config->extra, config->extra_length);
	usb_lib.libusb_free_config_descriptor(config);
	if (!found)
		return err_set(e, "%04x:%04x at %s is no DFU bootloader", w->device->vid,
			       w->device->pid, w->device->path);
	if (!has)
		w->can_download = true;
	if (w->transfer < 8)
		w->transfer = DEFAULT_TRANSFER;
	if (w->transfer > LARGEST_TRANSFER)
		w->transfer = LARGEST_TRANSFER;
	return w->can_download ||
	       err_set(e, "%04x:%04x at %s takes no firmware: its DFU interface cannot download",
		       w->device->vid, w->device->pid, w->device->path);
}

/* --- what is known otherwise ------------------------------------------------------------------------------------- */

enum quirk {
	BOGUS_POLL = 1 << 0,
	PLAIN = 1 << 1,
	GD32 = 1 << 2, /* leaves at once, and names a wrong layout */
};

/* As dfu-util knows them. */
static const struct {
	unsigned vid, first, last; /* pids */
	unsigned release;          /* 0: any */
	unsigned quirks;           /* of enum quirk */
} quirks[] = {
	{ 0x1457, 0x5117, 0x5126, 0, BOGUS_POLL }, /* Openmoko */
	{ 0x16c0, 0x076b, 0x076c, 0, BOGUS_POLL }, /* OpenPCD, OpenPICC */
	{ 0x1d50, 0x5117, 0x5126, 0, BOGUS_POLL }, /* Openmoko */
	{ 0x1eaf, 0x0003, 0x0003, 0x0200, PLAIN }, /* Maple */
	{ 0x28e9, 0x0189, 0x0189, 0, GD32 },       /* GD32VF103 */
};

/*
 * The chip's part is in its serial number: "3CBJ", one byte a character where there should be two. The third says how large the
 * flash is.
 */
static unsigned gd32_pages(const struct dfu_wire *w)
{
	static const char sizes[] = "468B";
	struct libusb_device_descriptor d;
	uint8_t bytes[255] = { 0 };
	const char *size;
	int n = 0, len = 0;

	if (usb_lib.libusb_get_device_descriptor(usb_lib.libusb_get_device(w->usb.handle), &d) == 0)
		n = get_string(w, d.iSerialNumber, bytes);
	for (int i = 2; i < n; i++)
		if (bytes[i] && ++len == 3)
			bytes[0] = bytes[i];
	size = len >= 3 ? strchr(sizes, bytes[0]) : NULL;
	return size ? 16U << (size - sizes) : 0;
}

static void apply_quirks(struct dfu_wire *w)
{
	const struct usb_device *d = w->device;

	for (size_t i = 0; i < ARRAY_SIZE(quirks); i++) {
		if (d->vid != quirks[i].vid || d->pid < quirks[i].first ||
		    d->pid > quirks[i].last ||
		    (quirks[i].release && quirks[i].release != d->release))
			continue;
		w->poll_is_bogus = quirks[i].quirks & BOGUS_POLL;
		w->leaves_at_once = quirks[i].quirks & GD32;
		if (quirks[i].quirks & GD32)
			w->pages = gd32_pages(w);
		if (quirks[i].quirks & PLAIN)
			w->dfuse = false;
	}
}

/* --- open and close ---------------------------------------------------------------------------------------------- */

bool dfu_wire_open(struct dfu_wire *w, const struct usb_device *device, struct err *e)
{
	*w = (struct dfu_wire){ .usb = USB_OPEN_INIT, .device = device };
	if (usb_open(&w->usb, device, e) && read_configuration(w, e) &&
	    usb_open_claim(&w->usb, device, w->interface, NULL, e)) {
		apply_quirks(w);
		if (dfu_wire_idle(w, e))
			return true;
	}
	dfu_wire_close(w);
	return false;
}

void dfu_wire_close(struct dfu_wire *w)
{
	usb_open_close(&w->usb);
}

bool dfu_wire_select(struct dfu_wire *w, unsigned alt, struct err *e)
{
	int status;

	if (alt == w->alt)
		return true;
	status = usb_lib.libusb_set_interface_alt_setting(w->usb.handle, w->interface, (int)alt);
	if (status != 0)
		return err_set(e, "alternate setting %u of %04x:%04x at %s: %s", alt,
			       w->device->vid, w->device->pid, w->device->path,
			       usb_lib.libusb_error_name(status));
	w->alt = alt;
	return dfu_wire_idle(w, e);
}
