/* SPDX-License-Identifier: MIT
 *
 * Asking one board. Whatever it is and does, there is an answer within the time, and what can be restored is.
 */
#include <errno.h>
#include <string.h>

#include "base/path.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "board/probe.h"
#include "board/repl.h"
#include "os/clock.h"
#include "os/openers.h"
#include "os/tty.h"

enum {
	LOCK_MS = 500,
	SHARED_LOCK_MS =
		2500,   /* more, for another mpflash: so long it asks a board that says nothing */
	ASK_MS = 500,   /* for a prompt, before it is asked again */
	BOOT_MS = 1600, /* from the last sign of a start to a prompt */
	QUESTION_MS = 1000,
	RESET_MS = 700,
	UNASKED_MS = 200, /* what comes later than this after a question is no answer to it */
	TRIES = 2,
};

struct asking {
	struct devices *list;
	struct device *device;
	const struct probe_options *options;
	struct stream tty;
	struct repl repl;
	void (*alive)(void *ctx);
	void *ctx;
	bool unasked; /* it spoke though it was not asked */
};

static bool conclude(struct asking *a, enum device_state state, const char *why, const char *hint)
{
	a->device->state = state;
	a->device->why = why;
	a->device->hint = hint;
	return false;
}

static void tell_alive(const struct asking *a)
{
	if (a->alive)
		a->alive(a->ctx);
}

static const char *keep(struct asking *a, const char *text)
{
	return text ? arena_strdup(&a->list->arena, text) : NULL;
}

/* --- opening --- */

static bool cannot_open(struct asking *a, int number, const struct err *why)
{
	struct opener opener = { .path = device_port(a->device) };
	struct arena *arena = &a->list->arena;

	if (number == EACCES || number == EPERM)
		return conclude(a, DEVICE_DENIED,
				arena_printf(arena, "no permission to open %s", opener.path),
				keep(a, why->hint));
	if (!tty_is_device(opener.path))
		return conclude(a, DEVICE_GONE, "it vanished before it was asked", NULL);
	if (number != EBUSY)
		return conclude(a, DEVICE_SILENT, keep(a, why->msg), keep(a, why->hint));
	openers_find(&opener, 1);
	conclude(a, DEVICE_HELD, "held by a program of another user", NULL);
	if (opener.pid)
		a->device->why =
			arena_printf(arena, "held by %s (pid %ld)", opener.program, opener.pid);
	a->device->hint = "close that program, then try again";
	return false;
}

/* Another mpflash asks it, and is done in a moment. */
static bool is_shared(struct asking *a)
{
	struct opener opener = { .path = device_port(a->device) };

	openers_find(&opener, 1);
	return opener.pid && strcmp(opener.program, "mpflash") == 0;
}

static bool open_port(struct asking *a)
{
	AUTO_ERR e = ERR_INIT, first = ERR_INIT;
	int number;

	if (tty_open(&a->tty, device_port(a->device), LOCK_MS, &first))
		return true;
	number = errno;
	if (number != EBUSY || !is_shared(a))
		return cannot_open(a, number, &first);
	tell_alive(a);
	return tty_open(&a->tty, device_port(a->device), SHARED_LOCK_MS, &e) ||
	       cannot_open(a, errno, &e);
}

/* --- what came instead of a prompt --- */

static bool is_garbage(const char *said, size_t len)
{
	size_t bad = 0;

	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)said[i];
		size_t n = c < 0x80 ? 1 : utf8_len((const unsigned char *)said + i);

		if (n == 0 || c == 0 || (c < ' ' && !strchr("\r\n\t\b\f\033\a", c)) || c == 0x7f)
			bad++;
		i += n ? n : 1;
	}
	return bad * 5 > len;
}

enum device_state probe_judge(const char *said, size_t len, bool unasked)
{
	if (!len)
		return DEVICE_SILENT;
	if (is_garbage(said, len))
		return DEVICE_GARBAGE;
	/* a program that catches Ctrl-C, and says so */
	return unasked || strstr(said, "KeyboardInterrupt") || strstr(said, "Traceback")
		       ? DEVICE_BUSY
		       : DEVICE_OTHER;
}

static bool no_prompt(struct asking *a)
{
	const struct strbuf *said = &a->repl.in;
	AUTO_STRBUF tail = STRBUF_INIT;
	struct arena *arena = &a->list->arena;

	repl_tail(&a->repl, &tail);
	if (repl_find_restart(said->buf, said->len))
		return conclude(
			a, DEVICE_RESETTING,
			arena_printf(arena, "restarts and gets to no prompt: '%s'", tail.buf),
			"its power supply may be weak, or its firmware broken");
	switch (probe_judge(said->buf, said->len, a->unasked)) {
	case DEVICE_GARBAGE:
		return conclude(a, DEVICE_GARBAGE, "what it says is no text",
				"the wrong speed, a damaged firmware, or no MicroPython board");
	case DEVICE_BUSY:
		return conclude(a, DEVICE_BUSY,
				arena_printf(arena, "runs on after Ctrl-C: '%s'", tail.buf),
				"reset it, or press its reset button, then try again at once");
	case DEVICE_OTHER:
		return conclude(a, DEVICE_OTHER, arena_printf(arena, "says '%s'", tail.buf),
				"is this a MicroPython board?");
	default:
		return conclude(
			a, DEVICE_SILENT, "says nothing",
			"reset the board; a program that ignores Ctrl-C, or no firmware, looks like this");
	}
}

