/* SPDX-License-Identifier: MIT
 *
 * Serial ports through libserialport; what it does not tell (place, interface, who has it open) from the system.
 */
#include "board/serial_port.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "board/serial_internal.h"
#include "os/fs.h"
#include "os/openers.h"
#include "os/serial_lib.h"
#include "os/serial_names.h"
#include "os/tty.h"
#include "os/usb_place.h"

enum { MAX_SHOWN = 256 };

static const char *shown(struct arena *a, const char *text)
{
	char clean[MAX_SHOWN];

	if (!text || !*text)
		return NULL;
	utf8_printable(clean, sizeof(clean), text, strlen(text));
	return arena_strdup(a, clean);
}

static void find_place(struct arena *a, struct serial_port *p)
{
	struct usb_place place;
	AUTO_STRBUF text = STRBUF_INIT;

	p->interface_number = -1;
	if (!usb_place_of(arena_printf(a, "/sys/class/tty/%s/device", path_base(p->path)), &place))
		return;
	p->usb_path = arena_strdup(a, place.path);
	p->interface_number = place.interface_number;
	p->location = arena_strdup(a, *place.interface ? place.interface : place.path);
	if (*place.interface && usb_text(&text, place.interface, "interface"))
		p->interface = shown(a, text.buf);
}

static bool is_bluetooth(struct sp_port *port, const char *path)
{
	const char *description = serial_lib.sp_get_port_description(port);

	return serial_lib.sp_get_port_transport(port) == SP_TRANSPORT_BLUETOOTH ||
	       strncmp(path_base(path), "rfcomm", 6) == 0 || strstr(path, "Bluetooth") ||
	       (description && strstr(description, "Bluetooth"));
}

/* False for one that is no port of ours: a console of macOS, a port that went away. */
static bool read_port(struct sp_port *port, struct arena *a, struct serial_port *p)
{
	const char *path = serial_lib.sp_get_port_name(port);
	int vid, pid;

	if (!path || !fs_exists(path))
		return false;
	*p = (struct serial_port){ .path = arena_strdup(a, path) };
	p->bluetooth = is_bluetooth(port, path);
	find_place(a, p);
	if (serial_lib.sp_get_port_usb_vid_pid(port, &vid, &pid) == SP_OK) {
		p->usb = true;
		p->vid = (unsigned)vid & 0xffff;
		p->pid = (unsigned)pid & 0xffff;
	}
	if (serial_lib.sp_get_port_transport(port) == SP_TRANSPORT_USB) {
		p->serial = shown(a, serial_lib.sp_get_port_usb_serial(port));
		p->manufacturer = shown(a, serial_lib.sp_get_port_usb_manufacturer(port));
		p->product = shown(a, serial_lib.sp_get_port_usb_product(port));
		/* where places are not known, being on USB is what counts */
		if (!p->location)
			p->location = "usb";
	}
	return true;
}

/* The names in /dev/serial/by-path say where a port is in words that udev keeps stable. */
static void add_locations(struct arena *a, struct serial_ports *ports)
{
	static const char dir[] = "/dev/serial/by-path";
	struct fs_list names = { 0 };
	AUTO_ERR e = ERR_INIT;

	if (!fs_is_dir(dir) || !fs_list(&names, dir, &e))
		return;
	for (size_t i = 0; i < names.count; i++) {
		const char *link = path_join(a, dir, names.names[i]);
		AUTO_FREE char *path = fs_link_target(link);

		for (size_t k = 0; path && k < ports->count; k++)
			if (strcmp(ports->items[k].path, path) == 0)
				ports->items[k].location = shown(a, names.names[i]);
	}
	fs_list_free(&names);
}

static bool is_listed(const struct serial_filter *f, const char *word,
		      const struct serial_ports *ports)
{
	const char *const one[] = { word, NULL };
	const struct serial_filter only = { .serial = one, .ignore = f->ignore };
	bool named = false;

	for (size_t i = 0; !named && i < ports->count; i++)
		serial_filter_takes(&only, ports->items[i].path, true, &named);
	return named;
}

