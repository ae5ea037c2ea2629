/* SPDX-License-Identifier: MIT
 *
 * Methods by name and by order, whoever made them.
 */
#include "graph/methods.h"

#include <string.h>

#include "base/strv.h"
#include "board/device.h"
#include "graph/methods_internal.h"

enum { OWN_PRIORITY = 10 };

/* --- all of them ---------------------------------------------------------------------------------------------- */

static void insert(struct methods *m, const struct flash_method *method)
{
	size_t at = 0;

	while (at < m->all.count && strcmp(m->all.items[at]->name, method->name) < 0)
		at++;
	vec_push(&m->all, method);
	memmove(m->all.items + at + 1, m->all.items + at,
		(m->all.count - 1 - at) * sizeof(*m->all.items));
	m->all.items[at] = method;
}

static bool is_taken(const struct methods *m, const struct rules *r,
		     const struct rules_runner *from, struct err *e)
{
	if (flash_method_by_name(from->name)) {
		rules_err_at(r, from->pos, e, "'%s' is a flash method of mpflash itself",
			     from->name);
		err_hint(e,
			 "give yours another name; `mpflash plugins` lists those that are taken");
		return true;
	}
	for (size_t i = 0; i < m->declared.count; i++) {
		const struct rules_runner *other = m->declared.items[i]->from;

		if (strcmp(other->name, from->name) != 0)
			continue;
		rules_err_at(r, from->pos, e, "runner '%s' is declared twice", from->name);
		err_hint(e, "the other one is at %s:%d", other->pos.file, other->pos.line);
		return true;
	}
	return false;
}

bool methods_read(struct methods *out, const struct rules *r, struct err *e)
{
	for (size_t i = 0; flash_methods[i]; i++)
		vec_push(&out->all, flash_methods[i]);
	for (size_t i = 0; i < rules_runner_count(r); i++) {
		const struct rules_runner *from = rules_runner_at(r, i);
		struct declared_method *d = ARENA_NEW(&out->arena, struct declared_method);

		if (is_taken(out, r, from, e))
			return false;
		d->from = from;
		vec_push(&out->declared, d);
		if (!declared_method_read(d, r, &out->arena, e))
			return false;
		insert(out, &d->method);
	}
	return true;
}

void methods_free(struct methods *m)
{
	for (size_t i = 0; i < m->declared.count; i++)
		vec_free(&m->declared.items[i]->ports);
	vec_free(&m->declared);
	vec_free(&m->all);
	arena_free(&m->arena);
	*m = (struct methods){ 0 };
}

const struct flash_method *methods_at(const struct methods *m, size_t i)
{
	return i < m->all.count ? m->all.items[i] : NULL;
}

const struct flash_method *methods_find(const struct methods *m, const char *name)
{
	for (size_t i = 0; i < m->all.count; i++)
		if (strcmp(m->all.items[i]->name, name) == 0)
			return m->all.items[i];
	return NULL;
}

const struct declared_method *methods_declaration(const struct methods *m,
						  const struct flash_method *method)
{
	for (size_t i = 0; i < m->declared.count; i++)
		if (&m->declared.items[i]->method == method)
			return m->declared.items[i];
	return NULL;
}

/* --- their order ---------------------------------------------------------------------------------------------- */

int methods_priority(const struct methods *m, const struct flash_method *method)
{
	const struct declared_method *d = methods_declaration(m, method);

	if (d)
		return d->priority;
	return method->runner ? -OWN_PRIORITY : OWN_PRIORITY;
}

static int priority_of_name(const struct methods *m, const char *name)
{
	const struct flash_method *method = methods_find(m, name);

	return method ? methods_priority(m, method) : OWN_PRIORITY;
}

void methods_add_declared(const struct methods *m, const char *port, struct strv *names)
{
	for (size_t i = 0; i < m->declared.count; i++) {
		const struct declared_method *d = m->declared.items[i];
		size_t at = 0;

		if (!strv_has(&d->ports, port) || strv_has(names, d->method.name))
			continue;
		while (at < names->count && priority_of_name(m, names->items[at]) >= d->priority)
			at++;
		vec_push(names, d->method.name);
		memmove(names->items + at + 1, names->items + at,
			(names->count - 1 - at) * sizeof(*names->items));
		names->items[at] = d->method.name;
	}
}

/* --- devices -------------------------------------------------------------------------------------------------- */

bool methods_offers(const struct flash_method *m, const struct device *d)
{
	unsigned things = d->usb ? d->usb->things : 0;

	if (d->emulator)
		return false;
	if (m->runner->probes)
		return things & m->runner->probes;
	if (strstr(m->runner->flash, "$volume") || strstr(m->runner->flash, "${volume"))
		return d->volume && d->volume->mount;
	/* a board behind a probe's own serial port is reached there */
	return d->port_count || !(things & USB_PROBES);
}
