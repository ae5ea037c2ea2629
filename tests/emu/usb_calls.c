/* SPDX-License-Identifier: MIT
 *
 * usbfs by umockdev's ioctl emulation, as far as control requests go. The handlers run in its thread; what they tell goes to the main
 * loop, and the table of answers has a lock.
 */
#include "usb_calls.h"

#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

enum { SETUP = 8, STANDARD = 0x60, TO_HOST = 0x80 };

/* What was asked and is not fetched yet: one at a time, as libusb's control transfers are. */
struct pending {
	UMockdevIoctlData *urb, *buffer;
};

struct usb_calls {
	UMockdevTestbed *bed;
	UMockdevIoctlBase *handler;
	char *node, *place;
	GMutex lock;
	GHashTable *answers; /* "a1:05" -> GBytes */
	bool busy;
	struct pending pending;
	void (*event)(void *ctx, const char *text);
	void *ctx;
};

struct told {
	struct usb_calls *from;
	char *text;
};

static gboolean tell_main(void *p)
{
	struct told *t = p;

	t->from->event(t->from->ctx, t->text);
	g_free(t->text);
	g_free(t);
	return G_SOURCE_REMOVE;
}

static void tell_request(struct usb_calls *c, const guint8 *setup)
{
	struct told *t = g_new0(struct told, 1);

	t->from = c;
	t->text = g_strdup_printf("control %s %02x:%02x %04x", c->place, setup[0], setup[1],
				  setup[2] | setup[3] << 8);
	g_idle_add(tell_main, t);
}

static void tell_bus_reset(struct usb_calls *c)
{
	struct told *t = g_new0(struct told, 1);

	t->from = c;
	t->text = g_strdup_printf("bus-reset %s", c->place);
	g_idle_add(tell_main, t);
}

static void forget(struct usb_calls *c)
{
	g_clear_pointer(&c->pending.urb, umockdev_ioctl_data_unref);
	g_clear_pointer(&c->pending.buffer, umockdev_ioctl_data_unref);
}

/* Fills the buffer behind the setup packet; returns what the request comes to, `*length` bytes came back. */
static int answer(struct usb_calls *c, const guint8 *setup, int *length)
{
	char *name = g_strdup_printf("%02x:%02x", setup[0], setup[1]);
	int room = setup[6] | setup[7] << 8, status = 0;
	const guint8 *data;
	GBytes *bytes;
	gsize size;

	*length = 0;
	g_mutex_lock(&c->lock);
	bytes = g_hash_table_lookup(c->answers, name);
	if (setup[0] & TO_HOST && !bytes) {
		status = -EPIPE;
	} else if (setup[0] & TO_HOST) {
		data = g_bytes_get_data(bytes, &size);
		*length = (int)size < room ? (int)size : room;
		umockdev_ioctl_data_update(c->pending.buffer, SETUP, (guint8 *)data, *length);
	}
	g_mutex_unlock(&c->lock);
	g_free(name);
	return status;
}

static bool submit(struct usb_calls *c, UMockdevIoctlClient *client)
{
	struct usbdevfs_urb urb;

	forget(c);
	c->pending.urb = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0,
						     sizeof(urb), NULL);
	if (!c->pending.urb)
		return false;
	memcpy(&urb, c->pending.urb->data, sizeof(urb));
	if (urb.type != USBDEVFS_URB_TYPE_CONTROL || urb.buffer_length < SETUP)
		return false;
	c->pending.buffer = umockdev_ioctl_data_resolve(
		c->pending.urb, offsetof(struct usbdevfs_urb, buffer), urb.buffer_length, NULL);
	if (!c->pending.buffer)
		return false;
	umockdev_ioctl_client_complete(client, 0, 0);
	return true;
}

