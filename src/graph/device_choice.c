/* SPDX-License-Identifier: MIT
 *
 * Each attached device is judged: how sure is it that the board of a target is this one. The best that there are are taken, when
 * that is enough.
 */
#include "graph/device_choice.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cache/sighting.h"
#include "flash/emulated.h"
#include "flash/method.h"
#include "flash/runner.h"
#include "graph/attached.h"
#include "graph/image_target.h"
#include "graph/methods.h"
#include "graph/recipe.h"
#include "image/chip.h"

enum fit {
	FIT_NO,      /* it is another board, or of another chip */
	FIT_OTHER,   /* it is another board, and named: it may be made this one */
	FIT_PERHAPS, /* nothing speaks against it */
	FIT_CHIP,    /* its chip is the board's, and it says no more */
	FIT_VARIANT, /* it is another variant of the board */
	FIT_BOARD,   /* it is, or was when it ran last, the board */
};

struct wanted {
	const char *port, *board; /* "stm32", "PYBV11-DP" */
	const struct chip *chip;  /* NULL: not known */
};

/* The same board up to its variant? */
static bool is_variant(const char *a, const char *b)
{
	size_t len = strcspn(a, "-");

	return len == strcspn(b, "-") && strncmp(a, b, len) == 0;
}

static enum fit fit_of_id(const char *board_id, const struct wanted *w)
{
	if (strcmp(board_id, w->board) == 0)
		return FIT_BOARD;
	return is_variant(board_id, w->board) ? FIT_VARIANT : FIT_NO;
}

static bool is_other_port(const char *port, const struct wanted *w)
{
	return port && *port && strcmp(port, w->port) != 0;
}

static enum fit fit_of_chip(const struct device *d, const struct wanted *w)
{
	const struct chip *chip = d->chip ? chip_by_name(d->chip) : NULL;

	if (d->usb && d->usb->things & USB_PROBES)
		return FIT_PERHAPS;
	if (is_other_port(d->port, w))
		return FIT_NO;
	if (!chip || !w->chip)
		return FIT_PERHAPS;
	return chip_matches(chip, w->chip) ? FIT_CHIP : FIT_NO;
}

static enum fit fit_of(const struct device *d, const struct wanted *w)
{
	if (d->emulator)
		return FIT_NO; /* those are their method's, which starts them */
	if (d->has_identity) {
		if (is_other_port(d->identity.port, w))
			return FIT_NO;
		return d->identity.board_id ? fit_of_id(d->identity.board_id, w) : FIT_PERHAPS;
	}
	if (d->known) /* what was seen at this place may have been replaced */
		return fit_of_chip(d, w) == FIT_NO ? FIT_NO : fit_of_id(d->known->board_id, w);
	return fit_of_chip(d, w);
}

/* Of the board that it is, or was: what was seen at its place alone is no reason against what the user says. */
static const struct chip *chip_of_device(const struct device *d)
{
	const char *machine = d->has_identity      ? d->identity.machine
			      : d->known_by_number ? d->known->description
						   : NULL;

	return d->chip ? chip_by_name(d->chip) : machine ? chip_of_machine(machine) : NULL;
}

static bool is_other_chip(const struct device *d, const struct wanted *w)
{
	const struct chip *chip = chip_of_device(d);

	return chip && w->chip && !chip_matches(chip, w->chip);
}

/*
 * Who names a device is believed where it does not say what it is; it may also be made another board: what it runs now is no
 * reason against that as long as it is of the same port, and its chip is not another one.
 */
static enum fit fit_of_named(const struct device *d, const struct wanted *w)
{
	enum fit fit = fit_of(d, w);
	bool other_port = d->has_identity ? is_other_port(d->identity.port, w)
			  : d->known      ? is_other_port(d->known->port, w)
					  : fit == FIT_NO;

	if (fit != FIT_NO)
		return FIT_BOARD;
	return d->emulator || other_port || is_other_chip(d, w) ? FIT_NO : FIT_OTHER;
}

static bool read_wanted(struct session *s, const struct recipe *r, struct wanted *w, struct err *e)
{
	struct image_target target;

	*w = (struct wanted){ .board = r->name, .port = r->env.board.port };
	if (!image_target_read(s, r, &target, e))
		return false;
	w->chip = target.chip;
	return true;
}

/* --- what is there ------------------------------------------------------------------------------------------- */

bool device_is_named(const struct make_options *opt)
{
	return opt->device || opt->probe_id || opt->serial.count || opt->volumes.count;
}

static void expect(struct session *top, const char *board)
{
	for (size_t i = 0; i < top->device_boards.count; i++)
		if (strcmp(top->device_boards.items[i], board) == 0)
			return;
	vec_push(&top->device_boards, arena_strdup(&top->arena, board));
	top->devices_asked = false;
}

