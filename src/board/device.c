/* SPDX-License-Identifier: MIT
 *
 * Lists of device records: what is common to all that fill and read them.
 */
#include "board/device.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/vec.h"

const char *device_state_name(enum device_state s)
{
	static const char *const names[] = {
		[DEVICE_NOT_ASKED] = "not asked",
		[DEVICE_RUNNING] = "running",
		[DEVICE_OTHER] = "other firmware",
		[DEVICE_SILENT] = "silent",
		[DEVICE_BUSY] = "busy",
		[DEVICE_GARBAGE] = "garbage",
		[DEVICE_HELD] = "held",
		[DEVICE_DENIED] = "denied",
		[DEVICE_GONE] = "gone",
		[DEVICE_RESETTING] = "resetting",
		[DEVICE_BOOTLOADER] = "bootloader",
		[DEVICE_PROBE] = "probe",
	};

	return names[s];
}

struct device *devices_add(struct devices *d)
{
	static const char *const none[] = { NULL };
	struct device fresh = { .methods = none };

	vec_push(d, fresh);
	return &d->items[d->count - 1];
}

const char *device_port(const struct device *d)
{
	return d->port_count ? d->ports[0]->path : NULL;
}

const char *device_label(const struct device *d)
{
	const char *port = device_port(d);

	return port ? port : d->id;
}

/* Those with a port first, then by id. */
static int compare(const void *a, const void *b)
{
	const struct device *x = a, *y = b;
	const char *px = device_port(x), *py = device_port(y);
	int order = px && py ? serial_path_compare(px, py) : !px - !py;

	return order ? order : strcmp(x->id, y->id);
}

void devices_sort(struct devices *d)
{
	if (d->count)
		qsort(d->items, d->count, sizeof(*d->items), compare);
}

void devices_free(struct devices *d)
{
	for (size_t i = 0; i < d->count; i++)
		identity_free(&d->items[i].identity);
	vec_free(d);
	serial_ports_free(&d->ports);
	usb_devices_free(&d->usb);
	volumes_free(&d->volumes);
	arena_free(&d->arena);
	*d = (struct devices)DEVICES_INIT;
}

static bool begins(const char *text, const char *with)
{
	return text && strncasecmp(text, with, strlen(with)) == 0;
}

static bool is_exactly(const struct device *d, const char *word)
{
	const char *port = device_port(d);

	return strcasecmp(d->id, word) == 0 || (d->usb_path && strcmp(d->usb_path, word) == 0) ||
	       (port && (strcmp(port, word) == 0 || strcmp(path_base(port), word) == 0)) ||
	       (d->volume && d->volume->mount && strcmp(d->volume->mount, word) == 0);
}

static bool fits(const struct device *d, const char *word)
{
	const char *port = device_port(d);

	if (!*word)
		return false;
	if (begins(d->id, word) || (port && strncmp(port, word, strlen(word)) == 0))
		return true;
	/* without the "usb-" in front: a serial number, a place */
	return begins(d->id, "usb-") && begins(d->id + strlen("usb-"), word);
}

static void list_ids(const struct devices *d, const char *word, struct strbuf *out)
{
	for (size_t i = 0; i < d->count; i++)
		if (!word || fits(&d->items[i], word))
			strbuf_addf(out, "%s%s", out->len ? ", " : "", d->items[i].id);
}

struct device *devices_select(struct devices *d, const char *id, struct err *e)
{
	AUTO_STRBUF ids = STRBUF_INIT;
	struct device *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < d->count; i++) {
		if (is_exactly(&d->items[i], id))
			return &d->items[i];
		if (fits(&d->items[i], id)) {
			found = &d->items[i];
			count++;
		}
	}
	if (count == 1)
		return found;
	list_ids(d, count ? id : NULL, &ids);
	if (count) {
		err_set(e, "'%s' is the beginning of more than one device: %s", id, ids.buf);
		err_hint(e, "say more of it");
	} else {
		err_set(e, "no device '%s'", id);
		err_hint(e, ids.len ? "these are there: %s" : "no device is there%s", ids.buf);
	}
	return NULL;
}

unsigned device_usb_id(const struct device *d)
{
	const struct serial_port *p = d->port_count ? d->ports[0] : NULL;

	if (d->usb)
		return d->usb->vid << 16 | d->usb->pid;
	return p ? p->vid << 16 | p->pid : 0;
}

bool device_is_same(const struct device *before, const struct device *now)
{
	const char *then = device_serial(before), *today = device_serial(now);

	if (strcasecmp(before->id, now->id) == 0)
		return true;
	if (then && today) {
		if (strcasecmp(then, today) == 0)
			return true;
		/* another one of the same kind was plugged in at that place */
		if (device_usb_id(before) == device_usb_id(now))
			return false;
	}
	return before->usb_path && now->usb_path && strcmp(before->usb_path, now->usb_path) == 0;
}
