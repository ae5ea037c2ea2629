/* SPDX-License-Identifier: MIT
 *
 * usbfs (linux/usbdevice_fs.h) for emulated devices. The handlers run in umockdev's thread, lines of the test in the main one: a lock
 * per device. What is told goes to the main loop. A transfer that has nothing to say yet is tried again whenever the program asks.
 */
#include "usb_calls.h"

#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#include "usb_dev.h"
#include "usb_plain.h"

enum {
	SETUP = 8,
	TO_HOST = 0x80,
	INTERFACES = 32,
	LARGEST = 1 << 20,
	/* libusb asks again at once, as poll tells it nothing: after that many times it has to wait a little */
	PATIENCE = 50,
	WAIT_MS = 1,
};

struct usb_calls {
	UMockdevTestbed *bed;
	UMockdevIoctlBase *handler;
	char *node, *place;
	GMutex lock;
	struct usb_dev *dev; /* NULL: unplugged */
	struct usb_model_host host;
	struct usb_calls_told told;
	bool busy, gone;
	void *owners[INTERFACES]; /* who claimed it */
};

/* A transfer as a program submitted it. */
struct urb {
	gulong address; /* the program's */
	UMockdevIoctlData *data, *buffer;
	uint8_t type;
	uint8_t *bytes; /* ours: setup packet and data */
	size_t size;
	struct usb_transfer transfer;
	bool done;
	int status; /* 0 or -errno */
};

/* One that has the device open. */
struct opener {
	struct usb_calls *device;
	GPtrArray *urbs; /* as submitted */
	unsigned in_vain;
};

/* --- told on the main loop ------------------------------------------------------------------------------------- */

struct note {
	struct usb_calls *from;
	char *text; /* NULL: it left */
};

static gboolean tell_main(void *p)
{
	struct note *n = p;
	struct usb_calls *c = n->from;
	bool here;

	if (n->text) {
		c->told.event(c->told.ctx, n->text);
	} else {
		g_mutex_lock(&c->lock);
		here = c->dev != NULL;
		g_mutex_unlock(&c->lock);
		if (here)
			c->told.left(c->told.ctx, c->place);
	}
	g_free(n->text);
	g_free(n);
	return G_SOURCE_REMOVE;
}

static struct note *note_new(struct usb_calls *c, char *text)
{
	struct note *n = g_new0(struct note, 1);

	n->from = c;
	n->text = text;
	return n;
}

static void on_model_event(void *ctx, const char *text)
{
	struct usb_calls *c = ctx;
	void *m;

	/* words that are wrong are told before there is a device */
	if (c->dev)
		g_idle_add(tell_main,
			   note_new(c, g_strdup_printf("%s %s %s", usb_dev_model(c->dev, &m)->name,
						       c->place, text)));
}

static void on_model_leave(void *ctx, int ms)
{
	struct usb_calls *c = ctx;

	if (ms > 0) {
		g_timeout_add((guint)ms, tell_main, note_new(c, NULL));
		return;
	}
	c->gone = true;
	g_idle_add(tell_main, note_new(c, NULL));
}

static int64_t now_ms(void *ctx)
{
	(void)ctx;
	return g_get_monotonic_time() / 1000;
}

/* --- transfers --------------------------------------------------------------------------------------------------- */

static void urb_free(void *p)
{
	struct urb *u = p;

	g_clear_pointer(&u->data, umockdev_ioctl_data_unref);
	g_clear_pointer(&u->buffer, umockdev_ioctl_data_unref);
	g_free(u->bytes);
	g_free(u);
}

static int errno_of(int status)
{
	switch (status) {
	case 0:
		return 0;
	case USB_MODEL_STALL:
		return EPIPE;
	case USB_MODEL_BABBLE:
		return EOVERFLOW;
	case USB_MODEL_GONE:
		return ESHUTDOWN;
	default:
		return EPROTO;
	}
}

static bool same_pipe(const struct urb *a, const struct urb *b)
{
	if (a->type == USBDEVFS_URB_TYPE_CONTROL || b->type == USBDEVFS_URB_TYPE_CONTROL)
		return a->type == b->type;
	return a->transfer.endpoint == b->transfer.endpoint;
}

