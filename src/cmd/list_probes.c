/* SPDX-License-Identifier: MIT
 *
 * `mpflash list-probes`: the debug probes that are plugged in, from what USB says of them: none is opened, so that one that another
 * program uses, or that is not ours to open, is listed too.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "board/usb.h"

static const char *or_dash(const char *s)
{
	return s && *s ? s : "-";
}

/* What --probe takes: the probe's own number, else its place. */
static const char *id_of(const struct usb_device *d)
{
	return usb_serial_is_own(d->vid, d->pid, d->serial) ? d->serial : d->path;
}

static void print_text(const struct usb_devices *all)
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
	}
}

static void print_json(const struct usb_devices *all)
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

static bool list(bool as_json, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct usb_devices all;
	bool denied = false;

	if (!usb_devices_list(&a, &all, e))
		return false;
	keep_probes(&all);
	if (as_json)
		print_json(&all);
	else if (all.count)
		print_text(&all);
	for (size_t i = 0; i < all.count; i++)
		denied = denied || all.items[i].denied;
	fflush(stdout);
	if (denied && !as_json)
		log_note("hint: `mpflash doctor --install-udev` gives your user the rights");
	if (!all.count && !as_json)
		err_set(e, "no debug probes found");
	usb_devices_free(&all);
	return !e->msg;
}

static bool list_probes_run(int argc, char **argv, struct err *e)
{
	bool as_json = false, detect = false;
	const struct option table[] = {
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array", &as_json },
		{ "detect-targets", 0, NULL, OPT_FLAG, NULL,
		  "ask each probe what chip is behind it (not yet: an error)", &detect },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help) {
		options_print_help(&list_probes_command, NULL, table);
	} else if (ok && p.words.count) {
		ok = err_usage(e, "list-probes takes no words, and got '%s'", p.words.items[0]);
	} else if (ok && detect) {
		ok = err_usage(e, "the chip behind a probe cannot be asked for yet");
		err_hint(e, "`pyocd list` and `probe-rs info` do");
	} else if (ok) {
		ok = list(as_json, e);
	}
	parsed_free(&p);
	return ok;
}

const struct command list_probes_command = {
	.name = "list-probes",
	.usage = "list-probes [options]",
	.summary = "list the debug probes that are there",
	.run = list_probes_run,
};
