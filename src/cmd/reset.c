/* SPDX-License-Identifier: MIT
 *
 * `mpflash reset`: starts boards afresh: over the REPL, else over what the board's USB or its serial lines offer.
 */
#include <stdio.h>
#include <string.h>

#include "board/bootloader.h"
#include "board/esp_reset.h"
#include "board/repl.h"
#include "board/usb_control.h"
#include "cmd/choose.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/options.h"
#include "cmd/pick.h"
#include "os/tty.h"

enum {
	LOCK_MS = 500,
	ENTER_MS = 2000,
	TOLD_MS = 500,
	LEAVE_MS = 1000,
	BACK_MS = 8000,
	ALL_MS = 20000
};

struct reset_options {
	struct pick_options pick;
	bool soft;
};

/* Firmware has one of the two modules. */
static const char reset_script[] = "try:\n"
				   " import machine as m\n"
				   "except ImportError:\n"
				   " import microcontroller as m\n"
				   "m.reset()\n";

static bool by_repl(struct repl *r, bool soft, struct strbuf *said, struct err *e)
{
	AUTO_STRBUF error = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!repl_enter(r, ENTER_MS, e))
		return false;
	if (soft) {
		strbuf_adds(said, "soft reset");
		return repl_leave(r, LEAVE_MS, e) && repl_soft_reset(r, LEAVE_MS, e);
	}
	/* it goes before it answers; an answer is a traceback */
	if (repl_exec(r, REPL_PLAIN, reset_script, strlen(reset_script), NULL, &error, TOLD_MS,
		      &ignored) &&
	    error.len) {
		repl_leave(r, LEAVE_MS, &ignored);
		return err_set(e, "its firmware has no machine.reset()");
	}
	strbuf_adds(said, "reset");
	return true;
}

/* For a board whose program does not let go of it. */
static bool by_lines(const struct device *d, struct stream *tty, struct strbuf *said)
{
	const char *port = bootloader_port(d);
	AUTO_ERR ignored = ERR_INIT;
	bool rp2 = d->usb && d->usb->things & USB_RP2_RESET;

	if (rp2 && usb_rp2_reset(d->usb, false, &ignored)) {
		strbuf_adds(said, "reset over its USB reset interface");
		return true;
	}
	/* the lines of a board that is not known to be an ESP's mean nothing */
	if (port && strncmp(port, "esp", 3) == 0 && tty->fd >= 0 && esp_run(tty, &ignored)) {
		strbuf_adds(said, "reset by its RTS line");
		return true;
	}
	return false;
}

static bool is_back(void *ctx, const struct device *d)
{
	return device_is_same(ctx, d) && device_port(d) && tty_is_device(device_port(d));
}

/* A USB board leaves and comes back; one behind an adapter never left. */
static bool wait_for_it(const struct device *d, struct err *e)
{
	const struct device_query all = { .again = d };
	AUTO_DEVICES now = DEVICES_INIT;
	struct device *found;

	if (d->emulator)
		return true;
	if (device_wait(&all, is_back, (void *)d, BACK_MS, &now, &found, e))
		return true;
	if (e->kind != ERR_INTERRUPTED)
		err_set(e, "it was reset, and did not come back within %d s", BACK_MS / 1000);
	return false;
}

static bool reset_one(void *ctx, struct device *d, struct strbuf *said, struct err *e)
{
	const struct reset_options *o = ctx;
	AUTO_STREAM tty = STREAM_INIT;
	struct repl r;
	bool ok;

	if (!pick_is_free(d, e) || !tty_open(&tty, device_port(d), LOCK_MS, e))
		return false;
	tty_drop_input(&tty);
	repl_init(&r, &tty);
	ok = by_repl(&r, o->soft, said, e) || (!o->soft && by_lines(d, &tty, said));
	repl_free(&r);
	stream_close(&tty);
	return ok && (o->soft || wait_for_it(d, e));
}

static bool reset_run(int argc, char **argv, struct err *e)
{
	struct reset_options o = { 0 };
	AUTO_DEVICES list = DEVICES_INIT;
	const struct option table[] = {
		ATTACHED_OPTIONS(&o.pick.attached),
		{ "soft", 0, NULL, OPT_FLAG, NULL,
		  "a soft reset: the program starts again, the chip does not", &o.soft },
		INTERACTIVE_OPTION,
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&reset_command, NULL, table);
	else if (ok && p.words.count > 1)
		ok = err_usage(e, "reset takes one board or glob, and got '%s' too",
			       p.words.items[1]);
	else if (ok)
		ok = pick_devices(&o.pick, p.words.count ? p.words.items[0] : NULL, pick_has_port,
				  &list, e) &&
		     pick_each(&list, reset_one, &o, ALL_MS, "reset", e);
	parsed_free(&p);
	attached_options_free(&o.pick.attached);
	return ok;
}

const struct command reset_command = {
	.name = "reset",
	.usage = "reset [options] [PORT|ID]",
	.summary = "start boards afresh",
	.examples = "mpflash reset\n"
		    "mpflash reset --soft --serial /dev/ttyACM0\n",
	.words = WORDS_DEVICES,
	.run = reset_run,
};
