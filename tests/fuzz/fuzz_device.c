/* SPDX-License-Identifier: MIT
 *
 * USB descriptors of anything that is plugged in. Two devices: each eight bytes of numbers, then texts that end with a NUL. What
 * is made of them can be shown, and each device has an id of its own.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "base/xalloc.h"
#include "board/device_internal.h"
#include "format.h"

enum { INTERFACES = 2, SHOWN = 256 };

struct rest {
	const uint8_t *p, *end;
};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static uint8_t byte(struct rest *r)
{
	return r->p < r->end ? *r->p++ : 0;
}

/* As board/usb.c takes a text; NULL: there is none. */
static const char *text(struct rest *r, struct arena *a)
{
	char shown[SHOWN];
	const uint8_t *nul = memchr(r->p, 0, (size_t)(r->end - r->p));
	size_t len = (size_t)((nul ? nul : r->end) - r->p);

	if (!len) {
		byte(r);
		return NULL;
	}
	utf8_printable(shown, sizeof(shown), r->p, len);
	fuzz_check_text("device", shown);
	for (const unsigned char *s = (const unsigned char *)shown; *s; s += utf8_len(s))
		must(utf8_len(s) != 0);
	r->p += nul ? len + 1 : len;
	return arena_strdup(a, shown);
}

static void read_usb(struct rest *r, struct arena *a, struct usb_device *d, const char *place)
{
	*d = (struct usb_device){ .path = place, .node = "/dev/bus/usb/001/002" };
	d->vid = byte(r) << 8;
	d->vid |= byte(r);
	d->pid = byte(r) << 8;
	d->pid |= byte(r);
	d->interfaces = ARENA_ARRAY(a, struct usb_interface, INTERFACES);
	d->interface_count = byte(r) % (INTERFACES + 1);
	for (size_t i = 0; i < d->interface_count; i++) {
		struct usb_interface *to = &d->interfaces[i];

		to->class = byte(r);
		to->subclass = byte(r);
		to->protocol = byte(r);
		to->name = text(r, a);
	}
	d->serial = text(r, a);
	d->manufacturer = text(r, a);
	d->product = text(r, a);
	d->things = usb_things_of(d);
	d->chip = usb_chip_of(d->vid, d->pid);
}

/* With a serial port, or a drive, when its byte says so. */
static void add_device(struct rest *r, struct devices *list, struct usb_device *usb)
{
	uint8_t parts = byte(r);
	struct device *d = devices_add(list);

	d->usb = usb;
	d->usb_path = usb->path;
	if (parts & 1) {
		struct serial_port *p = ARENA_NEW(&list->arena, struct serial_port);

		*p = (struct serial_port){
			.path = "/dev/ttyACM0", .usb = true, .vid = usb->vid, .pid = usb->pid
		};
		p->serial = usb->serial;
		d->ports = ARENA_ARRAY(&list->arena, const struct serial_port *, 1);
		d->ports[0] = p;
		d->port_count = 1;
	}
	if (parts & 2) {
		struct volume *v = ARENA_NEW(&list->arena, struct volume);

		v->device = "/dev/sdb1";
		v->board_id = text(r, &list->arena);
		d->volume = v;
	}
}

static void check(const struct device *d)
{
	must(d->id && d->methods && device_state_name(d->state) && device_label(d));
	fuzz_check_text("device", d->id);
	fuzz_check_text("device", d->why);
	fuzz_check_text("device", d->hint);
	fuzz_check_text("device", d->kind);
	fuzz_check_text("device", d->chip);
	fuzz_check_text("device", d->port);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const places[] = { "1-1", "1-2.3" };
	AUTO_DEVICES list = DEVICES_INIT;
	struct rest r = { data, data + size };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		vec_push(&list.usb, (struct usb_device){ 0 });
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		read_usb(&r, &list.arena, &list.usb.items[i], places[i]);
		add_device(&r, &list, &list.usb.items[i]);
	}
	devices_describe(&list);
	for (size_t i = 0; i < list.count; i++)
		check(&list.items[i]);
	must(strcasecmp(list.items[0].id, list.items[1].id) != 0);
	must(device_is_same(&list.items[0], &list.items[0]));
	return 0;
}
