/* SPDX-License-Identifier: MIT
 *
 * `mpflash repl`: a terminal to one board. Bytes go both ways as they are; a board that resets is connected to again.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/choose.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/options.h"
#include "cmd/pick.h"
#include "os/process.h"
#include "os/terminal.h"
#include "os/tty.h"

enum {
	LOCK_MS = 500,
	WRITE_MS = 2000,
	BACK_MS = 30000,
	LOOK_MS = 200,   /* for an interrupt while nothing comes */
	QUIET_MS = 1500, /* after the end of a pipe: then the board has said all */
	CTRL_RIGHT_BRACKET = 0x1d,
	CTRL_X = 0x18,
};

enum end { END_LEFT, END_GONE, END_FAILED };

struct terminal_to {
	struct stream tty;
	bool keys;  /* a terminal: Ctrl-] leaves; else a pipe: its end does */
	bool input; /* there is more to come */
};

/* Up to the key that leaves; false: that was it. */
static bool send_keys(struct terminal_to *t, struct err *e)
{
	char buf[1024];
	long n = terminal_read(buf, sizeof(buf)), len;

	if (n == 0) {
		t->input = false;
		return !t->keys;
	}
	for (len = 0; len < n; len++)
		if (t->keys && (buf[len] == CTRL_RIGHT_BRACKET || buf[len] == CTRL_X))
			break;
	return stream_write(&t->tty, buf, (size_t)len, stream_deadline(WRITE_MS), e) && len == n;
}

static enum end ended(const struct terminal_to *t, const struct err *e)
{
	return t->tty.gone ? END_GONE : e->msg ? END_FAILED : END_LEFT;
}

static enum end pump(struct terminal_to *t, struct err *e)
{
	for (;;) {
		int ready = terminal_wait(t->input, &t->tty, t->input ? LOOK_MS : QUIET_MS);
		char buf[4096];
		long n;

		if (process_interrupted() || (!ready && !t->input))
			return END_LEFT;
		if (ready & TERMINAL_STREAM) {
			n = stream_read(&t->tty, buf, sizeof(buf), 0, e);
			if (n < 0)
				return ended(t, e);
			terminal_write(buf, (size_t)n);
		}
		if (ready & TERMINAL_INPUT && !send_keys(t, e))
			return ended(t, e);
	}
}

/* --- coming back --------------------------------------------------------------------------------------------- */

struct return_of {
	const struct device *before;
	struct terminal_to *t;
	bool left; /* the user did not want to wait */
};

/* Keys that are pressed meanwhile are for nobody, but for those that leave. */
static void look_at_keys(struct return_of *r)
{
	char buf[256];
	long n;

	if (!r->t->keys || !(terminal_wait(true, &r->t->tty, 0) & TERMINAL_INPUT))
		return;
	n = terminal_read(buf, sizeof(buf));
	if (n == 0)
		r->left = true;
	for (long i = 0; i < n; i++)
		if (buf[i] == CTRL_RIGHT_BRACKET || buf[i] == CTRL_X || buf[i] == 3)
			r->left = true;
}

/* Also yes when the user leaves: the wait is over. */
static bool is_back(void *ctx, const struct device *d)
{
	struct return_of *r = ctx;
	AUTO_ERR ignored = ERR_INIT;

	look_at_keys(r);
	return r->left || (device_is_same(r->before, d) && device_port(d) &&
			   tty_open(&r->t->tty, device_port(d), LOCK_MS, &ignored));
}

static bool come_back(struct terminal_to *t, const struct device *d, bool *left, struct err *e)
{
	const struct device_query all = { .again = d };
	AUTO_DEVICES now = DEVICES_INIT;
	struct return_of r = { .before = d, .t = t };
	struct device *found;

	stream_close(&t->tty);
	fprintf(stderr, "\r\n[%s is gone; waiting for it, Ctrl-] leaves]\r\n", device_label(d));
	if (!device_wait(&all, is_back, &r, BACK_MS, &now, &found, e)) {
		if (e->kind != ERR_INTERRUPTED)
			err_set(e, "%s did not come back within %d s", device_label(d),
				BACK_MS / 1000);
		return false;
	}
	*left = r.left;
	if (!r.left)
		fprintf(stderr, "[%s is back]\r\n", device_port(found));
	return true;
}

static bool talk(struct terminal_to *t, const struct device *d, struct err *e)
{
	bool left = false;

	for (;;) {
		AUTO_ERR why = ERR_INIT;

		switch (pump(t, &why)) {
		case END_LEFT:
			return true;
		case END_FAILED:
			err_move(e, &why);
			return false;
		case END_GONE:
			break;
		}
		if (d->emulator)
			return err_set(e, "%s ended", device_label(d));
		if (!come_back(t, d, &left, e))
			return false;
		if (left)
			return true;
	}
}

static bool open_repl(struct pick_options *o, const char *word, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;
	struct terminal_to t = { .tty = STREAM_INIT, .keys = terminal_is_there(), .input = true };
	const struct device *d;
	bool ok;

	if (!pick_one(o, word, pick_has_port, &list, e))
		return false;
	d = &list.items[0];
	if (!pick_is_free(d, e) || !tty_open(&t.tty, device_port(d), LOCK_MS, e))
		return false;
	ok = !t.keys || terminal_begin(NULL, e);
	if (ok && t.keys)
		fprintf(stderr, "connected to %s; Ctrl-] or Ctrl-x leaves\r\n", device_label(d));
	if (ok) {
		ok = talk(&t, d, e);
		if (t.keys) {
			terminal_end();
			fputc('\n', stderr);
		}
	}
	stream_close(&t.tty);
	return ok;
}

static bool repl_run(int argc, char **argv, struct err *e)
{
	struct pick_options o = { 0 };
	const struct option table[] = {
		ATTACHED_OPTIONS(&o.attached),
		INTERACTIVE_OPTION,
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&repl_command, NULL, table);
	else if (ok && p.words.count > 1)
		ok = err_usage(e, "repl takes one board, and got '%s' too", p.words.items[1]);
	else if (ok)
		ok = open_repl(&o, p.words.count ? p.words.items[0] : NULL, e);
	parsed_free(&p);
	attached_options_free(&o.attached);
	return ok;
}

const struct command repl_command = {
	.name = "repl",
	.usage = "repl [options] [PORT|ID]",
	.summary = "a terminal to a board",
	.examples = "mpflash repl\n"
		    "mpflash repl /dev/ttyACM0\n",
	.words = WORDS_DEVICES,
	.run = repl_run,
};