/* Goes on with all that are first on their endpoint. */
static void run_urbs(struct opener *o)
{
	struct usb_calls *c = o->device;

	for (guint i = 0; i < o->urbs->len; i++) {
		struct urb *u = o->urbs->pdata[i];
		bool waits = false;
		int status;

		for (guint k = 0; k < i && !waits; k++)
			waits = !((struct urb *)o->urbs->pdata[k])->done &&
				same_pipe(o->urbs->pdata[k], u);
		if (u->done || waits)
			continue;
		status = c->dev && !c->gone ? usb_dev_run(c->dev, &u->transfer) : USB_MODEL_GONE;
		u->done = status != USB_MODEL_NAK;
		u->status = -errno_of(status);
	}
}

static struct urb *urb_new(UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
	struct urb *u = g_new0(struct urb, 1);
	struct usbdevfs_urb urb;

	memcpy(&u->address, arg->data, sizeof(u->address));
	u->data = umockdev_ioctl_data_resolve(arg, 0, sizeof(urb), NULL);
	if (!u->data)
		goto wrong;
	memcpy(&urb, u->data->data, sizeof(urb));
	if (urb.type == USBDEVFS_URB_TYPE_ISO || urb.buffer_length < 0 ||
	    urb.buffer_length > LARGEST)
		goto wrong;
	u->type = urb.type;
	u->size = (size_t)urb.buffer_length;
	u->bytes = g_malloc0(u->size + SETUP);
	if (u->size)
		u->buffer = umockdev_ioctl_data_resolve(
			u->data, offsetof(struct usbdevfs_urb, buffer), u->size, NULL);
	if (u->buffer)
		memcpy(u->bytes, u->buffer->data, u->size);
	u->transfer.data = u->bytes;
	u->transfer.size = u->size;
	u->transfer.endpoint = urb.endpoint;
	u->transfer.zero_packet = urb.flags & USBDEVFS_URB_ZERO_PACKET;
	if (u->type != USBDEVFS_URB_TYPE_CONTROL)
		return u;
	if (u->size < SETUP || u->bytes[6] + 256U * u->bytes[7] > u->size - SETUP)
		goto wrong;
	u->transfer.setup = u->bytes;
	u->transfer.data = u->bytes + SETUP;
	u->transfer.size = u->bytes[6] + 256U * u->bytes[7];
	return u;
wrong:
	urb_free(u);
	return NULL;
}

static int submit(struct opener *o, UMockdevIoctlClient *client)
{
	struct urb *u = urb_new(client);

	if (!u)
		return EINVAL;
	g_ptr_array_add(o->urbs, u);
	run_urbs(o);
	o->in_vain = 0;
	return 0;
}

static int discard(const struct opener *o, UMockdevIoctlClient *client)
{
	gulong address;

	memcpy(&address, umockdev_ioctl_client_get_arg(client)->data, sizeof(address));
	for (guint i = 0; i < o->urbs->len; i++) {
		struct urb *u = o->urbs->pdata[i];

		if (u->address != address || u->done)
			continue;
		u->done = true;
		u->status = -ENOENT;
		return 0;
	}
	return EINVAL;
}

/* What came goes to the program: with the end of this ioctl. */
static void hand_over(const struct urb *u, UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client),
							     0, sizeof(void *), NULL);
	const struct usb_transfer *t = &u->transfer;
	uint8_t direction = t->setup ? t->setup[0] : t->endpoint;
	struct usbdevfs_urb urb;

	memcpy(&urb, u->data->data, sizeof(urb));
	urb.status = u->status;
	urb.actual_length = (int)t->moved;
	if (direction & TO_HOST && t->moved && u->buffer)
		umockdev_ioctl_data_update(u->buffer, t->setup ? SETUP : 0, t->data,
					   (gint)t->moved);
	umockdev_ioctl_data_update(u->data, 0, (guint8 *)&urb, sizeof(urb));
	umockdev_ioctl_data_set_ptr(arg, 0, u->data);
	umockdev_ioctl_data_unref(arg);
}

static bool reap(const struct opener *o, UMockdevIoctlClient *client)
{
	for (guint i = 0; i < o->urbs->len; i++) {
		struct urb *u = o->urbs->pdata[i];

		if (!u->done)
			continue;
		hand_over(u, client);
		umockdev_ioctl_client_complete(client, 0, 0);
		g_ptr_array_remove_index(o->urbs, i);
		return true;
	}
	return false;
}

static void reap_or_wait(struct opener *o, UMockdevIoctlClient *client);

static gboolean reap_again(void *client)
{
	struct opener *o = g_object_get_data(client, "opener");

	g_mutex_lock(&o->device->lock);
	reap_or_wait(o, client);
	g_mutex_unlock(&o->device->lock);
	return G_SOURCE_REMOVE;
}

