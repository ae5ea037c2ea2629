/* SPDX-License-Identifier: MIT
 *
 * `mpflash list-probes`: the debug probes that are plugged in, from what USB says of them: none is opened, so that one that another
 * program uses, or that is not ours to open, is listed too. With --detect-targets pyOCD opens those that it knows.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/log.h"
#include "base/vec.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "board/usb.h"
#include "flash/pyocd.h"

static const char *or_dash(const char *s)
{
	return s && *s ? s : "-";
}

/* What --probe takes: the probe's own number, else its place. */
static const char *id_of(const struct usb_device *d)
{
	return usb_serial_is_own(d->vid, d->pid, d->serial) ? d->serial : d->path;
}

/* What was learnt of the chip behind each probe, in the order of the devices. */
struct behind {
	const char *target; /* its name for pyOCD; NULL: not known */
	const char *status; /* a word for people and for scripts */
};

static void print_behind(const struct behind *b)
{
	printf("    Target: %s  Status: %s\n", or_dash(b->target), b->status);
}

/* `behind`: NULL: nobody was asked. */
static void print_text(const struct usb_devices *all, const struct behind *behind)
{
	size_t id = strlen("Probe"), kind = strlen("Kind");

	for (size_t i = 0; i < all->count; i++) {
		const struct usb_device *d = &all->items[i];

		id = strlen(id_of(d)) > id ? strlen(id_of(d)) : id;
		kind = strlen(usb_things_name(d->things)) > kind
			       ? strlen(usb_things_name(d->things))
			       : kind;
	}
	printf("%-*s  %-*s  vid:pid    Location  Product\n", (int)id, "Probe", (int)kind, "Kind");
	for (size_t i = 0; i < all->count; i++) {
		const struct usb_device *d = &all->items[i];

		printf("%-*s  %-*s  %04x:%04x  %-8s  %s%s%s%s\n", (int)id, id_of(d), (int)kind,
		       usb_things_name(d->things), d->vid, d->pid, d->path,
		       d->manufacturer ? d->manufacturer : "", d->manufacturer ? " " : "",
		       or_dash(d->product), d->denied ? "  (no permission to open it)" : "");
		if (behind)
			print_behind(&behind[i]);
	}
}

static void print_json(const struct usb_devices *all, const struct behind *behind)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_array(&j, NULL);
	for (size_t i = 0; i < all->count; i++) {
		const struct usb_device *d = &all->items[i];

		json_object(&j, NULL);
		json_string(&j, "probe", id_of(d));
		json_string(&j, "kind", usb_things_name(d->things));
		json_string(&j, "vendor", d->manufacturer);
		json_string(&j, "product", d->product);
		json_string(&j, "serial", d->serial);
		json_int(&j, "vid", d->vid);
		json_int(&j, "pid", d->pid);
		json_string(&j, "location", d->path);
		json_bool(&j, "accessible", !d->denied);
		if (behind) {
			json_string(&j, "target", behind[i].target);
			json_string(&j, "status", behind[i].status);
		}
		json_object_end(&j);
	}
	json_array_end(&j);
	puts(out.buf);
}

static void keep_probes(struct usb_devices *all)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].things & USB_PROBES)
			all->items[kept++] = all->items[i];
	all->count = kept;
}

/* --- the chips behind them ------------------------------------------------------------------------------------ */

static const struct pyocd_probe *find_probe(const struct pyocd_probes *known, const char *serial)
{
	for (size_t i = 0; serial && i < known->count; i++)
		if (strcasecmp(known->items[i].id, serial) == 0)
			return &known->items[i];
	return NULL;
}

static bool ask_chip(struct arena *a, const struct pyocd_probe *p, struct behind *b, struct err *e)
{
	enum pyocd_chip chip;
	const char *why;

	if (!pyocd_ask_chip(a, p, &chip, &why, e))
		return false;
	b->target = p->target;
	switch (chip) {
	case PYOCD_CHIP_ANSWERS:
		b->status = "Target Detected";
		break;
	case PYOCD_CHIP_NONE:
		b->status = "No Target";
		break;
	case PYOCD_CHIP_LOCKED:
		b->status = "Locked";
		break;
	case PYOCD_CHIP_UNKNOWN:
		b->status = arena_printf(a, "Error: %s", why);
		break;
	}
	return true;
}

/* One for each device; a probe that pyOCD does not see is left alone. NULL with an error when there is no pyOCD. */
static struct behind *detect_targets(struct arena *a, const struct usb_devices *all, struct err *e)
{
	struct behind *behind = arena_alloc(a, (all->count + 1) * sizeof(*behind));
	struct pyocd_probes known = { 0 };
	bool ok = pyocd_list_probes(a, &known, e);

	for (size_t i = 0; ok && i < all->count; i++) {
		const struct pyocd_probe *p = find_probe(&known, all->items[i].serial);

		behind[i] = (struct behind){ .status = "Not Checked" };
		ok = !p || ask_chip(a, p, &behind[i], e);
	}
	vec_free(&known);
	return ok ? behind : NULL;
}

/* --- the command ---------------------------------------------------------------------------------------------- */

static bool show(struct arena *a, const struct usb_devices *all, bool as_json, bool detect,
		 struct err *e)
{
	const struct behind *behind = detect && all->count ? detect_targets(a, all, e) : NULL;

	if (e->msg)
		return false;
	if (as_json)
		print_json(all, behind);
	else if (all->count)
		print_text(all, behind);
	fflush(stdout);
	return all->count || as_json || err_set(e, "no debug probes found");
}

static bool list(bool as_json, bool detect, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct usb_devices all;
	bool denied = false, ok;

	if (!usb_devices_list(&a, &all, e))
		return false;
	keep_probes(&all);
	ok = show(&a, &all, as_json, detect, e);
	for (size_t i = 0; i < all.count; i++)
		denied = denied || all.items[i].denied;
	if (ok && denied && !as_json)
		log_note("hint: `mpflash doctor --install-udev` gives your user the rights");
	usb_devices_free(&all);
	return ok;
}

static bool list_probes_run(int argc, char **argv, struct err *e)
{
	bool as_json = false, detect = false;
	const struct option table[] = {
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array", &as_json },
		{ "detect-targets", 0, NULL, OPT_FLAG, NULL,
		  "ask, with pyOCD, what chip is behind each", &detect },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help) {
		options_print_help(&list_probes_command, NULL, table);
	} else if (ok && p.words.count) {
		ok = err_usage(e, "list-probes takes no words, and got '%s'", p.words.items[0]);
	} else if (ok) {
		ok = list(as_json, detect, e);
	}
	parsed_free(&p);
	return ok;
}

const struct command list_probes_command = {
	.name = "list-probes",
	.usage = "list-probes [options]",
	.summary = "list the debug probes that are there",
	.examples = "mpflash list-probes\n"
		    "mpflash list-probes --detect-targets  # which chip answers behind each\n",
	.run = list_probes_run,
};
