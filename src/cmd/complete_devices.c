/* SPDX-License-Identifier: MIT
 *
 * What is attached, for --serial, --device, --probe and --volume: nothing is opened and nothing is asked, so a board goes on with what
 * it does while the user looks for its name.
 */
#include <string.h>

#include "cmd/complete.h"
#include "graph/attached.h"

enum { ABOUT_MAX = 60 };

/* A name from outside (a USB serial number) that a shell would take for more than a word is not offered. */
static bool is_plain(const char *s)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *first = s;

	while (*s &&
	       (strchr(letters, *s) || strchr("_/.", *s) || (s > first && strchr("-:,+@%", *s))))
		s++;
	return s > first && !*s;
}

static void add(struct completion *c, const char *before, const char *name, const char *about)
{
	AUTO_STRBUF shown = STRBUF_INIT;

	if (!name || !is_plain(name))
		return;
	if (about)
		strbuf_add_shown(&shown, about, ABOUT_MAX);
	complete_add(c, before, name, "", shown.buf);
}

/* The board that it is, else what kind of device, else what USB calls it. */
static const char *about(const struct device *d)
{
	if (d->board_id)
		return d->board_id;
	if (d->kind)
		return d->kind;
	if (d->usb && d->usb->product)
		return d->usb->product;
	return d->port_count ? d->ports[0]->product : NULL;
}

/* As list-probes shows them: the probe's own number, else its place. */
static const char *probe_id(const struct usb_device *u)
{
	return usb_serial_is_own(u->vid, u->pid, u->serial) ? u->serial : u->path;
}

static void add_device(struct completion *c, unsigned what, const char *before,
		       const struct device *d)
{
	if (what & COMPLETE_PORTS)
		for (size_t i = 0; i < d->port_count; i++)
			add(c, before, d->ports[i]->path, about(d));
	if (what & COMPLETE_IDS)
		add(c, before, d->id, about(d));
	if (what & COMPLETE_PROBES && d->usb && d->usb->things & USB_PROBES)
		add(c, before, probe_id(d->usb), usb_things_name(d->usb->things));
	if (what & COMPLETE_VOLUMES && d->volume)
		add(c, before, d->volume->mount, d->volume->model);
}

void complete_devices(struct completion *c, unsigned what, const char *before)
{
	const struct attached_options all = { 0 };
	AUTO_DEVICES list = DEVICES_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (attached_find(&all, &list, &ignored))
		for (size_t i = 0; i < list.count; i++)
			add_device(c, what, before, &list.items[i]);
}