static bool reap(struct usb_calls *c, UMockdevIoctlClient *client)
{
	struct usbdevfs_urb urb;
	UMockdevIoctlData *arg;

	if (!c->pending.urb || !c->pending.buffer) {
		umockdev_ioctl_client_complete(client, -1, EAGAIN);
		return true;
	}
	arg = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(void *),
					  NULL);
	memcpy(&urb, c->pending.urb->data, sizeof(urb));
	urb.status = answer(c, c->pending.buffer->data, &urb.actual_length);
	if ((c->pending.buffer->data[0] & STANDARD) != 0)
		tell_request(c, c->pending.buffer->data);
	umockdev_ioctl_data_update(c->pending.urb, 0, (guint8 *)&urb, sizeof(urb));
	umockdev_ioctl_data_set_ptr(arg, 0, c->pending.urb);
	umockdev_ioctl_client_complete(client, 0, 0);
	umockdev_ioctl_data_unref(arg);
	forget(c);
	return true;
}

static bool tell_capabilities(UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client),
							     0, sizeof(guint32), NULL);
	guint32 none = 0;

	umockdev_ioctl_data_update(arg, 0, (guint8 *)&none, sizeof(none));
	umockdev_ioctl_data_unref(arg);
	umockdev_ioctl_client_complete(client, 0, 0);
	return true;
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, void *ctx)
{
	struct usb_calls *c = ctx;
	bool done = false;

	(void)base;
	switch (umockdev_ioctl_client_get_request(client)) {
	case USBDEVFS_GET_CAPABILITIES:
		done = tell_capabilities(client);
		break;
	case USBDEVFS_CLAIMINTERFACE:
		umockdev_ioctl_client_complete(client, c->busy ? -1 : 0, c->busy ? EBUSY : 0);
		done = true;
		break;
	case USBDEVFS_RELEASEINTERFACE:
		umockdev_ioctl_client_complete(client, 0, 0);
		done = true;
		break;
	case USBDEVFS_RESET:
		tell_bus_reset(c);
		umockdev_ioctl_client_complete(client, 0, 0);
		done = true;
		break;
	case USBDEVFS_SUBMITURB:
		done = submit(c, client);
		break;
	case USBDEVFS_REAPURB:
	case USBDEVFS_REAPURBNDELAY:
		done = reap(c, client);
		break;
	default:
		break;
	}
	if (!done)
		umockdev_ioctl_client_complete(client, -1, ENOTTY);
	return TRUE;
}

struct usb_calls *usb_calls_watch(UMockdevTestbed *bed, const char *node, const char *place,
				  void (*event)(void *ctx, const char *text), void *ctx)
{
	struct usb_calls *c = g_new0(struct usb_calls, 1);
	GError *error = NULL;

	c->bed = bed;
	c->node = g_strdup(node);
	c->place = g_strdup(place);
	c->event = event;
	c->ctx = ctx;
	g_mutex_init(&c->lock);
	c->answers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					   (GDestroyNotify)g_bytes_unref);
	c->handler = umockdev_ioctl_base_new();
	g_signal_connect(c->handler, "handle-ioctl", G_CALLBACK(on_ioctl), c);
	if (!umockdev_testbed_attach_ioctl(bed, node, c->handler, &error))
		g_error("%s: %s", node, error->message);
	return c;
}

/* The rest of it stays: an event may be on its way. */
void usb_calls_unwatch(struct usb_calls *c)
{
	umockdev_testbed_detach_ioctl(c->bed, c->node, NULL);
}

bool usb_calls_answer(struct usb_calls *c, char **words)
{
	GByteArray *bytes = g_byte_array_new();

	c->busy = words[0] && strcmp(words[0], "busy") == 0;
	for (const char *p = words[0] && words[1] ? words[1] : ""; p[0] && p[1]; p += 2) {
		guint8 byte =
			(guint8)(g_ascii_xdigit_value(p[0]) * 16 + g_ascii_xdigit_value(p[1]));

		g_byte_array_append(bytes, &byte, 1);
	}
	if (!c->busy && !bytes->len) {
		g_byte_array_unref(bytes);
		return false;
	}
	g_mutex_lock(&c->lock);
	g_hash_table_insert(c->answers, g_strdup(words[0]), g_byte_array_free_to_bytes(bytes));
	g_mutex_unlock(&c->lock);
	return true;
}
