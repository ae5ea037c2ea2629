/* SPDX-License-Identifier: MIT
 *
 * libusb's functions on an emulated device.
 */
#include "usb_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "os/clock.h"
#include "os/usb_lib.h"

enum { MAX_WORDS = 32, MAX_INTERFACES = 4 };

static struct usb_fake *plugged;
static struct usb_model_host host;
static struct libusb_config_descriptor config;
static struct libusb_interface interfaces[MAX_INTERFACES];
static struct libusb_interface_descriptor settings[MAX_INTERFACES][16];
static struct libusb_endpoint_descriptor endpoints[MAX_INTERFACES][4];
static int some_device, some_handle; /* whose addresses stand for libusb's things */

/* --- the host side of the model ----------------------------------------------------------------------------------- */

static void on_event(void *ctx, const char *text)
{
	struct usb_fake *f = ctx;

	strbuf_addf(&f->events, "%s\n", text);
}

static void on_leave(void *ctx, int ms)
{
	struct usb_fake *f = ctx;

	(void)ms;
	f->left = true;
}

static int64_t on_now(void *ctx)
{
	(void)ctx;
	return clock_ms();
}

int usb_fake_count(const struct usb_fake *f, const char *beginning)
{
	int count = 0;

	for (const char *p = f->events.buf; p && *p; p = strchr(p, '\n') + 1)
		count += strncmp(p, beginning, strlen(beginning)) == 0;
	return count;
}

/* --- libusb ------------------------------------------------------------------------------------------------------- */

static int fake_init(libusb_context **context)
{
	*context = NULL;
	return 0;
}

static void fake_exit(libusb_context *context)
{
	(void)context;
}

static const char *fake_error_name(int status)
{
	return status == LIBUSB_ERROR_TIMEOUT ? "LIBUSB_ERROR_TIMEOUT"
	       : status == LIBUSB_ERROR_PIPE  ? "LIBUSB_ERROR_PIPE"
					      : "LIBUSB_ERROR_OTHER";
}

static ssize_t fake_get_device_list(libusb_context *context, libusb_device ***list)
{
	(void)context;
	*list = xcalloc(2, sizeof(**list));
	(*list)[0] = plugged && plugged->dev ? (libusb_device *)&some_device : NULL;
	return (*list)[0] ? 1 : 0;
}

static void fake_free_device_list(libusb_device **list, int unref)
{
	(void)unref;
	free(list);
}

static int fake_get_port_numbers(libusb_device *device, uint8_t *ports, int size)
{
	(void)device;
	(void)size;
	ports[0] = 2;
	return 1;
}

static uint8_t fake_get_bus_number(libusb_device *device)
{
	(void)device;
	return 1;
}

static int fake_get_device_descriptor(libusb_device *device, struct libusb_device_descriptor *to)
{
	void *m;
	const struct usb_model *model = usb_dev_model(plugged->dev, &m);

	(void)device;
	memcpy(to, model->device(m), 18);
	return 0;
}

static struct libusb_interface_descriptor *take_interface(const uint8_t *p)
{
	struct libusb_interface *i = &interfaces[config.bNumInterfaces];
	struct libusb_interface_descriptor *s;

	if (p[3] == 0) {
		i->altsetting = settings[config.bNumInterfaces++];
		i->num_altsetting = 0;
	} else {
		i--;
	}
	s = &settings[i - interfaces][i->num_altsetting++];
	*s = (struct libusb_interface_descriptor){
		.bInterfaceNumber = p[2],
		.bAlternateSetting = p[3],
		.bInterfaceClass = p[5],
		.bInterfaceSubClass = p[6],
		.bInterfaceProtocol = p[7],
		.iInterface = p[8],
		.endpoint = endpoints[i - interfaces],
	};
	return s;
}

static int fake_get_config_descriptor(libusb_device *device, uint8_t index,
				      struct libusb_config_descriptor **to)
{
	size_t size;
	void *m;
	const struct usb_model *model = usb_dev_model(plugged->dev, &m);
	const uint8_t *p = model->configuration(m, &size), *end = p + size;
	struct libusb_interface_descriptor *last = NULL;