/* What was named exactly is taken even when the system does not list it: the pty of an emulator. */
static void add_named(const struct serial_filter *f, struct arena *a, struct serial_ports *ports)
{
	for (size_t i = 0; f->serial && f->serial[i]; i++) {
		const char *word = f->serial[i];
		struct serial_port p = { .path = word, .interface_number = -1 };

		if (strpbrk(word, "*?[") || is_listed(f, word, ports) || !tty_is_device(word))
			continue;
		p.path = arena_strdup(a, word);
		vec_push(ports, p);
	}
}

static void add_openers(struct arena *a, struct serial_ports *ports)
{
	struct opener *openers = xcalloc(ports->count + 1, sizeof(*openers));

	for (size_t i = 0; i < ports->count; i++)
		openers[i].path = ports->items[i].path;
	openers_find(openers, ports->count);
	for (size_t i = 0; i < ports->count; i++) {
		struct serial_port *p = &ports->items[i];

		p->denied = !openers_may_open(p->path);
		p->holder = openers[i].pid;
		if (p->holder)
			p->held_by = arena_strdup(a, openers[i].program);
	}
	free(openers);
}

static int by_path(const void *a, const void *b)
{
	return serial_path_compare(((const struct serial_port *)a)->path,
				   ((const struct serial_port *)b)->path);
}

static void add_port(struct sp_port *port, struct arena *a, struct serial_ports *out)
{
	struct serial_port p;

	if (read_port(port, a, &p))
		vec_push(out, p);
}

/* One that went away meanwhile is left out. */
static void add_by_name(const char *name, struct arena *a, struct serial_ports *out)
{
	struct sp_port *port;

	if (serial_lib.sp_get_port_by_name(name, &port) != SP_OK)
		return;
	add_port(port, a, out);
	serial_lib.sp_free_port(port);
}

static bool list_system(struct arena *a, struct serial_ports *out, struct err *e)
{
	struct sp_port **all = NULL;
	struct strv names = { 0 };
	bool named;

	if (!serial_lib_load(e))
		return false;
	named = serial_names(a, &names);
	for (size_t i = 0; i < names.count; i++)
		add_by_name(names.items[i], a, out);
	vec_free(&names);
	if (named)
		return true;
	if (serial_lib.sp_list_ports(&all) != SP_OK)
		return err_set(e, "libserialport lists no ports");
	for (size_t i = 0; all[i]; i++)
		add_port(all[i], a, out);
	serial_lib.sp_free_port_list(all);
	return true;
}

bool serial_ports_all(const struct serial_filter *f, struct arena *a, struct serial_ports *out,
		      struct err *e)
{
	bool listed;

	*out = (struct serial_ports){ 0 };
	listed = list_system(a, out, e);
	add_named(f, a, out);
	add_locations(a, out);
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), by_path);
	return listed;
}

void serial_ports_prune(const struct serial_filter *f, struct arena *a, struct serial_ports *ports)
{
	size_t kept = 0;

	for (size_t i = 0; i < ports->count; i++) {
		struct serial_port p = ports->items[i];
		bool located = p.location || (p.bluetooth && f->bluetooth);
		bool taken = serial_filter_takes(f, p.path, located, &p.named);

		if (p.named || (taken && (!p.bluetooth || f->bluetooth)))
			ports->items[kept++] = p;
	}
	ports->count = kept;
	add_openers(a, ports);
}

bool serial_ports_list(const struct serial_filter *f, struct arena *a, struct serial_ports *out,
		       struct err *e)
{
	bool listed = serial_ports_all(f, a, out, e);

	serial_ports_prune(f, a, out);
	return listed;
}

bool serial_port_is_adapter(const struct serial_port *p)
{
	return p->usb &&
	       (p->vid == 0x10c4 || p->vid == 0x1a86 || p->vid == 0x0403 || p->vid == 0x067b);
}

void serial_ports_free(struct serial_ports *p)
{
	free(p->items);
	*p = (struct serial_ports){ 0 };
}