static void reap_later(UMockdevIoctlClient *client)
{
	GSource *later = g_timeout_source_new(WAIT_MS);

	g_source_set_callback(later, reap_again, g_object_ref(client), g_object_unref);
	g_source_attach(later, g_main_context_get_thread_default());
	g_source_unref(later);
}

/* REAPURB waits for an end, REAPURBNDELAY does not; as the latter is asked over and over, each of many gets its answer late. */
static void reap_or_wait(struct opener *o, UMockdevIoctlClient *client)
{
	bool may_wait = umockdev_ioctl_client_get_request(client) == USBDEVFS_REAPURB;
	bool gone = !o->device->dev || o->device->gone;

	run_urbs(o);
	if (reap(o, client)) {
		o->in_vain = 0;
	} else if (gone || !may_wait) {
		if (!gone && o->urbs->len && ++o->in_vain > PATIENCE) {
			o->in_vain = PATIENCE / 2;
			reap_later(client);
			return;
		}
		umockdev_ioctl_client_complete(client, -1, gone ? ENODEV : EAGAIN);
	} else {
		reap_later(client);
	}
}

/* --- other calls ----------------------------------------------------------------------------------------------- */

/* The number that an ioctl's argument points to. */
static unsigned number_at(UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client),
							     0, sizeof(unsigned), NULL);
	unsigned value = ~0U;

	if (arg) {
		memcpy(&value, arg->data, sizeof(value));
		umockdev_ioctl_data_unref(arg);
	}
	return value;
}

static int claim(struct opener *o, unsigned number)
{
	struct usb_calls *c = o->device;

	if (number >= INTERFACES)
		return EINVAL;
	if (c->busy || (c->owners[number] && c->owners[number] != o))
		return EBUSY;
	c->owners[number] = o;
	return 0;
}

/* The kernel sets an interface back when nobody has it any more. */
static int release(struct opener *o, unsigned number)
{
	struct usb_calls *c = o->device;
	void *m;

	if (number >= INTERFACES || c->owners[number] != o)
		return EINVAL;
	c->owners[number] = NULL;
	if (c->dev && !c->gone && usb_dev_model(c->dev, &m)->device)
		usb_dev_set_interface(c->dev, (uint8_t)number, 0);
	return 0;
}

static int set_interface(const struct opener *o, UMockdevIoctlClient *client)
{
	struct usbdevfs_setinterface set = { 0 };
	UMockdevIoctlData *arg = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client),
							     0, sizeof(set), NULL);

	memcpy(&set, arg->data, sizeof(set));
	umockdev_ioctl_data_unref(arg);
	return errno_of(usb_dev_set_interface(o->device->dev, (uint8_t)set.interface,
					      (uint8_t)set.altsetting));
}

static int tell_capabilities(UMockdevIoctlClient *client)
{
	UMockdevIoctlData *arg = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client),
							     0, sizeof(guint32), NULL);
	guint32 all = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
		      USBDEVFS_CAP_REAP_AFTER_DISCONNECT;

	umockdev_ioctl_data_update(arg, 0, (guint8 *)&all, sizeof(all));
	umockdev_ioctl_data_unref(arg);
	return 0;
}

/* Returns an errno; ENOTTY also for what is not emulated. No interface has a driver of the kernel's (ENODATA). */
static int other_call(struct opener *o, UMockdevIoctlClient *client)
{
	switch (umockdev_ioctl_client_get_request(client)) {
	case USBDEVFS_GET_CAPABILITIES:
		return tell_capabilities(client);
	case USBDEVFS_CLAIMINTERFACE:
	case USBDEVFS_DISCONNECT_CLAIM:
		return claim(o, number_at(client));
	case USBDEVFS_RELEASEINTERFACE:
		return release(o, number_at(client));
	case USBDEVFS_SUBMITURB:
		return submit(o, client);
	case USBDEVFS_DISCARDURB:
		return discard(o, client);
	case USBDEVFS_SETINTERFACE:
		return set_interface(o, client);
	case USBDEVFS_SETCONFIGURATION:
		return 0;
	case USBDEVFS_CLEAR_HALT:
	case USBDEVFS_RESETEP:
		usb_dev_clear_halt(o->device->dev, (uint8_t)number_at(client));
		return 0;
	case USBDEVFS_RESET:
		g_idle_add(tell_main,
			   note_new(o->device, g_strdup_printf("bus-reset %s", o->device->place)));
		usb_dev_reset(o->device->dev);
		return 0;
	case USBDEVFS_GETDRIVER:
	case USBDEVFS_IOCTL:
		return ENODATA;
	default:
		return ENOTTY;
	}
}

