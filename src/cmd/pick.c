/* SPDX-License-Identifier: MIT
 *
 * Picking devices, and working with many at once.
 */
#include "cmd/pick.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/choose.h"
#include "os/children.h"

bool pick_has_port(const struct device *d)
{
	return device_port(d) != NULL;
}

bool pick_is_free(const struct device *d, struct err *e)
{
	if (d->state == DEVICE_HELD)
		err_set(e, "%s is %s", device_label(d), d->why);
	else if (d->state == DEVICE_DENIED)
		err_set(e, "%s", d->why);
	else
		return true;
	return d->hint ? err_hint(e, "%s", d->hint) : false;
}

void pick_keep(struct devices *list, const size_t *chosen, size_t number)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (kept < number && chosen[kept] == i)
			list->items[kept++] = list->items[i];
		else
			identity_free(&list->items[i].identity);
	}
	list->count = kept;
}

static void keep_fitting(struct devices *list, pick_fits_fn *fits)
{
	size_t *chosen = xcalloc(list->count + 1, sizeof(*chosen)), n = 0;

	for (size_t i = 0; i < list->count; i++)
		if (!fits || fits(&list->items[i]))
			chosen[n++] = i;
	pick_keep(list, chosen, n);
	free(chosen);
}

/* --- asking -------------------------------------------------------------------------------------------------- */

static const char *about(struct arena *a, const struct device *d)
{
	const struct serial_port *p = d->port_count ? d->ports[0] : NULL;
	const char *name = d->identity.machine ? d->identity.machine
			   : d->kind           ? d->kind
			   : d->board_id       ? d->board_id
			   : p && p->product   ? p->product
					       : NULL;

	if (!name || strcmp(device_label(d), d->id) == 0)
		return name;
	return arena_printf(a, "%s  %s", name, d->id);
}

static bool ask(struct devices *list, bool several, struct err *e)
{
	struct choose_question q = {
		.prompt = several ? "which boards?" : "which board?",
		.instead = "--serial PORT, or --device ID",
		.several = several,
	};
	struct choice *items = ARENA_ARRAY(&list->arena, struct choice, list->count + 1);
	size_t *chosen = ARENA_ARRAY(&list->arena, size_t, list->count + 1), number;

	for (size_t i = 0; i < list->count; i++)
		items[i] = (struct choice){ device_label(&list->items[i]),
					    about(&list->arena, &list->items[i]) };
	if (!choose(&q, items, list->count, chosen, &number, e))
		return false;
	pick_keep(list, chosen, number);
	return true;
}

/* Takes "?" out of the list of --serial. */
static bool take_question(struct strv *serial)
{
	bool found = false;
	size_t kept = 0;

	for (size_t i = 0; i < serial->count; i++) {
		if (strcmp(serial->items[i], "?") == 0)
			found = true;
		else
			serial->items[kept++] = serial->items[i];
	}
	serial->count = kept;
	return found;
}

/* A word is a port when it is a path or a glob, else an id. */
static void take_word(struct attached_options *o, const char *word)
{
	if (!word)
		return;
	if (*word == '/' || strpbrk(word, "*?["))
		vec_push(&o->serial, word);
	else
		o->device = word;
}

static bool find(struct pick_options *o, const char *word, pick_fits_fn *fits, bool *asked,
		 struct devices *list, struct err *e)
{
	take_word(&o->attached, word);
	*asked = take_question(&o->attached.serial);
	if (!attached_find(&o->attached, list, e))
		return false;
	keep_fitting(list, fits);
	if (list->count)
		return true;
	if (o->attached.serial.count)
		err_set(e, "No serial ports matched: %s", o->attached.serial.items[0]);
	else
		err_set(e, "no boards found");
	return err_hint(e, "`mpflash list` shows what is there");
}

bool pick_devices(struct pick_options *o, const char *word, pick_fits_fn *fits,
		  struct devices *list, struct err *e)
{
	bool asked;

	return find(o, word, fits, &asked, list, e) && (!asked || ask(list, true, e));
}

bool pick_one(struct pick_options *o, const char *word, pick_fits_fn *fits, struct devices *list,
	      struct err *e)
{
	bool asked;

	return find(o, word, fits, &asked, list, e) &&
	       ((list->count == 1 && !asked) || ask(list, false, e));
}

/* --- many at once -------------------------------------------------------------------------------------------- */

struct each {
	pick_each_fn *fn;
	void *ctx;
	struct device *device;
};

/* "+" and what was done, or "-", the error, a NUL and the hint. */
static void run_one(void *ctx, int fd)
{
	struct each *each = ctx;
	AUTO_STRBUF said = STRBUF_INIT, answer = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	if (each->fn(each->ctx, each->device, &said, &e)) {
		strbuf_addf(&answer, "+%s", said.buf);
	} else {
		strbuf_addf(&answer, "-%s", e.msg ? e.msg : "failed");
		strbuf_addch(&answer, '\0');
		strbuf_adds(&answer, e.hint ? e.hint : "");
	}
	children_say(fd, answer.buf, answer.len);
}

static bool report(const struct device *d, const struct children_job *job)
{
	const char *label = device_label(d), *said = job->said.buf, *hint;

	if (*said == '+') {
		printf("%s: %s\n", label, said + 1);
		return true;
	}
	if (*said != '-') {
		fprintf(stderr, "%s: %s\n", label,
			job->late ? "took too long" : "ended without an answer");
		return false;
	}
	fprintf(stderr, "%s: %s\n", label, said + 1);
	hint = said + strlen(said) + 1;
	if (hint < said + job->said.len && *hint)
		fprintf(stderr, "hint: %s: %s\n", label, hint);
	return false;
}

bool pick_each(struct devices *list, pick_each_fn *fn, void *ctx, int ms, const char *done,
	       struct err *e)
{
	struct children_job *jobs = xcalloc(list->count + 1, sizeof(*jobs));
	struct each *each = xcalloc(list->count + 1, sizeof(*each));
	size_t failed = 0;
	bool ok;

	for (size_t i = 0; i < list->count; i++) {
		each[i] = (struct each){ fn, ctx, &list->items[i] };
		jobs[i] = (struct children_job){ .fn = run_one,
						 .ctx = &each[i],
						 .first_ms = ms,
						 .more_ms = ms,
						 .said = STRBUF_INIT };
	}
	ok = children_run(jobs, list->count, e);
	for (size_t i = 0; i < list->count; i++) {
		failed += !report(&list->items[i], &jobs[i]);
		strbuf_free(&jobs[i].said);
	}
	fflush(stdout);
	if (ok && failed == 1 && list->count == 1)
		ok = err_set(e, "%s was not %s", device_label(&list->items[0]), done);
	else if (ok && failed)
		ok = err_set(e, "%zu of %zu boards were not %s", failed, list->count, done);
	free(jobs);
	free(each);
	return ok;
}
