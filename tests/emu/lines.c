/* SPDX-License-Identifier: MIT
 *
 * Modem lines by umockdev's ioctl emulation. The handlers run in its thread; what they tell goes to the main loop.
 */
#include "lines.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

struct lines {
	UMockdevTestbed *bed;
	UMockdevIoctlBase *handler;
	char *name;
	int state; /* TIOCM_DTR | TIOCM_RTS */
	void (*event)(void *ctx, const char *text);
	void *ctx;
};

struct told {
	struct lines *from;
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

static void tell(struct lines *l, char *text)
{
	struct told *t = g_new0(struct told, 1);

	t->from = l;
	t->text = text;
	g_idle_add(tell_main, t);
}

static void tell_lines(struct lines *l)
{
	tell(l, g_strdup_printf("lines %s dtr=%d rts=%d", l->name, !!(l->state & TIOCM_DTR),
				!!(l->state & TIOCM_RTS)));
}

static void set_lines(struct lines *l, int state)
{
	state &= TIOCM_DTR | TIOCM_RTS;
	if (state != l->state) {
		l->state = state;
		tell_lines(l);
	}
}

/* The int that the caller's pointer leads to. */
static UMockdevIoctlData *argument(UMockdevIoctlClient *client)
{
	return umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(int),
					   NULL);
}

static bool modem_call(struct lines *l, UMockdevIoctlClient *client, unsigned long request)
{
	UMockdevIoctlData *arg = argument(client);
	int value = 0;

	if (!arg)
		return false;
	memcpy(&value, arg->data, sizeof(value));
	if (request == TIOCMSET)
		set_lines(l, value);
	else if (request == TIOCMBIS)
		set_lines(l, l->state | value);
	else if (request == TIOCMBIC)
		set_lines(l, l->state & ~value);
	else
		umockdev_ioctl_data_update(arg, 0, (guint8 *)&l->state, sizeof(l->state));
	umockdev_ioctl_data_unref(arg);
	umockdev_ioctl_client_complete(client, 0, 0);
	return true;
}

static gboolean on_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client, void *ctx)
{
	unsigned long request = umockdev_ioctl_client_get_request(client);
	int number = 0, result;

	(void)base;
	switch (request) {
	case TIOCMGET:
	case TIOCMSET:
	case TIOCMBIS:
	case TIOCMBIC:
		if (modem_call(ctx, client, request))
			return TRUE;
		break;
	case TIOCEXCL: /* the pty would keep it after its opener is gone */
	case TIOCNXCL:
		umockdev_ioctl_client_complete(client, 0, 0);
		return TRUE;
	default:
		break;
	}
	result = umockdev_ioctl_client_execute(client, &number, NULL);
	umockdev_ioctl_client_complete(client, result, number);
	return TRUE;
}

/* The kernel raises both lines when a port is opened. */
static void on_open(UMockdevIoctlBase *base, UMockdevIoctlClient *client, void *ctx)
{
	struct lines *l = ctx;

	(void)base;
	(void)client;
	l->state = TIOCM_DTR | TIOCM_RTS;
	tell(l, g_strdup_printf("open %s", l->name));
}

struct lines *lines_watch(UMockdevTestbed *bed, const char *name,
			  void (*event)(void *ctx, const char *text), void *ctx)
{
	struct lines *l = g_new0(struct lines, 1);
	char *path = g_strconcat("/dev/", name, NULL);
	GError *error = NULL;

	l->bed = bed;
	l->name = g_strdup(name);
	l->event = event;
	l->ctx = ctx;
	l->handler = umockdev_ioctl_base_new();
	g_signal_connect(l->handler, "handle-ioctl", G_CALLBACK(on_ioctl), l);
	g_signal_connect(l->handler, "client-connected", G_CALLBACK(on_open), l);
	if (!umockdev_testbed_attach_ioctl(bed, path, l->handler, &error))
		g_error("%s: %s", path, error->message);
	g_free(path);
	return l;
}

/* The rest of it stays: an event may be on its way. */
void lines_unwatch(struct lines *l)
{
	char *path = g_strconcat("/dev/", l->name, NULL);

	umockdev_testbed_detach_ioctl(l->bed, path, NULL);
	g_free(path);
}