static bool failed(struct asking *a, const struct err *e)
{
	if (a->tty.gone)
		return conclude(a, DEVICE_GONE, "it vanished while it was asked",
				"look at its cable and power, then try again");
	if (a->repl.restarted)
		return conclude(a, DEVICE_RESETTING, "restarted each time it was asked",
				"its power supply may be weak, or a watchdog runs");
	return conclude(a, DEVICE_OTHER, keep(a, e->msg), keep(a, e->hint));
}

/* --- asking --- */

static bool enter(struct asking *a)
{
	int silent = a->options->silent_ms ? a->options->silent_ms : PROBE_SILENT_MS;
	int64_t deadline = stream_deadline(silent);
	size_t seen = 0; /* up to there restarts were counted */
	bool heard = false;
	AUTO_ERR e = ERR_INIT;

	for (;;) {
		int left = stream_left(deadline);
		struct repl *r = &a->repl;
		const char *sign;

		if (left == 0)
			return no_prompt(a);
		switch (repl_ask(r, left < ASK_MS ? left : ASK_MS, &e)) {
		case REPL_ENTERED:
			return true;
		case REPL_FAILED:
			if (a->tty.gone)
				return failed(a, &e);
			a->unasked = a->unasked || r->in.len;
			return no_prompt(a);
		case REPL_NO_ANSWER:
			break;
		}
		/* its driver does not hang: on a busy machine all takes longer */
		if (r->in.len && !heard)
			tell_alive(a);
		heard = r->in.len;
		if (r->in.len && r->heard_ms > r->asked_ms + UNASKED_MS)
			a->unasked = true;
		sign = repl_find_restart(r->in.buf + seen, r->in.len - seen);
		/* Opening has reset it, or it starts by itself: once it gets the time to. */
		if (sign && !seen)
			deadline = stream_deadline(BOOT_MS);
		if (sign)
			seen = r->in.len;
	}
}

static void write_only(struct asking *a, const char *text)
{
	AUTO_ERR ignored = ERR_INIT;

	stream_write(&a->tty, text, strlen(text), stream_deadline(QUESTION_MS), &ignored);
}

static void reset(struct asking *a)
{
	write_only(a, identity_is_circuitpython(&a->device->identity)
			      ? "import microcontroller\nmicrocontroller.reset()\n\x04"
			      : "import machine\nmachine.reset()\n\x04");
}

/* Back to what it did before. */
static void restore(struct asking *a)
{
	AUTO_ERR e = ERR_INIT;

	if (a->options->after == PROBE_RESET) {
		reset(a);
		return;
	}
	if (!repl_leave(&a->repl, QUESTION_MS, &e) || !a->repl.was_busy ||
	    a->options->after == PROBE_LEAVE)
		return;
	if (!repl_soft_reset(&a->repl, RESET_MS, &e) && !a->tty.gone) {
		a->device->why = "its program was stopped, and may not have been started again";
		a->device->hint = "`mpflash reset` starts it";
	}
}

/* Who comes to himself later is not to sit in the raw REPL; a program that was stopped goes on. */
static void give_up(struct asking *a)
{
	bool again = a->repl.was_busy && !a->repl.restarted && a->options->after != PROBE_LEAVE;

	a->device->interrupted = a->device->interrupted && again;
	if (!a->tty.gone)
		write_only(a, again ? "\r\x02\x04" : "\r\x02");
}

static bool ask(struct asking *a)
{
	struct device *d = a->device;
	AUTO_ERR e = ERR_INIT;

	d->interrupted = d->interrupted || a->repl.was_busy;
	identity_free(&d->identity);
	d->has_identity = identity_query(&a->repl, &d->identity, QUESTION_MS, &e);
	if (!d->has_identity && !d->identity.family)
		return failed(a, &e);
	/* It said what it is, and the rest of the questions failed: what is known counts. */
	if (!d->has_identity && (a->tty.gone || a->repl.restarted))
		return failed(a, &e);
	d->has_identity = true;
	conclude(a, strcmp(d->identity.family, "micropython") == 0 ? DEVICE_RUNNING : DEVICE_OTHER,
		 NULL, NULL);
	return true;
}

void probe_port(struct devices *list, struct device *d, const struct probe_options *o,
		void (*alive)(void *ctx), void *ctx)
{
	struct asking a = { .list = list,
			    .device = d,
			    .options = o,
			    .tty = STREAM_INIT,
			    .alive = alive,
			    .ctx = ctx };
	bool ok = false;

	if (!open_port(&a))
		return;
	tty_drop_input(&a.tty);
	repl_init(&a.repl, &a.tty);
	for (int i = 0; i < TRIES && !ok && !a.tty.gone; i++) {
		if (i && !a.repl.restarted)
			break;
		if (!enter(&a))
			break;
		if (i == 0)
			tell_alive(&a);
		ok = ask(&a);
	}
	if (ok)
		restore(&a);
	else
		give_up(&a);
	repl_free(&a.repl);
	stream_close(&a.tty);
}
