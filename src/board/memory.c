/* SPDX-License-Identifier: MIT
 *
 * Recognizing boards by the store's sightings.
 */
#include "board/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "cache/sighting.h"
#include "image/chip.h"
#include "os/clock.h"

static const int64_t fresh_ns = 3600 * INT64_C(1000000000);

/* --- numbers ------------------------------------------------------------------------------------------------- */

static int nibble(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The ROM adds words of the number (AN2606 does not say so; MicroPython's usbd_desc.c does, to be the same device). */
bool stm32_usb_serial(const char *chip_id, char out[static 13])
{
	unsigned char id[12];

	if (strlen(chip_id) != 2 * sizeof(id) || strspn(chip_id, "0123456789abcdefABCDEF") != 24)
		return false;
	for (size_t i = 0; i < sizeof(id); i++)
		id[i] = (unsigned char)(nibble(chip_id[2 * i]) << 4 | nibble(chip_id[2 * i + 1]));
	snprintf(out, 13, "%02X%02X%02X%02X%02X%02X", id[11], (id[10] + id[2]) & 0xff, id[9],
		 (id[8] + id[0]) & 0xff, id[7], id[6]);
	return true;
}

/* "34:85:18:6A:01:02" and "3485186a0102" are the same. */
static bool same_number(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, ":-");
		b += strspn(b, ":-");
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (!*a)
			return true;
	}
}

struct usb_ids {
	unsigned vid, pid;
	const char *serial; /* its own; NULL: none */
};

static struct usb_ids ids_of(const struct device *d)
{
	struct usb_ids ids = { 0 };

	if (d->usb)
		ids = (struct usb_ids){ .vid = d->usb->vid, .pid = d->usb->pid };
	else if (d->port_count && d->ports[0]->usb)
		ids = (struct usb_ids){ .vid = d->ports[0]->vid, .pid = d->ports[0]->pid };
	ids.serial = device_serial(d);
	return ids;
}

static bool fits_number(const struct sighting *s, const char *serial)
{
	char derived[13];

	if (!serial)
		return false;
	return (*s->usb_serial && same_number(s->usb_serial, serial)) ||
	       (*s->chip_id && same_number(s->chip_id, serial)) ||
	       (stm32_usb_serial(s->chip_id, derived) && same_number(derived, serial));
}

static bool is_stm32_rom(const struct usb_ids *ids)
{
	return ids->vid == 0x0483 && ids->pid == 0xdf11 && ids->serial &&
	       strlen(ids->serial) == 12 && strspn(ids->serial, "0123456789abcdefABCDEF") == 12;
}

bool device_contradicts(const struct device *before, const struct device *now)
{
	struct usb_ids ids = ids_of(now);
	char derived[13];

	return before->has_identity && before->identity.chip_id && is_stm32_rom(&ids) &&
	       stm32_usb_serial(before->identity.chip_id, derived) &&
	       !same_number(derived, ids.serial);
}

/* --- who it is ----------------------------------------------------------------------------------------------- */

struct search {
	struct devices *list;
	struct sightings seen;
};

static bool is_bootloader(const struct device *d)
{
	return d->state == DEVICE_BOOTLOADER ||
	       (d->state == DEVICE_DENIED && d->usb && d->usb->things & USB_BOOTLOADERS);
}

/* A probe's number is the probe's: the board behind it can be another one tomorrow. */
static bool can_be_recalled(const struct device *d)
{
	return !d->has_identity && !d->emulator && d->state != DEVICE_PROBE;
}

/* Also when the user asked for `d` alone: USB is listed as a whole. */
static bool is_elsewhere_on_usb(const struct search *f, const struct sighting *s,
				const struct device *d)
{
	for (size_t i = 0; i < f->list->usb.count; i++) {
		const struct usb_device *u = &f->list->usb.items[i];

		if (!(d->usb_path && strcmp(u->path, d->usb_path) == 0) &&
		    usb_serial_is_own(u->vid, u->pid, u->serial) && fits_number(s, u->serial))
			return true;
	}
	return false;
}

/* Whether the board is there, as another device than `d`, and says so itself. */
static bool is_elsewhere(const struct search *f, const struct sighting *s, const struct device *d)
{
	for (size_t i = 0; i < f->list->count; i++) {
		const struct device *other = &f->list->items[i];

		if (other == d)
			continue;
		if (strcasecmp(other->id, s->id) == 0 || fits_number(s, ids_of(other).serial) ||
		    (other->has_identity && other->identity.chip_id && *s->chip_id &&
		     same_number(other->identity.chip_id, s->chip_id)))
			return true;
	}
	return is_elsewhere_on_usb(f, s, d);
}

static bool same_port(const struct device *d, const struct sighting *s)
{
	return !d->port || !*s->port || strcmp(d->port, s->port) == 0;
}

/*
 * STM32's boot ROM makes its number of the chip's: one of another chip is another board, wherever it is plugged in. (Other
 * bootloaders write the chip's number in ways of their own: a difference tells nothing.)
 */
static bool is_another_stm32(const struct sighting *s, const struct usb_ids *ids)
{
	char derived[13];

	return is_stm32_rom(ids) && stm32_usb_serial(s->chip_id, derived) &&
	       !fits_number(s, ids->serial);
}

/* What is known of both chips says that the board was changed. */
static bool is_another_chip(const struct device *d, const struct sighting *s)
{
	const struct chip *now = d->chip ? chip_by_name(d->chip) : NULL;
	const struct chip *then = chip_of_machine(s->description);

	return now && then && !chip_matches(now, then);
}

