/* SPDX-License-Identifier: MIT
 *
 * The raw REPL as a client. The board may be busy, booting, old, or no MicroPython at all: everything read is
 * looked through for the one answer that is due, and every wait ends.
 */
#include "board/repl.h"

#include <string.h>

#include "base/xalloc.h"
#include "os/clock.h"

#define BANNER "raw REPL; CTRL-B to exit\r\n>"
#define PROMPT ">>> "

enum {
	CTRL_A = 1,
	CTRL_D = 4,
	READ_CHUNK = 4096,
	MAX_OUTPUT = 1 << 20,
	MAX_TAIL = 80, /* of a garbled answer, in a message */
	REASON_SHOWN = 120,
	/* Ctrl-C may hit a board that boots; QEMU looks at a fresh pty once a second */
	ASK_AGAIN_MS = 1200,
	RESTART_LOOK_MS = 50,
	REPEAT_MS = 200, /* for the answer to a question that was asked twice */
	/* bytes per pause: the input buffer of most boards, as mpremote has it */
	PLAIN_CHUNK = 256,
	PLAIN_PAUSE_MS = 10,
};

void repl_init(struct repl *r, struct stream *stream)
{
	*r = (struct repl){ .stream = stream, .in = STRBUF_INIT };
}

void repl_free(struct repl *r)
{
	strbuf_free(&r->in);
	r->stream = NULL;
}

static const char *find_bytes(const char *p, const char *end, const char *text, size_t len)
{
	while ((size_t)(end - p) >= len && (p = memchr(p, *text, (size_t)(end - p) - len + 1))) {
		if (memcmp(p, text, len) == 0)
			return p;
		p++;
	}
	return NULL;
}

/* Where `text` (of len bytes) starts in what was read, not before `from`; -1: not there. */
static long find(const struct repl *r, size_t from, const char *text, size_t len)
{
	const char *p = find_bytes(r->in.buf + from, r->in.buf + r->in.len, text, len);

	return p ? (long)(p - r->in.buf) : -1;
}

/* The first place of any of `signs`; NULL: none. */
static const char *find_any(const char *said, size_t len, const char *const *signs, size_t count)
{
	const char *first = NULL;

	for (size_t i = 0; i < count; i++) {
		const char *at = find_bytes(said, said + len, signs[i], strlen(signs[i]));

		if (at && (!first || at < first))
			first = at;
	}
	return first;
}

/* What a chip's ROM and loaders say. */
static const char *const rom_signs[] = {
	"rst cause:",                    /* ESP8266 */
	"rst:0x",                        /* ESP32 */
	"PRO CPU has been reset by WDT", /* ESP32, its second loader */
};

const char *repl_find_restart(const char *said, size_t len)
{
	/* MicroPython, at its friendly prompt */
	static const char *const banner[] = { "Type \"help()\" for more information" };
	const char *rom = find_any(said, len, rom_signs, ARRAY_SIZE(rom_signs));
	const char *own = find_any(said, len, banner, ARRAY_SIZE(banner));

	return rom && (!own || rom < own) ? rom : own;
}

static void consume(struct repl *r, size_t len)
{
	memmove(r->in.buf, r->in.buf + len, r->in.len - len);
	strbuf_set_len(&r->in, r->in.len - len);
}

void repl_tail(const struct repl *r, struct strbuf *out)
{
	size_t from = r->in.len > MAX_TAIL ? r->in.len - MAX_TAIL : 0;

	for (size_t i = from; i < r->in.len; i++) {
		char c = r->in.buf[i];

		if (c >= ' ' && c <= '~')
			strbuf_addch(out, c);
		else if (c != '\r' && out->len && out->buf[out->len - 1] != ' ')
			strbuf_addch(out, ' ');
	}
	while (out->len && out->buf[out->len - 1] == ' ')
		strbuf_set_len(out, out->len - 1);
}

static bool no_answer(const struct repl *r, const char *expected, struct err *e)
{
	AUTO_STRBUF tail = STRBUF_INIT;

	repl_tail(r, &tail);
	if (!tail.len) {
		err_set(e, "%s does not answer", r->stream->name);
		return err_hint(e,
				"reset the board, or stop the program that keeps it from answering "
				"Ctrl-C, then try again");
	}
	err_set(e, "%s answers '%s' where %s was due", r->stream->name, tail.buf, expected);
	return err_hint(e, "is this a MicroPython board? reset it, then try again");
}

