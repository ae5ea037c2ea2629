/* SPDX-License-Identifier: MIT
 *
 * Emulated boards through the table of methods.
 */
#include "flash/emulated.h"

#include <string.h>

#include "flash/method.h"

/* QEMU looks once a second whether somebody has opened the line. */
enum { ASK_MS = 2000 };

struct search {
	const struct flash_method *method;
	const struct device_query *query;
	struct devices *out;
};

static const char *keep(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

static void add_port(struct devices *out, struct device *d)
{
	struct serial_port *port = ARENA_NEW(&out->arena, struct serial_port);

	port->path = d->address;
	port->interface_number = -1;
	d->ports = ARENA_NEW(&out->arena, const struct serial_port *);
	d->ports[0] = port;
	d->port_count = 1;
}

static void on_found(void *ctx, const struct flash_device *found)
{
	struct search *search = ctx;
	struct arena *a = &search->out->arena;
	const char **methods;
	struct device *d;

	if (found->address
		    ? !serial_filter_takes(&search->query->filter, found->address, true, NULL)
		    : serial_filter_is_narrow(&search->query->filter))
		return;
	d = devices_add(search->out);
	d->id = keep(a, found->device);
	d->emulator = search->method->name;
	d->address = keep(a, found->address);
	d->port = keep(a, found->port);
	d->board_id = keep(a, found->board_id);
	d->run_dir = keep(a, found->run_dir);
	d->pid = found->pid;
	methods = ARENA_ARRAY(a, const char *, 2);
	methods[0] = d->emulator;
	d->methods = methods;
	if (d->address)
		add_port(search->out, d);
}

bool emulated_find(const struct device_query *q, const char *devices_dir, struct devices *out,
		   struct err *e)
{
	for (size_t i = 0; flash_methods[i]; i++) {
		struct search search = { flash_methods[i], q, out };

		if (flash_methods[i]->list &&
		    !flash_methods[i]->list(devices_dir, on_found, &search, e))
			return false;
	}
	devices_sort(out);
	return true;
}

void emulated_ask(struct devices *list, struct device *d)
{
	const struct flash_method *m = d->emulator ? flash_method_by_name(d->emulator) : NULL;
	struct flash_target target = {
		.port = d->port ? d->port : "",
		.board_id = d->board_id ? d->board_id : "",
		.run_dir = d->run_dir,
		.timeout_ms = ASK_MS,
	};
	AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;
	AUTO_ERR e = ERR_INIT;
	bool present;

	if (!m || !m->identify || !d->run_dir)
		return;
	if (!m->identify(&target, &present, &r, &e)) {
		d->state = DEVICE_SILENT;
		d->why = arena_strdup(&list->arena, e.msg);
	} else if (!present) {
		d->state = DEVICE_GONE;
	} else if (r.has_identity) {
		identity_free(&d->identity);
		d->identity = r.identity;
		r.identity = (struct identity)IDENTITY_INIT;
		d->has_identity = true;
		d->interrupted = r.interrupted;
		d->state = DEVICE_RUNNING;
	}
}