/* The program closed it, or ended: umockdev drops its side. */
static void opener_free(void *p)
{
	struct opener *o = p;
	struct usb_calls *c = o->device;

	g_mutex_lock(&c->lock);
	for (unsigned i = 0; i < INTERFACES; i++)
		release(o, i);
	g_mutex_unlock(&c->lock);
	g_ptr_array_unref(o->urbs);
	g_free(o);
}

static struct opener *opener_of(struct usb_calls *c, UMockdevIoctlClient *client)
{
	struct opener *o = g_object_get_data(G_OBJECT(client), "opener");

	if (o)
		return o;
	o = g_new0(struct opener, 1);
	o->device = c;
	o->urbs = g_ptr_array_new_with_free_func(urb_free);
	g_object_set_data_full(G_OBJECT(client), "opener", o, opener_free);
	return o;
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, void *ctx)
{
	struct usb_calls *c = ctx;
	gulong request = umockdev_ioctl_client_get_request(client);
	struct opener *o;
	int status = ENODEV;

	(void)base;
	g_mutex_lock(&c->lock);
	o = opener_of(c, client);
	if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY) {
		reap_or_wait(o, client);
	} else {
		if (c->dev && (!c->gone || request == USBDEVFS_RELEASEINTERFACE))
			status = other_call(o, client);
		umockdev_ioctl_client_complete(client, status ? -1 : 0, status);
	}
	g_mutex_unlock(&c->lock);
	return TRUE;
}

/* --- for the rig ------------------------------------------------------------------------------------------------- */

struct usb_calls *usb_calls_create(const struct usb_model *model, char **words, const char *place,
				   const struct usb_calls_told *told, char **why)
{
	struct usb_calls *c = g_new0(struct usb_calls, 1);

	c->place = g_strdup(place);
	c->told = *told;
	c->host = (struct usb_model_host){ on_model_event, on_model_leave, now_ms, c };
	g_mutex_init(&c->lock);
	c->dev = usb_dev_create(model, words, &c->host, why);
	if (c->dev)
		return c;
	g_free(c->place);
	g_free(c);
	return NULL;
}

const struct usb_model *usb_calls_model(struct usb_calls *c, void **m)
{
	return usb_dev_model(c->dev, m);
}

void usb_calls_watch(struct usb_calls *c, UMockdevTestbed *bed, const char *node)
{
	GError *error = NULL;

	c->bed = bed;
	c->node = g_strdup(node);
	c->handler = umockdev_ioctl_base_new();
	g_signal_connect(c->handler, "handle-ioctl", G_CALLBACK(on_ioctl), c);
	if (!umockdev_testbed_attach_ioctl(bed, node, c->handler, &error))
		g_error("%s: %s", node, error->message);
}

void usb_calls_unwatch(struct usb_calls *c)
{
	g_mutex_lock(&c->lock);
	c->gone = true;
	usb_dev_destroy(c->dev);
	c->dev = NULL;
	g_mutex_unlock(&c->lock);
	umockdev_testbed_detach_ioctl(c->bed, c->node, NULL);
}

bool usb_calls_answer(struct usb_calls *c, char **words)
{
	bool ok = false;
	void *m;

	g_mutex_lock(&c->lock);
	c->busy = words[0] && strcmp(words[0], "busy") == 0;
	if (c->busy)
		ok = true;
	else if (words[0] && words[1] && usb_dev_model(c->dev, &m) == &usb_plain_model)
		ok = usb_plain_answer(m, words[0], words[1]);
	g_mutex_unlock(&c->lock);
	return ok;
}

bool usb_calls_fault(struct usb_calls *c, char **words)
{
	bool ok;

	g_mutex_lock(&c->lock);
	ok = usb_dev_fault(c->dev, words);
	g_mutex_unlock(&c->lock);
	return ok;
}

void usb_calls_count(struct usb_calls *c)
{
	struct usb_dev_count n;
	char *text;

	g_mutex_lock(&c->lock);
	n = usb_dev_count(c->dev);
	g_mutex_unlock(&c->lock);
	text = g_strdup_printf("count %s control=%lu in=%lu out=%lu bytes=%lu", c->place, n.control,
			       n.in, n.out, n.bytes);
	c->told.event(c->told.ctx, text);
	g_free(text);
}