static const struct sighting *by_number(const struct search *f, const struct device *d)
{
	const char *serial = ids_of(d).serial;

	for (size_t i = 0; i < f->seen.count; i++)
		if (fits_number(&f->seen.items[i], serial))
			return &f->seen.items[i];
	return NULL;
}

static const struct sighting *by_place(const struct search *f, const struct device *d)
{
	struct usb_ids ids = ids_of(d);

	for (size_t i = 0; d->usb_path && i < f->seen.count; i++) {
		const struct sighting *s = &f->seen.items[i];
		bool same_kind =
			is_bootloader(d) ? same_port(d, s) : s->vid == ids.vid && s->pid == ids.pid;

		if (strcmp(s->usb_path, d->usb_path) != 0)
			continue;
		/* Two numbers of one kind that differ: two boards. */
		if (!is_bootloader(d) && ids.serial && *s->usb_serial)
			return NULL;
		return same_kind && !is_another_stm32(s, &ids) && !is_another_chip(d, s) &&
				       !is_elsewhere(f, s, d)
			       ? s
			       : NULL;
	}
	return NULL;
}

/* All that it could be. NULL: nobody knows. */
static const char *candidates(const struct search *f, const struct device *d)
{
	AUTO_STRBUF names = STRBUF_INIT;
	size_t count = 0;

	for (size_t i = 0; d->port && i < f->seen.count; i++) {
		const struct sighting *s = &f->seen.items[i];

		if (strcmp(d->port, s->port) != 0 || is_another_chip(d, s) || is_elsewhere(f, s, d))
			continue;
		strbuf_addf(&names, "%s%s (%s)", count++ ? ", " : "",
			    *s->board_id ? s->board_id : s->description, s->id);
	}
	return count ? arena_strdup(&f->list->arena, names.buf) : NULL;
}

static void recall(struct search *f, struct device *d)
{
	struct arena *a = &f->list->arena;

	d->known = by_number(f, d);
	d->known_by_number = d->known != NULL;
	if (!d->known)
		d->known = by_place(f, d);
	if (!d->known && is_bootloader(d) && !ids_of(d).serial)
		d->one_of = candidates(f, d);
	if (!d->known)
		return;
	if (!d->port && *d->known->port)
		d->port = d->known->port;
	if (!d->board_id && *d->known->board_id)
		d->board_id = d->known->board_id;
	if (is_bootloader(d) && !is_elsewhere(f, d->known, d))
		d->id = arena_strdup(a, d->known->id);
	device_set_methods(f->list, d);
}

bool devices_recall(struct devices *list, struct store *s, struct err *e)
{
	struct search f = { .list = list };

	if (!store_list_sightings(s, &list->arena, &f.seen, e))
		return false;
	for (size_t i = 0; f.seen.count && i < list->count; i++)
		if (can_be_recalled(&list->items[i]))
			recall(&f, &list->items[i]);
	return true;
}

/* --- remembering --------------------------------------------------------------------------------------------- */

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* "": it has none, or one that is none: all zeros, or what another one that is attached has too. */
static const char *own_chip_id(const struct devices *list, const struct device *d)
{
	const char *id = or_empty(d->identity.chip_id);

	if (strspn(id, (char[]){ *id, '\0' }) == strlen(id))
		return "";
	for (size_t i = 0; i < list->count; i++) {
		const struct device *other = &list->items[i];

		if (other != d && other->has_identity &&
		    strcmp(or_empty(other->identity.chip_id), id) == 0)
			return "";
	}
	return id;
}

static struct sighting sighting_of(const struct devices *list, const struct device *d)
{
	struct usb_ids ids = ids_of(d);

	return (struct sighting){
		.id = d->id,
		.usb_path = or_empty(d->usb_path),
		.usb_serial = or_empty(ids.serial),
		.vid = ids.vid,
		.pid = ids.pid,
		.chip_id = own_chip_id(list, d),
		.board_id = or_empty(d->identity.board_id),
		.port = or_empty(d->identity.port),
		.description = or_empty(d->identity.machine),
		.seen_ns = clock_now_ns(),
	};
}

/* A place of its own, or a number: without either it would be taken for whatever comes next. */
static bool can_be_remembered(const struct device *d)
{
	return d->has_identity && !d->emulator && (d->usb_path || ids_of(d).serial);
}

static bool is_known(const struct sightings *seen, const struct sighting *now)
{
	for (size_t i = 0; i < seen->count; i++) {
		const struct sighting *s = &seen->items[i];

		if (strcmp(s->id, now->id) == 0)
			return strcmp(s->usb_path, now->usb_path) == 0 &&
			       strcmp(s->usb_serial, now->usb_serial) == 0 && s->vid == now->vid &&
			       s->pid == now->pid && strcmp(s->chip_id, now->chip_id) == 0 &&
			       strcmp(s->board_id, now->board_id) == 0 &&
			       strcmp(s->port, now->port) == 0 &&
			       strcmp(s->description, now->description) == 0 &&
			       now->seen_ns - s->seen_ns < fresh_ns;
	}
	return false;
}

bool devices_remember(const struct devices *list, struct store *s, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct sightings seen;

	if (!store_list_sightings(s, &a, &seen, e))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		struct sighting now;

		if (!can_be_remembered(&list->items[i]))
			continue;
		now = sighting_of(list, &list->items[i]);
		if (!is_known(&seen, &now) && !store_put_sighting(s, &now, e))
			return false;
	}
	return true;
}