	(void)device;
	(void)index;
	config = (struct libusb_config_descriptor){ .interface = interfaces };
	for (; p < end; p += p[0]) {
		if (p[1] == LIBUSB_DT_INTERFACE) {
			last = take_interface(p);
		} else if (last && p[1] == LIBUSB_DT_ENDPOINT) {
			endpoints[config.bNumInterfaces - 1][last->bNumEndpoints++] =
				(struct libusb_endpoint_descriptor){ .bEndpointAddress = p[2],
								     .bmAttributes = p[3] };
		} else if (last) {
			last->extra = p;
			last->extra_length = p[0];
		}
	}
	*to = &config;
	return 0;
}

static void fake_free_config_descriptor(struct libusb_config_descriptor *d)
{
	(void)d;
}

static int fake_open(libusb_device *device, libusb_device_handle **handle)
{
	(void)device;
	*handle = (libusb_device_handle *)&some_handle;
	return 0;
}

static void fake_close(libusb_device_handle *handle)
{
	(void)handle;
}

static libusb_device *fake_get_device(libusb_device_handle *handle)
{
	(void)handle;
	return (libusb_device *)&some_device;
}

static int fake_claim(libusb_device_handle *handle, int number)
{
	(void)handle;
	(void)number;
	plugged->claimed = true;
	return plugged->dev ? 0 : LIBUSB_ERROR_NO_DEVICE;
}

static int fake_release(libusb_device_handle *handle, int number)
{
	(void)handle;
	plugged->claimed = false;
	if (plugged->dev)
		usb_dev_set_interface(plugged->dev, (uint8_t)number, 0);
	return 0;
}

static int fake_set_alt(libusb_device_handle *handle, int number, int alt)
{
	(void)handle;
	return plugged->dev && usb_dev_set_interface(plugged->dev, (uint8_t)number, (uint8_t)alt) ==
				       0
		       ? 0
		       : LIBUSB_ERROR_NOT_FOUND;
}

static int fake_reset(libusb_device_handle *handle)
{
	(void)handle;
	if (!plugged->dev)
		return LIBUSB_ERROR_NO_DEVICE;
	usb_dev_reset(plugged->dev);
	return 0;
}

static int fake_clear_halt(libusb_device_handle *handle, unsigned char endpoint)
{
	(void)handle;
	usb_dev_clear_halt(plugged->dev, endpoint);
	return 0;
}

/* A device that answers NAK is asked again until the time is up; one that never will, as a fault, only for a moment. */
static int run_transfer(struct usb_transfer *t, unsigned timeout_ms)
{
	int64_t deadline = clock_ms() + timeout_ms;
	int status;

	if (!plugged->dev || plugged->left)
		return LIBUSB_ERROR_NO_DEVICE;
	do {
		status = usb_dev_run(plugged->dev, t);
		if (status == USB_MODEL_NAK && t->fault)
			deadline = 0;
		if (status == USB_MODEL_NAK && !t->fault)
			clock_sleep_ms(1);
	} while (status == USB_MODEL_NAK && clock_ms() < deadline);
	plugged->transfers += t->started;
	switch (status) {
	case 0:
		return (int)t->moved;
	case USB_MODEL_STALL:
		return LIBUSB_ERROR_PIPE;
	case USB_MODEL_NAK:
		return LIBUSB_ERROR_TIMEOUT;
	case USB_MODEL_GONE:
		return LIBUSB_ERROR_NO_DEVICE;
	case USB_MODEL_BABBLE:
		return LIBUSB_ERROR_OVERFLOW;
	default:
		return LIBUSB_ERROR_IO;
	}
}

static int fake_control(libusb_device_handle *handle, uint8_t type, uint8_t request, uint16_t value,
			uint16_t index, unsigned char *data, uint16_t size, unsigned timeout_ms)
{
	const uint8_t setup[8] = { type,           request,
				   (uint8_t)value, (uint8_t)(value >> 8),
				   (uint8_t)index, (uint8_t)(index >> 8),
				   (uint8_t)size,  (uint8_t)(size >> 8) };
	struct usb_transfer t = { .setup = setup, .data = data, .size = size };

	(void)handle;
	return run_transfer(&t, timeout_ms);
}

