/* SPDX-License-Identifier: MIT
 *
 * Joining what serial ports, USB and volumes say: what is at one place on USB is one device.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "board/device_internal.h"
#include "board/serial_internal.h"

struct join {
	const struct device_query *query;
	struct devices *out;
	/* places of devices whose ports the user does not want to see */
	struct strv hidden;
};

static bool same_place(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static struct device *device_at(const struct devices *d, const char *usb_path)
{
	for (size_t i = 0; i < d->count; i++)
		if (same_place(d->items[i].usb_path, usb_path))
			return &d->items[i];
	return NULL;
}

static struct device *device_at_or_new(struct devices *d, const char *usb_path)
{
	struct device *found = device_at(d, usb_path);

	if (!found) {
		found = devices_add(d);
		found->usb_path = usb_path;
	}
	return found;
}

/*
 * No REPL is there: a second CDC port of CircuitPython and others carries the program's data, the first of a Black Magic probe
 * is its GDB server.
 */
static bool is_second(const struct serial_port *p)
{
	return p->interface && (strstr(p->interface, "CDC2") || strstr(p->interface, "data") ||
				strstr(p->interface, "GDB"));
}

static bool comes_before(const struct serial_port *a, const struct serial_port *b)
{
	if (is_second(a) != is_second(b))
		return is_second(b);
	if (a->interface_number != b->interface_number)
		return a->interface_number < b->interface_number;
	return serial_path_compare(a->path, b->path) < 0;
}

static void add_port(struct arena *a, struct device *d, const struct serial_port *p)
{
	const struct serial_port **ports =
		ARENA_ARRAY(a, const struct serial_port *, d->port_count + 1);
	size_t at = 0;

	while (at < d->port_count && !comes_before(p, d->ports[at]))
		at++;
	for (size_t i = 0; i < d->port_count; i++)
		ports[i < at ? i : i + 1] = d->ports[i];
	ports[at] = p;
	d->ports = ports;
	d->port_count++;
}

static void join_ports(struct join *j)
{
	const struct serial_ports *ports = &j->out->ports;

	for (size_t i = 0; i < ports->count; i++)
		add_port(&j->out->arena, device_at_or_new(j->out, ports->items[i].usb_path),
			 &ports->items[i]);
}

static bool is_hidden(const struct join *j, const char *usb_path)
{
	for (size_t i = 0; i < j->hidden.count; i++)
		if (same_place(j->hidden.items[i], usb_path))
			return true;
	return false;
}

/* Drives, serial adapters without a port and the like are not for us; what flashes or is flashed is. */
static bool is_ours(unsigned things)
{
	return things & (USB_PROBES | USB_BOOTLOADERS | USB_DFU_RUNTIME | USB_RP2_RESET);
}

static void join_usb(struct join *j)
{
	bool narrow = serial_filter_is_narrow(&j->query->filter);

	for (size_t i = 0; i < j->out->usb.count; i++) {
		const struct usb_device *u = &j->out->usb.items[i];
		struct device *d = device_at(j->out, u->path);

		if (!d && !narrow && is_ours(u->things) && !is_hidden(j, u->path))
			d = device_at_or_new(j->out, u->path);
		if (d)
			d->usb = u;
	}
}

static void join_volumes(struct join *j)
{
	bool narrow = serial_filter_is_narrow(&j->query->filter);

	for (size_t i = 0; i < j->out->volumes.count; i++) {
		const struct volume *v = &j->out->volumes.items[i];
		struct device *d = v->usb_path ? device_at(j->out, v->usb_path) : NULL;

		if (!d && (narrow || is_hidden(j, v->usb_path)))
			continue;
		if (!d || d->volume) {
			d = devices_add(j->out);
			d->usb_path = v->usb_path;
		}
		d->volume = v;
		for (size_t k = 0; v->usb_path && !d->usb && k < j->out->usb.count; k++)
			if (same_place(j->out->usb.items[k].path, v->usb_path))
				d->usb = &j->out->usb.items[k];
	}
}

/* A device of whose ports none is wanted is not wanted either. */
static void find_hidden(struct join *j, const struct strv *all)
{
	for (size_t i = 0; i < all->count; i++) {
		bool seen = false;

		for (size_t k = 0; !seen && k < j->out->ports.count; k++)
			seen = same_place(j->out->ports.items[k].usb_path, all->items[i]);
		if (!seen)
			vec_push(&j->hidden, all->items[i]);
	}
}

static bool list_ports(struct join *j, struct err *e)
{
	struct serial_ports *ports = &j->out->ports;
	struct strv all = { 0 };
	bool listed = serial_ports_all(&j->query->filter, &j->out->arena, ports, e);

	for (size_t i = 0; i < ports->count; i++)
		if (ports->items[i].usb_path)
			vec_push(&all, ports->items[i].usb_path);
	serial_ports_prune(&j->query->filter, &j->out->arena, ports);
	find_hidden(j, &all);
	vec_free(&all);
	return listed;
}

bool devices_find(const struct device_query *q, struct devices *out, struct err *e)
{
	const char *words[] = { "*", q->again ? device_port(q->again) : NULL, NULL };
	const struct device_query again = {
		.filter = { .serial = words, .bluetooth = true, .no_environment = true }
	};
	struct join j = { .query = q->again ? &again : q, .out = out };
	AUTO_ERR usb_error = ERR_INIT;
	bool listed;

	*out = (struct devices)DEVICES_INIT;
	/*
	 * What one list lacks, another may have: a board in its bootloader, a port that was named. USB first: of a board that
	 * changes meanwhile, the port that it had is not taken for one of what it is now.
	 */
	if (!usb_devices_list(&out->arena, &out->usb, &usb_error))
		out->note =
			arena_printf(&out->arena, "USB devices are not listed: %s", usb_error.msg);
	listed = list_ports(&j, e);
	if (!listed)
		out->note = arena_printf(&out->arena, "serial ports are not listed: %s", e->msg);
	volumes_list(&out->usb, &out->arena, &out->volumes);
	join_ports(&j);
	join_usb(&j);
	join_volumes(&j);
	vec_free(&j.hidden);
	devices_describe(out);
	devices_sort(out);
	if (!listed && !out->count) {
		devices_free(out);
		return false;
	}
	err_free(e);
	return true;
}