enum wait_result { WAIT_FOUND, WAIT_TIMEOUT, WAIT_FAILED };

/*
 * Reads until `text` is there; *at is where. More than MAX_OUTPUT bytes without it is an error: a board that never
 * stops talking must not fill our memory.
 */
static enum wait_result wait_bytes(struct repl *r, const char *text, size_t len, size_t *at,
				   int64_t deadline, struct err *e)
{
	size_t from = 0;

	for (;;) {
		long pos = find(r, from, text, len);
		long n;

		if (pos >= 0) {
			*at = (size_t)pos;
			return WAIT_FOUND;
		}
		if (r->in.len > MAX_OUTPUT) {
			err_set(e, "%s sends more than %d bytes without an end", r->stream->name,
				MAX_OUTPUT);
			return WAIT_FAILED;
		}
		if (r->in.len >= len)
			from = r->in.len - len + 1;
		strbuf_reserve(&r->in, READ_CHUNK);
		n = stream_read(r->stream, r->in.buf + r->in.len, READ_CHUNK, deadline, e);
		if (n <= 0)
			return n == 0 ? WAIT_TIMEOUT : WAIT_FAILED;
		r->heard_ms = clock_ms();
		r->in.len += (size_t)n;
		r->in.buf[r->in.len] = '\0';
	}
}

/* Waits for `text`, gives what stood before it to out (NULL: dropped) and forgets both. */
static bool take_until(struct repl *r, const char *text, size_t len, struct strbuf *out,
		       const char *expected, int64_t deadline, struct err *e)
{
	size_t at = 0;

	switch (wait_bytes(r, text, len, &at, deadline, e)) {
	case WAIT_FAILED:
		return false;
	case WAIT_TIMEOUT:
		return no_answer(r, expected, e);
	case WAIT_FOUND:
		break;
	}
	if (out)
		strbuf_add(out, r->in.buf, at);
	consume(r, at + len);
	return true;
}

/*
 * Was a program running? At the prompt, our "\r" gives "\r\n>>> " at once. A program prints its traceback, or the
 * firmware its banner, before the first prompt; a board left in raw mode shows no prompt at all. One that was just starting
 * was busy only when a traceback says so.
 */
static bool said_busy(const char *said, size_t len)
{
	static const char stopped[] = "KeyboardInterrupt";
	const char *end = said + len;

	if (find_any(said, len, rom_signs, ARRAY_SIZE(rom_signs)))
		return find_bytes(said, end, stopped, strlen(stopped)) != NULL;
	while (said < end && (*said == '\r' || *said == '\n'))
		said++;
	return said < end && strncmp(said, PROMPT, strlen(PROMPT)) != 0 && *said != '>';
}

/* A board that was slow answers each of our questions; what comes late must not be taken for the next answer. */
static void drop_repeats(struct repl *r, int count)
{
	AUTO_ERR e = ERR_INIT;
	size_t at = 0;

	while (count-- > 0 && wait_bytes(r, BANNER, strlen(BANNER), &at, stream_deadline(REPEAT_MS),
					 &e) == WAIT_FOUND)
		consume(r, at + strlen(BANNER));
}

enum repl_asked repl_ask(struct repl *r, int wait_ms, struct err *e)
{
	static const char ask[] = "\r\x03\x03\x01";
	int64_t deadline = stream_deadline(wait_ms);
	size_t at = 0;

	r->asked_ms = clock_ms();
	if (!stream_write(r->stream, ask, strlen(ask), deadline, e))
		return REPL_FAILED;
	switch (wait_bytes(r, BANNER, strlen(BANNER), &at, deadline, e)) {
	case WAIT_FAILED:
		return REPL_FAILED;
	case WAIT_TIMEOUT:
		r->asked++;
		return REPL_NO_ANSWER;
	case WAIT_FOUND:
		break;
	}
	r->was_busy = said_busy(r->in.buf, at);
	r->restarted = false;
	consume(r, at + strlen(BANNER));
	drop_repeats(r, r->asked);
	r->asked = 0;
	return REPL_ENTERED;
}