static int fake_bulk(libusb_device_handle *handle, unsigned char endpoint, unsigned char *data,
		     int size, int *moved, unsigned timeout_ms)
{
	struct usb_transfer t = { .endpoint = endpoint, .data = data, .size = (size_t)size };
	int status = run_transfer(&t, timeout_ms);

	(void)handle;
	if (moved)
		*moved = (int)t.moved;
	return status < 0 ? status : 0;
}

static void take_libusb(void)
{
	usb_lib = (struct usb_api){
		.libusb_init = fake_init,
		.libusb_exit = fake_exit,
		.libusb_error_name = fake_error_name,
		.libusb_get_device_list = fake_get_device_list,
		.libusb_free_device_list = fake_free_device_list,
		.libusb_get_port_numbers = fake_get_port_numbers,
		.libusb_get_bus_number = fake_get_bus_number,
		.libusb_get_device_descriptor = fake_get_device_descriptor,
		.libusb_get_config_descriptor = fake_get_config_descriptor,
		.libusb_free_config_descriptor = fake_free_config_descriptor,
		.libusb_open = fake_open,
		.libusb_close = fake_close,
		.libusb_get_device = fake_get_device,
		.libusb_claim_interface = fake_claim,
		.libusb_release_interface = fake_release,
		.libusb_set_interface_alt_setting = fake_set_alt,
		.libusb_reset_device = fake_reset,
		.libusb_clear_halt = fake_clear_halt,
		.libusb_control_transfer = fake_control,
		.libusb_bulk_transfer = fake_bulk,
	};
}

/* %20 is a blank, as in the lines of the rig. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *p = text; *p; to++)
		if (*p == '%' && p[1] && p[2]) {
			*to = (char)strtoul((const char[]){ p[1], p[2], '\0' }, NULL, 16);
			p += 3;
		} else {
			*to = *p++;
		}
	*to = '\0';
}

static size_t split(char *text, char **list)
{
	char *save = NULL;
	size_t n = 0;

	for (char *w = strtok_r(text, " ", &save); w && n + 1 < MAX_WORDS;
	     w = strtok_r(NULL, " ", &save)) {
		unescape(w);
		list[n++] = w;
	}
	list[n] = NULL;
	return n;
}

/* --- plugging in --------------------------------------------------------------------------------------------------- */

void usb_fake_plug(struct usb_fake *f, const struct usb_model *model, const char *words)
{
	char *text = xstrdup(words), *list[MAX_WORDS], *why = NULL;
	const uint8_t *d;
	const char *number;
	void *m;

	split(text, list);
	take_libusb();
	usb_fake_unplug(f);
	host = (struct usb_model_host){ on_event, on_leave, on_now, f };
	f->left = f->claimed = false;
	f->dev = usb_dev_create(model, list, &host, &why);
	if (!f->dev)
		BUG("%s: %s", model->name, why);
	strbuf_reset(&f->events);
	plugged = f;
	d = usb_dev_model(f->dev, &m)->device(m);
	number = usb_dev_model(f->dev, &m)->string(m, d[16]);
	snprintf(f->serial, sizeof(f->serial), "%s", number ? number : "");
	f->record = (struct usb_device){
		.things = USB_DFU,
		.vid = d[8] | d[9] * 256U,
		.pid = d[10] | d[11] * 256U,
		.release = d[12] | d[13] * 256U,
		.bus = 1,
		.address = 7,
		.path = "1-2",
		.serial = number ? f->serial : NULL,
	};
	free(text);
}

void usb_fake_fault(struct usb_fake *f, const char *words)
{
	char *text = xstrdup(words), *list[MAX_WORDS];

	split(text, list);
	if (!usb_dev_fault(f->dev, list))
		BUG("a fault that is none: %s", words);
	free(text);
}

void usb_fake_unplug(struct usb_fake *f)
{
	usb_dev_destroy(f->dev);
	f->dev = NULL;
}