void device_expect(struct session *s, const struct recipe *r)
{
	expect(s->top, r->name);
}

/* Not those which are known to be another board by a number of their own: nobody's program is stopped for nothing. */
static bool may_be_meant(void *ctx, const struct device *d)
{
	const struct session *top = ctx;

	if (!d->known || !d->known_by_number)
		return true;
	for (size_t i = 0; i < top->device_boards.count; i++)
		if (is_variant(d->known->board_id, top->device_boards.items[i]))
			return true;
	return false;
}

static bool find(struct session *top, struct devices **out, struct err *e)
{
	const struct make_options *opt = top->opt;
	struct attached_options o = { opt->serial, opt->ignore, opt->bluetooth, opt->device };

	if (!top->devices) {
		top->devices = ARENA_NEW(&top->arena, struct devices);
		*top->devices = (struct devices)DEVICES_INIT;
		if (!attached_find(&o, top->devices, e))
			return false;
		attached_recall(top->devices);
		if (top->devices->note)
			report_note(top->report, "%s", top->devices->note);
	}
	*out = top->devices;
	return true;
}

static bool ask(struct session *top, struct err *e)
{
	const struct probe_options o = { .after = PROBE_RESTORE,
					 .wanted = top->devices_all || device_is_named(top->opt)
							   ? NULL
							   : may_be_meant,
					 .wanted_ctx = top };

	if (top->devices_asked)
		return true;
	top->devices_asked = true;
	return attached_ask(top->devices, top->opt->probe ? &o : NULL, top->opt->library_dir, e);
}

bool device_list(struct session *s, struct devices **out, struct err *e)
{
	struct session *top = s->top;

	top->devices_all = true;
	return find(top, out, e) && ask(top, e);
}

/* Who names both device and board is believed: a board that is silent, or was not asked, can be led into its bootloader all the same. */
static void believe(struct session *top, const struct device *d, const struct wanted *w)
{
	for (size_t i = 0; i < top->devices->count; i++)
		if (&top->devices->items[i] == d)
			device_believe(top->devices, &top->devices->items[i], w->port);
}

bool device_check(struct session *s, const struct recipe *r, const struct device *d, struct err *e)
{
	struct wanted w;

	if (!read_wanted(s, r, &w, e))
		return false;
	if (fit_of_named(d, &w) != FIT_NO) {
		believe(s->top, d, &w);
		return true;
	}
	err_set(e, "%s cannot be %s", device_summary(d, &s->arena), w.board);
	return err_hint(e, "`mpflash list` shows what is there");
}

static bool has_volume(const struct device *d, const struct strv *folders)
{
	for (size_t i = 0; i < folders->count; i++)
		if (d->volume && d->volume->mount &&
		    strcmp(d->volume->mount, folders->items[i]) == 0)
			return true;
	return false;
}

/* --probe takes a part of the serial number, as pyOCD does, or the device's id. */
static bool has_probe(const struct device *d, const char *id)
{
	return d->usb && d->usb->things & USB_PROBES &&
	       ((d->usb->serial && strstr(d->usb->serial, id)) ||
		strncmp(d->id, id, strlen(id)) == 0);
}

/* --serial and --device were looked at when the devices were found. */
static bool is_named(const struct device *d, const struct make_options *opt)
{
	return (!opt->probe_id || has_probe(d, opt->probe_id)) &&
	       (!opt->volumes.count || has_volume(d, &opt->volumes));
}

/* Named, and not only one of those that a glob of ports takes in. */
static bool is_this_one(const struct device *d, const struct make_options *opt)
{
	return opt->device || opt->probe_id || opt->volumes.count ||
	       (opt->serial.count && d->port_count && d->ports[0]->named);
}

/* --- for people ---------------------------------------------------------------------------------------------- */

const char *device_summary(const struct device *d, struct arena *a)
{
	const char *what = d->has_identity && d->identity.board_id  ? d->identity.board_id
			   : d->has_identity && d->identity.machine ? d->identity.machine
			   : d->known                               ? d->known->board_id
			   : d->kind                                ? d->kind
								    : "an unknown board";

	return arena_printf(a, "%s is %s (%s)", device_label(d), what, device_state_name(d->state));
}