bool repl_enter(struct repl *r, int timeout_ms, struct err *e)
{
	int64_t deadline = stream_deadline(timeout_ms);

	strbuf_reset(&r->in);
	r->asked = 0;
	for (;;) {
		int wait = stream_left(deadline);

		if (wait == 0)
			return no_answer(r, "the raw REPL", e);
		switch (repl_ask(r, wait > ASK_AGAIN_MS ? ASK_AGAIN_MS : wait, e)) {
		case REPL_ENTERED:
			return true;
		case REPL_FAILED:
			return false;
		case REPL_NO_ANSWER:
			break;
		}
	}
}

bool repl_wait_prompt(struct repl *r, int timeout_ms)
{
	AUTO_ERR e = ERR_INIT;
	size_t at = 0;
	bool found = wait_bytes(r, PROMPT, strlen(PROMPT), &at, stream_deadline(timeout_ms), &e) ==
		     WAIT_FOUND;

	strbuf_reset(&r->in);
	return found;
}

/*
 * take_until in the middle of an answer, where firmware that starts anew will never give the rest: that is seen at once and
 * not at the end of the time.
 */
static bool take_answer(struct repl *r, const char *text, size_t len, struct strbuf *out,
			const char *expected, int64_t deadline, struct err *e)
{
	for (;;) {
		int64_t soon = stream_deadline(RESTART_LOOK_MS);
		size_t at = 0;
		enum wait_result result =
			wait_bytes(r, text, len, &at, soon < deadline ? soon : deadline, e);
		const char *sign =
			repl_find_restart(r->in.buf, result == WAIT_FOUND ? at : r->in.len);

		if (result == WAIT_FAILED)
			return false;
		if (sign) {
			consume(r, (size_t)(sign - r->in.buf));
			r->restarted = true;
			err_set(e, "%s restarted in the middle of its answer", r->stream->name);
			return err_hint(e, "its power supply may be weak, or a watchdog runs");
		}
		if (result == WAIT_FOUND || stream_left(deadline) == 0)
			return take_until(r, text, len, out, expected, deadline, e);
	}
}

/* "OK", then what was printed, Ctrl-D, the traceback, Ctrl-D, ">". */
static bool take_result(struct repl *r, struct strbuf *out, struct strbuf *error, int64_t deadline,
			struct err *e)
{
	static const char end[] = { CTRL_D, 0 };

	return take_answer(r, end, 1, out, "the end of the output", deadline, e) &&
	       take_answer(r, end, 1, error, "the end of the traceback", deadline, e) &&
	       take_until(r, ">", 1, NULL, "the raw prompt", deadline, e);
}

static bool exec_plain(struct repl *r, const char *script, size_t len, struct strbuf *out,
		       struct strbuf *error, int64_t deadline, struct err *e)
{
	static const char run[] = { CTRL_D, 0 };

	while (len) {
		size_t n = len < PLAIN_CHUNK ? len : PLAIN_CHUNK;

		if (!stream_write(r->stream, script, n, deadline, e))
			return false;
		script += n;
		len -= n;
		if (len)
			clock_sleep_ms(PLAIN_PAUSE_MS);
	}
	return stream_write(r->stream, run, 1, deadline, e) &&
	       take_answer(r, "OK", 2, NULL, "OK", deadline, e) &&
	       take_result(r, out, error, deadline, e);
}

/* One byte of the board's; 0..255, or -1 with an error. */
static int take_byte(struct repl *r, const char *expected, int64_t deadline, struct err *e)
{
	char byte;
	long n;

	if (r->in.len) {
		byte = r->in.buf[0];
		consume(r, 1);
		return (unsigned char)byte;
	}
	n = stream_read(r->stream, &byte, 1, deadline, e);
	if (n == 0)
		no_answer(r, expected, e);
	return n == 1 ? (unsigned char)byte : -1;
}

enum paste_start { PASTE_READY, PASTE_UNKNOWN, PASTE_FAILED };

/* Asks for raw paste: "R" 1 and the window, "R" 0 when switched off; old firmware prints its banner again. */
static enum paste_start paste_begin(struct repl *r, unsigned *window, int64_t deadline,
				    struct err *e)
{
	static const char ask[] = { 5, 'A', CTRL_A };
	int b[4];

