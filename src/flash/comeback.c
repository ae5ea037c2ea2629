/* SPDX-License-Identifier: MIT
 *
 * After the flash: the board is there again, at its place, or at another one with its chip's number, and says who it is.
 */
#include <string.h>
#include <strings.h>

#include "base/vec.h"
#include "board/probe.h"
#include "flash/driver_internal.h"
#include "os/clock.h"
#include "os/stream.h"

enum {
	BACK_MS = 10000, /* from the end of the bootloader to a port */
	ASK_MS = 10000,  /* to an answer: a first start makes a file system */
	PAUSE_MS = 300,
};

static const struct device_query all = { 0 };

bool driver_is_board(const struct driver_run *run, const struct device *now)
{
	const char *number = run->memory.chip_number;

	if (run->t->attached && device_is_same(run->t->attached, now))
		return true;
	if (run->entered.device && device_is_same(run->entered.device, now))
		return true;
	return number && now->usb && now->usb->serial && strcasecmp(now->usb->serial, number) == 0;
}

/* In a bootloader: also in one whose serial port looks like firmware's. */
static bool still_waits(const struct device *now)
{
	return bootloader_is_in(now) || (now->usb && now->usb->things & USB_SAM_BA);
}

/* A port to talk to, of a device that has one; of a probe what it always is. */
static bool is_back(void *ctx, const struct device *now)
{
	const struct driver_run *run = ctx;

	return device_port(now) && (run->d->direct || !still_waits(now)) &&
	       driver_is_board(run, now);
}

/* --- the wait ------------------------------------------------------------------------------------------------- */

/* Without a port, but no bootloader any more: firmware that has none. */
static struct device *without_port(const struct driver_run *run, const struct devices *now)
{
	for (size_t i = 0; i < now->count; i++)
		if (!still_waits(&now->items[i]) && driver_is_board(run, &now->items[i]))
			return &now->items[i];
	return NULL;
}

/* Was it there, or something else at its place? That place is another board's, which starts its own firmware now. */
static bool was_there(const struct devices *before, const struct device *now)
{
	const struct device *end = before->items + before->count;

	for (const struct device *d = before->items; d < end; d++)
		if (strcmp(d->id, now->id) == 0 ||
		    (d->usb_path && now->usb_path && strcmp(d->usb_path, now->usb_path) == 0))
			return true;
	return false;
}

/* One that another run has just sent away is not in the last list, but was there when this one began. */
static bool is_new(const struct driver_run *run, const struct devices *before,
		   const struct device *now)
{
	return !was_there(before, now) && !was_there(&run->entered.list, now);
}

/* At another place, without a number that was known: the only one that came. */
static struct device *only_new_one(const struct driver_run *run, const struct devices *before,
				   const struct devices *now)
{
	struct device *found = NULL;

	for (struct device *d = now->items; d < now->items + now->count; d++) {
		if (!device_port(d) || still_waits(d) || !is_new(run, before, d) ||
		    (d->port && strcmp(d->port, run->t->port) != 0))
			continue;
		if (found)
			return NULL;
		found = d;
	}
	return found;
}

static bool is_python(const struct image *img)
{
	struct image look = *img; /* which is not ours to write into */

	image_find_version(&look);
	return look.python != NULL;
}

/* Firmware that is no Python need not be seen on USB. */
static bool has_to_come(const struct driver_run *run)
{
	return !run->d->direct && (!run->img || is_python(run->img));
}

static bool not_back(const struct driver_run *run, struct err *e)
{
	if (!has_to_come(run)) {
		flash_target_note(run->t, "the board is not seen; its firmware may have no port");
		return true;
	}
	err_set(e, "%s did not come back within %d s%s", device_label(run->t->attached),
		BACK_MS / 1000, run->result->verified ? ", though its flash holds the image" : "");
	return err_hint(e, "reset the board; `mpflash list` shows whether it is there");
}

/* *found is NULL where nothing has to be there. */
static bool wait_for_it(struct driver_run *run, const struct devices *before, struct devices *now,
			struct device **found, struct err *e)
{
	AUTO_ERR late = ERR_INIT;
	int wait = has_to_come(run) ? BACK_MS : BACK_MS / 5;