/* Of the probe that --probe names, or of any that the --method could use: is one there? */
static bool probe_is_there(const struct session *top, const struct devices *list, struct err *e)
{
	const struct make_options *opt = top->opt;
	const struct flash_method *m = opt->method ? methods_find(top->methods, opt->method) : NULL;
	unsigned things = m && m->runner ? m->runner->probes : 0;
	bool any = false;

	if (!opt->probe_id && (!things || device_is_named(opt)))
		return true;
	for (size_t i = 0; i < list->count && !any; i++) {
		const struct device *d = &list->items[i];

		any = opt->probe_id ? has_probe(d, opt->probe_id)
				    : d->usb && (d->usb->things & things);
	}
	if (any)
		return true;
	if (opt->probe_id)
		err_set(e, "no debug probe with '%s' in its serial number is attached",
			opt->probe_id);
	else
		err_set(e, "no debug probe is attached that %s works with", m->runner->tool);
	return err_hint(e, "connect it; `mpflash list-probes` shows those that are there");
}

bool device_no_port(const struct make_options *opt, struct err *e)
{
	AUTO_STRBUF words = STRBUF_INIT;

	for (size_t i = 0; i < opt->serial.count; i++)
		strbuf_addf(&words, "%s%s", i ? ", " : "", opt->serial.items[i]);
	err_set(e, "No serial ports matched: %s", words.buf);
	return err_hint(e, "`mpflash list` shows the ports; without --serial all are looked at");
}

static bool none_fits(struct session *s, const struct devices *list, const struct wanted *w,
		      const struct device *perhaps, struct err *e)
{
	AUTO_STRBUF others = STRBUF_INIT;

	if (!list->count && s->opt->serial.count)
		return device_no_port(s->opt, e);
	if (!probe_is_there(s, list, e))
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].emulator)
			strbuf_addf(&others, "%s%s", others.len ? "; " : "",
				    device_summary(&list->items[i], &s->arena));
	if (!others.len) {
		err_set(e, "no %s is attached, nor any other board", w->board);
		return err_hint(e, "connect it; `mpflash doctor` looks for what may be in the way");
	}
	err_set(e, "no %s is attached: %s", w->board, others.buf);
	if (perhaps && perhaps->state == DEVICE_DENIED)
		return err_hint(e, "%s", perhaps->hint);
	if (perhaps)
		return err_hint(e, "if it is %s: --device %s", device_label(perhaps), perhaps->id);
	return err_hint(e, "connect it; `mpflash list` shows what is there");
}

/* `all`: they may be taken together. */
static bool several_fit(struct session *s, const struct device_choice *found,
			const struct wanted *w, bool all, struct err *e)
{
	AUTO_STRBUF list = STRBUF_INIT, ways = STRBUF_INIT;

	for (size_t i = 0; i < found->count; i++) {
		const struct device *d = found->items[i];
		bool probe = d->state == DEVICE_PROBE && d->usb && d->usb->serial;

		strbuf_addf(&list, "%s%s", i ? "; " : "", device_summary(d, &s->arena));
		strbuf_addf(&ways, "%s%s %s", i ? ", " : "", probe ? "--probe" : "--device",
			    probe ? d->usb->serial : d->id);
	}
	err_set(e, "%zu devices can be meant by %s: %s", found->count, w->board, list.buf);
	return err_hint(e, "one of: %s%s", ways.buf, all ? "; or --all-devices" : "");
}

/* --- the choice ---------------------------------------------------------------------------------------------- */

/* Those of the best fit; *best. */
static void take_best(struct session *top, const struct devices *list, const struct wanted *w,
		      struct device_choice *out, enum fit *best)
{
	*best = FIT_NO;
	*out = (struct device_choice){
		ARENA_ARRAY(&top->arena, const struct device *, list->count + 1), 0
	};
	for (size_t i = 0; i < list->count; i++) {
		const struct device *d = &list->items[i];
		enum fit fit = is_this_one(d, top->opt) ? fit_of_named(d, w) : fit_of(d, w);

		if (fit == FIT_NO || fit < *best || !is_named(d, top->opt))
			continue;
		if (fit > *best)
			out->count = 0;
		*best = fit;
		out->items[out->count++] = d;
	}
}

bool device_offers(const struct device *d, const struct flash_method *m)
{
	if (m->runner && m->runner->declared)
		return methods_offers(m, d);
	for (size_t i = 0; d->methods[i]; i++)
		if (strcmp(d->methods[i], m->name) == 0)
			return true;
	return false;
}

/* A board that runs does not say behind which probe it is: who asks for a method of probes means the one that there is. */
static void take_probe(struct session *top, const struct devices *list, const struct wanted *w,
		       struct device_choice *out, enum fit *best)
{
	const struct flash_method *m =
		top->opt->method ? methods_find(top->methods, top->opt->method) : NULL;
	size_t count = 0;

