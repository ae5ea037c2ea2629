/* SPDX-License-Identifier: MIT
 *
 * One way after the other until the board is in its bootloader, and the story of what happened when it is not.
 */
#include "board/bootloader.h"

#include <stdarg.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "board/bootloader_internal.h"
#include "board/memory.h"
#include "os/clock.h"

enum { SETTLE_MS = 300 };

struct entry {
	const struct device *device;
	const struct bootloader_options *o;
	const struct bootloader_method *method; /* that is tried */
	struct devices before;                  /* all that was there */
	struct bootloader_entered *out;
	struct strbuf story; /* "touch1200: it came back as it was; ..." */
};

bool bootloader_is_in(const struct device *d)
{
	return d->state == DEVICE_BOOTLOADER || (d->usb && d->usb->things & USB_BOOTLOADERS) ||
	       (d->volume && !(d->usb && d->usb->things & USB_PROBES));
}

static void tell_user(const struct entry *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void tell_user(const struct entry *t, const char *fmt, ...)
{
	AUTO_STRBUF text = STRBUF_INIT;
	va_list ap;

	if (!t->o->note)
		return;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	t->o->note(t->o->ctx, text.buf);
}

static void add_story(struct entry *t, const char *name, const char *what)
{
	strbuf_addf(&t->story, "%s%s: %s", t->story.len ? "; " : "", name, what);
	tell_user(t, "%s: %s: %s", device_label(t->device), name, what);
}

/* --- the wait ------------------------------------------------------------------------------------------------ */

static bool was_there(const struct devices *before, const struct device *now)
{
	for (size_t i = 0; i < before->count; i++)
		if (strcmp(before->items[i].id, now->id) == 0 &&
		    bootloader_is_in(&before->items[i]))
			return true;
	return false;
}

static bool is_as_asked(const struct entry *t, const struct device *now)
{
	return !t->method->comes_as || (now->usb && now->usb->things & t->method->comes_as);
}

/* The device itself; of one whose port is an adapter's, what came since on a USB connector of its own. */
static bool is_wanted(void *ctx, const struct device *now)
{
	const struct entry *t = ctx;

	if (!bootloader_is_in(now) || !is_as_asked(t, now) || device_contradicts(t->device, now))
		return false;
	return device_is_same(t->device, now) ||
	       (bootloader_behind_adapter(t->device) && !was_there(&t->before, now));
}

static const char *what_it_is(const struct device *d)
{
	return d->kind ? d->kind : device_state_name(d->state);
}

/* What is there instead, by the last look. */
static void say_what_came(struct entry *t, const char *name, int waited_ms)
{
	AUTO_STRBUF what = STRBUF_INIT;
	const struct devices *now = &t->out->list;
	bool same = false;

	for (size_t i = 0; i < now->count; i++) {
		const struct device *d = &now->items[i];

		if (device_is_same(t->device, d)) {
			same = true;
			if (bootloader_is_in(d)) {
				strbuf_addf(&what, "%sit came back as something else (%s, %s)",
					    what.len ? ", " : "", d->id, what_it_is(d));
				continue;
			}
			strbuf_addf(&what, "%sit is still no bootloader (%s %s)",
				    what.len ? ", " : "", device_label(d), what_it_is(d));
		} else if (bootloader_is_in(d) && !was_there(&t->before, d)) {
			strbuf_addf(&what, "%s%s came, %s, which is not known to be this board",
				    what.len ? ", " : "", d->id, what_it_is(d));
		}
	}
	if (!same)
		strbuf_addf(&what, "%sit left and did not come back within %d.%d s",
			    what.len ? ", " : "", waited_ms / 1000, waited_ms % 1000 / 100);
	add_story(t, name, what.buf);
}

/*
 * Of a board behind an adapter or a probe, what came is known by having come. Two that came are never guessed between. (One without a
 * place may be a drive of the other.)
 */
static bool is_the_one(const struct entry *t, struct err *e)
{
	const struct devices *now = &t->out->list;
	AUTO_STRBUF names = STRBUF_INIT;
	size_t count = 0;

	if (device_is_same(t->device, t->out->device))
		return true;
	for (size_t i = 0; i < now->count; i++) {
		const struct device *d = &now->items[i];

		if (d->usb_path && bootloader_is_in(d) && !was_there(&t->before, d))
			strbuf_addf(&names, "%s%s", count++ ? ", " : "", d->id);
	}
	if (count < 2)
		return true;
	err_set(e, "more than one bootloader came, and none says that it is %s: %s",
		device_label(t->device), names.buf);
	return err_hint(e, "name the one that is meant: --device ID");
}

/* Another one may be a moment behind. */
static bool look_once_more(struct entry *t, struct err *e)
{
	const struct device_query all = { .again = t->device };

	clock_sleep_ms(SETTLE_MS);
	return device_wait(&all, is_wanted, t, 0, &t->out->list, &t->out->device, e);
}

/* A drive alone may be the part of a bootloader that is listed first. */
static bool is_whole(const struct entry *t)
{
	const struct device *d = t->out->device;

	return device_is_same(t->device, d) &&
	       (!d->volume || (d->usb ? d->usb->things & USB_BOOTLOADERS : !d->usb_path));
}

static bool wait_for_it(struct entry *t, const struct bootloader_method *m, struct err *e)
{
	const struct device_query all = { .again = t->device };
	int wait = t->o->wait_ms ? t->o->wait_ms : m->wait_ms;
	AUTO_ERR why = ERR_INIT;

	t->method = m;
	if (device_wait(&all, is_wanted, t, wait, &t->out->list, &t->out->device, &why) &&
	    (is_whole(t) || look_once_more(t, &why)))
		return is_the_one(t, e);
	if (why.kind == ERR_INTERRUPTED) {
		err_move(e, &why);
		return false;
	}
	say_what_came(t, m->name, wait);
	return false;
}

/* The port it had, as it is now: another list, but the same device. */
static bool look_again(struct entry *t, struct err *e)
{
	const struct device_query all = { .again = t->device };

	devices_free(&t->out->list);
	if (!devices_find(&all, &t->out->list, e))
		return false;
	for (size_t i = 0; i < t->out->list.count; i++) {
		struct device *d = &t->out->list.items[i];

		if (!device_is_same(t->device, d))
			continue;
		if (d->state == DEVICE_NOT_ASKED)
			d->state = DEVICE_BOOTLOADER;
		t->out->device = d;
		return true;
	}
	return err_set(e, "%s went away", device_label(t->device));
}

/* --- one way ------------------------------------------------------------------------------------------------- */

static bool by_hand(struct entry *t, const struct bootloader_method *m, struct err *e)
{
	const char *text = bootloader_manual_text(bootloader_port(t->device));

	if (t->o->press)
		return t->o->press(t->o->ctx, text, e) && wait_for_it(t, m, e);
	if (t->o->hands) {
		tell_user(t, "%s", text);
		return wait_for_it(t, &unhurried_entry, e);
	}
	add_story(t, m->name, "nobody is there to do it");
	return false;
}

/*
 * The device may have been chosen minutes ago (its firmware was built meanwhile). What is at its place now, and does there what it did,
 * is another one when it has other ids.
 */
static bool is_another(const struct device *before, const struct device *now)
{
	unsigned then = device_usb_id(before), today = device_usb_id(now);

	return device_contradicts(before, now) ||
	       (then && today && then != today &&
		bootloader_is_in(before) == bootloader_is_in(now));
}

static bool is_still_it(const struct entry *t, struct err *e)
{
	for (size_t i = 0; i < t->before.count; i++) {
		const struct device *now = &t->before.items[i];

		if (!device_is_same(t->device, now) || !is_another(t->device, now))
			continue;
		err_set(e, "another board is at the place of %s now: %s", device_label(t->device),
			now->id);
		return err_hint(e, "`mpflash list` shows what is there");
	}
	return true;
}

/* Is the board still there to be told? A way before may have sent it off. */
static bool is_there(const struct entry *t, struct err *e)
{
	const struct device_query all = { .again = t->device };
	AUTO_DEVICES now = DEVICES_INIT;

	if (!devices_find(&all, &now, e))
		return false;
	for (size_t i = 0; i < now.count; i++)
		if (device_is_same(t->device, &now.items[i]))
			return true;
	return err_set(e, "it is not there any more");
}

/* False with an error: no more ways are to be tried. False without: the next one. */
static bool try_one(struct entry *t, const struct bootloader_method *m, struct err *e)
{
	AUTO_ERR why = ERR_INIT;

	if (!m->tell)
		return by_hand(t, m, e);
	if (!m->fits(t->device, &why)) {
		add_story(t, m->name, why.msg);
		return false;
	}
	tell_user(t, "%s: %s", device_label(t->device), m->title);
	if (is_there(t, &why) && m->tell(t->device, &why)) {
		if (m->stays && m->stays(t->device))
			return look_again(t, e);
		return wait_for_it(t, m, e);
	}
	if (why.kind == ERR_INTERRUPTED)
		err_move(e, &why);
	else
		add_story(t, m->name, why.msg);
	return false;
}

/* The asked-for way first, then the port's, each once. */
static void add_ways(const struct bootloader_options *o, const char *port, struct strv *ways)
{
	const char *first = o->method && strcmp(o->method, "auto") != 0 ? o->method : NULL;
	const char *const *order = bootloader_order(port);

	if (first)
		vec_push(ways, first);
	for (size_t i = 0; !(first && o->only) && order[i]; i++)
		if (!first || strcmp(order[i], first) != 0)
			vec_push(ways, order[i]);
}

static bool give_up(const struct entry *t, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;

	err_set(e, "%s " BOOTLOADER_NOT_IN ": %s", device_label(t->device), t->story.buf);
	for (const char *p = bootloader_manual_text(bootloader_port(t->device)); *p; p++)
		strbuf_addch(&text, *p == '\n' ? ' ' : *p);
	return err_hint(e, "%s", text.buf);
}

static bool try_all(struct entry *t, struct err *e)
{
	struct strv ways = { 0 };
	bool ok = false;

	add_ways(t->o, bootloader_port(t->device), &ways);
	for (size_t i = 0; i < ways.count && !ok && !e->msg; i++) {
		const struct bootloader_method *m = bootloader_method_by_name(ways.items[i]);

		if (!m) {
			err_usage(e, "there is no way '%s' into a bootloader", ways.items[i]);
			break;
		}
		ok = try_one(t, m, e);
		t->out->method = ok ? m : NULL;
	}
	vec_free(&ways);
	return ok || e->msg ? ok : give_up(t, e);
}

static bool is_already_in(struct entry *t, struct err *e)
{
	if (bootloader_is_in(t->device))
		return look_again(t, e);
	/* who says so is believed: an ESP's loader cannot be told from a port */
	return t->o->method && strcmp(t->o->method, "none") == 0 && look_again(t, e);
}

bool bootloader_enter(const struct device *d, const struct bootloader_options *o,
		      struct bootloader_entered *out, struct err *e)
{
	const struct device_query all = { .again = d };
	struct entry t = { .device = d, .o = o, .out = out, .story = STRBUF_INIT };
	bool ok;

	*out = (struct bootloader_entered)BOOTLOADER_ENTERED_INIT;
	if (d->emulator)
		return err_set(e, "%s is emulated: it has no bootloader", device_label(d));
	ok = devices_find(&all, &t.before, e) && is_still_it(&t, e) &&
	     (is_already_in(&t, e) || (!e->msg && try_all(&t, e)));
	if (!ok)
		devices_free(&out->list);
	devices_free(&t.before);
	strbuf_free(&t.story);
	return ok;
}