	*found = NULL;
	if (device_wait(&all, is_back, run, wait, now, found, &late))
		return true;
	if (late.kind == ERR_INTERRUPTED) {
		err_move(e, &late);
		return false;
	}
	*found = without_port(run, now);
	if (!*found)
		*found = only_new_one(run, before, now);
	return *found || not_back(run, e);
}

/* --- who is it? ----------------------------------------------------------------------------------------------- */

static void take_identity(struct driver_run *run, struct device *d)
{
	struct flash_result *r = run->result;

	identity_free(&r->identity);
	r->identity = d->identity;
	d->identity = (struct identity)IDENTITY_INIT;
	d->has_identity = false;
	r->has_identity = true;
	r->interrupted = d->interrupted;
}

static void set_place(struct flash_result *r, const struct device *d)
{
	const char *port = device_port(d);

	free(r->device);
	r->device = xstrdup(d->id);
	free(r->address);
	r->address = port ? xstrdup(port) : NULL;
}

/* When it answers, it is whole: a list that was made while it came may lack its number, and name it by its place. */
static void set_place_again(struct flash_result *r, const struct device *d)
{
	AUTO_DEVICES now = DEVICES_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *at = device_port(d);

	set_place(r, d);
	if (!at || !devices_find(&all, &now, &ignored))
		return;
	for (size_t i = 0; i < now.count; i++) {
		const char *port = device_port(&now.items[i]);

		if (port && strcmp(port, at) == 0)
			set_place(r, &now.items[i]);
	}
}

static bool is_final(enum device_state s)
{
	return s == DEVICE_HELD || s == DEVICE_DENIED || s == DEVICE_BUSY;
}

static void say_silent(const struct driver_run *run, const struct device *d)
{
	flash_target_note(run->t, "%s is back, but was not asked who it is: %s", device_label(d),
			  d->why ? d->why : device_state_name(d->state));
}

/* A board that starts may reset, say nothing yet, or come again as another port: asked until it answers. */
static bool ask(struct driver_run *run, struct devices *now, struct device *d, struct err *e)
{
	const struct probe_options options = { .after = PROBE_RESTORE };
	int64_t deadline = stream_deadline(run->t->timeout_ms ? run->t->timeout_ms : ASK_MS);

	for (;;) {
		if (d->state == DEVICE_NOT_ASKED)
			probe_port(now, d, &options, NULL, NULL);
		if (d->has_identity) {
			take_identity(run, d);
			set_place_again(run->result, d);
			return true;
		}
		if (is_final(d->state) || !stream_left(deadline))
			break;
		clock_sleep_ms(PAUSE_MS);
		if (!device_wait(&all, is_back, run, stream_left(deadline), now, &d, e))
			return false;
	}
	say_silent(run, d);
	return true;
}

/* The place alone says little: what was there before may have been pulled, and another board plugged in. */
static bool check_chip(const struct driver_run *run, struct err *e)
{
	const struct device *before = run->t->attached;
	const char *now = run->result->has_identity ? run->result->identity.chip_id : NULL;

	if (!now || !before->has_identity || !before->identity.chip_id ||
	    strcasecmp(now, before->identity.chip_id) == 0)
		return true;
	err_set(e, "another board is at the place of %s: its chip is %s, not %s",
		device_label(before), now, before->identity.chip_id);
	return err_hint(e, "plug the right one in again, and flash it");
}

bool driver_wait_back(struct driver_run *run, const struct devices *before, struct err *e)
{
	AUTO_DEVICES now = DEVICES_INIT;
	struct device *d;

	if (!run->t->attached || (run->d->direct && !device_port(run->t->attached)))
		return true;
	if (!wait_for_it(run, before, &now, &d, e))
		return false;
	if (!d)
		return true;
	set_place(run->result, d);
	if (run->t->no_ask || !device_port(d))
		return true;
	return ask(run, &now, d, e) && check_chip(run, e);
}