	if (!m || !m->runner || !m->runner->probes || device_is_named(top->opt))
		return;
	for (size_t i = 0; i < out->count; i++)
		if (device_offers(out->items[i], m) && *best > FIT_PERHAPS)
			return;
	for (size_t i = 0; i < list->count; i++) {
		const struct device *d = &list->items[i];

		if (d->usb && d->usb->things & m->runner->probes && device_offers(d, m) &&
		    fit_of(d, w) != FIT_NO)
			out->items[count++] = d;
	}
	if (!count)
		return;
	out->count = count;
	*best = FIT_CHIP; /* of several, one has to be named */
}

static bool volumes_are_there(const struct session *top, const struct devices *list, struct err *e)
{
	for (size_t i = 0; i < top->opt->volumes.count; i++) {
		bool found = false;

		for (size_t k = 0; !found && k < list->count; k++)
			found = has_volume(&list->items[k],
					   &(struct strv){ &top->opt->volumes.items[i], 1, 1 });
		if (!found) {
			err_set(e, "there is no UF2 drive at %s", top->opt->volumes.items[i]);
			return err_hint(e, "`mpflash list` shows drives, and how to mount them");
		}
	}
	return true;
}

/* Two targets that mean one device would write over each other. */
static bool claim(struct session *top, const struct recipe *r, const struct device_choice *found,
		  struct err *e)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct device *d = found->items[i];
		const char *other = map_get(&top->device_claims, d->id);

		if (other && strcmp(other, r->key_id) != 0) {
			err_set(e, "%s is meant by two targets, %s and %s", device_label(d), other,
				r->key_id);
			return err_hint(e, "flash one of them, or one after the other in two "
					   "commands with --device");
		}
		map_put(&top->device_claims, d->id, (void *)(uintptr_t)r->key_id);
	}
	return true;
}

/* By its place alone, which is evidence and no proof: who looks may see that it is wrong. */
static void tell_guess(struct session *top, const struct device_choice *found,
		       const struct wanted *w)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct device *d = found->items[i];

		if (d->known && !d->has_identity && !d->known_by_number &&
		    !device_is_named(top->opt))
			report_note(top->report,
				    "%s (%s) is taken for %s, which was seen at its place last",
				    device_label(d), device_state_name(d->state), w->board);
	}
}

/* Those that were named one by one, and are another board than those that are taken. */
static void tell_left(struct session *top, const struct devices *list, const struct wanted *w)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct device *d = &list->items[i];

		if (is_named(d, top->opt) && is_this_one(d, top->opt) &&
		    fit_of_named(d, w) == FIT_OTHER)
			report_note(top->report, "%s: it is no %s, and is left alone",
				    device_summary(d, &top->arena), w->board);
	}
}

bool device_choose(struct session *s, const struct recipe *r, struct device_choice *out,
		   struct err *e)
{
	struct session *top = s->top;
	struct wanted w;
	struct devices *list;
	enum fit best;

	if (!read_wanted(s, r, &w, e) || !find(top, &list, e))
		return false;
	device_expect(s, r);
	if (!ask(top, e) || !volumes_are_there(top, list, e))
		return false;
	take_best(top, list, &w, out, &best);
	take_probe(top, list, &w, out, &best);
	if (best == FIT_NO || best == FIT_PERHAPS)
		return none_fits(top, list, &w, out->count == 1 ? out->items[0] : NULL, e);
	if (out->count > 1 && (!top->opt->all_devices || best < FIT_VARIANT))
		return several_fit(top, out, &w, best >= FIT_VARIANT, e);
	if (best == FIT_OTHER)
		report_note(top->report, "%s: it is made %s",
			    device_summary(out->items[0], &top->arena), w.board);
	else if (device_is_named(top->opt))
		tell_left(top, list, &w);
	for (size_t i = 0; i < out->count; i++)
		if (is_this_one(out->items[i], top->opt))
			believe(top, out->items[i], &w);
	tell_guess(top, out, &w);
	return claim(top, r, out, e);
}

bool device_of_board(struct session *s, const char *name, const struct device **out, struct err *e)
{
	struct session *top = s->top;
	struct devices *list;
	size_t named = 0;

	*out = NULL;
	if (!find(top, &list, e))
		return false;
	expect(top, name);
	if (!ask(top, e))
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct device *d = &list->items[i];
		const char *board = d->has_identity ? d->identity.board_id
				    : d->known      ? d->known->board_id
						    : NULL;

		if (d->emulator || !is_named(d, top->opt))
			continue;
		if (board && strcmp(board, name) == 0) {
			*out = d;
			return true;
		}
		if (++named == 1 && device_is_named(top->opt))
			*out = d;
	}
	if (named > 1)
		*out = NULL;
	return true;
}

void session_close_devices(struct session *s)
{
	if (s->devices)
		devices_free(s->devices);
	s->devices = NULL;
	vec_free(&s->device_boards);
	map_free(&s->device_claims);
}