	if (!stream_write(r->stream, ask, sizeof(ask), deadline, e))
		return PASTE_FAILED;
	for (int i = 0; i < 2; i++)
		if ((b[i] = take_byte(r, "raw paste", deadline, e)) < 0)
			return PASTE_FAILED;
	if (b[0] == 'R' && b[1] == 0)
		return PASTE_UNKNOWN;
	if (b[0] != 'R' || b[1] != 1)
		return take_until(r, ">", 1, NULL, "the raw prompt", deadline, e) ? PASTE_UNKNOWN
										  : PASTE_FAILED;
	for (int i = 2; i < 4; i++)
		if ((b[i] = take_byte(r, "the paste window", deadline, e)) < 0)
			return PASTE_FAILED;
	*window = (unsigned)b[2] | (unsigned)b[3] << 8;
	if (*window == 0) {
		err_set(e, "%s offers raw paste with an empty window", r->stream->name);
		return PASTE_FAILED;
	}
	return PASTE_READY;
}

/* Sends the script as the board's windows allow; *stopped: the board wants no more of it. */
static bool paste_script(struct repl *r, unsigned window, const char *script, size_t len,
			 bool *stopped, int64_t deadline, struct err *e)
{
	size_t room = window;

	while (len && !*stopped) {
		size_t n = len < room ? len : room;

		if (!stream_write(r->stream, script, n, deadline, e))
			return false;
		script += n;
		len -= n;
		room -= n;
		while (len && room == 0 && !*stopped) {
			int c = take_byte(r, "a paste window", deadline, e);

			if (c < 0)
				return false;
			if (c != CTRL_A && c != CTRL_D)
				return err_set(e, "%s answers byte 0x%02x in raw paste",
					       r->stream->name, (unsigned)c);
			*stopped = c == CTRL_D;
			room = window;
		}
	}
	return true;
}

static bool exec_paste(struct repl *r, unsigned window, const char *script, size_t len,
		       struct strbuf *out, struct strbuf *error, int64_t deadline, struct err *e)
{
	static const char end[] = { CTRL_D, 0 };
	bool stopped = false;

	if (!paste_script(r, window, script, len, &stopped, deadline, e) ||
	    !stream_write(r->stream, end, 1, deadline, e))
		return false;
	/* The board confirms the end of data with a Ctrl-D; windows may still come before it. */
	if (!stopped && !take_answer(r, end, 1, NULL, "the end of raw paste", deadline, e))
		return false;
	return take_result(r, out, error, deadline, e);
}

bool repl_exec(struct repl *r, enum repl_mode mode, const char *script, size_t len,
	       struct strbuf *out, struct strbuf *error, int timeout_ms, struct err *e)
{
	int64_t deadline = stream_deadline(timeout_ms);
	unsigned window = 0;

	if (mode == REPL_AUTO)
		mode = len <= PLAIN_CHUNK ? REPL_PLAIN : REPL_PASTE;
	if (mode == REPL_PLAIN || r->no_paste)
		return exec_plain(r, script, len, out, error, deadline, e);
	switch (paste_begin(r, &window, deadline, e)) {
	case PASTE_READY:
		return exec_paste(r, window, script, len, out, error, deadline, e);
	case PASTE_UNKNOWN:
		r->no_paste = true;
		return exec_plain(r, script, len, out, error, deadline, e);
	case PASTE_FAILED:
		break;
	}
	return false;
}

void repl_add_reason(const struct strbuf *traceback, struct strbuf *out)
{
	AUTO_STRBUF line = STRBUF_INIT;
	size_t end = traceback->len, from;

	while (end && strchr("\r\n", traceback->buf[end - 1]))
		end--;
	for (from = end; from && traceback->buf[from - 1] != '\n';)
		from--;
	strbuf_add(&line, traceback->buf + from, end - from);
	strbuf_add_shown(out, line.buf, REASON_SHOWN);
}

bool repl_leave(struct repl *r, int timeout_ms, struct err *e)
{
	int64_t deadline = stream_deadline(timeout_ms);

	strbuf_reset(&r->in);
	return stream_write(r->stream, "\r\x02", 2, deadline, e) &&
	       take_until(r, PROMPT, strlen(PROMPT), NULL, "the prompt", deadline, e);
}

bool repl_soft_reset(struct repl *r, int timeout_ms, struct err *e)
{
	static const char reset[] = { CTRL_D, 0 };
	int64_t deadline = stream_deadline(timeout_ms);

	strbuf_reset(&r->in);
	return stream_write(r->stream, reset, 1, deadline, e) &&
	       take_until(r, "soft reboot", strlen("soft reboot"), NULL, "a soft reset", deadline,
			  e);
}
