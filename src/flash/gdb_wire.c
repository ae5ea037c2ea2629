/* SPDX-License-Identifier: MIT
 *
 * Requests and answers. While packets are acknowledged, one that got lost or broken is sent again; a server that was asked to stop
 * acknowledging (over TCP nothing gets lost) has no second try.
 */
#include "flash/gdb_wire.h"

#include <string.h>

#include "base/xalloc.h"
#include "os/tcp.h"
#include "os/tty.h"
#include "os/unixsock.h"

enum {
	CONNECT_MS = 5000,
	LOCK_MS = 2000,
	ACK_MS = 3000, /* after which a packet that nothing came back for is sent again */
	TRIES = 3,
	CONSOLE_MOST = 4096,
	SHOWN = 200,
};

void gdb_wire_close(struct gdb_wire *w)
{
	stream_close(&w->stream);
	gdb_reader_free(&w->reader);
	strbuf_free(&w->out);
	strbuf_free(&w->console);
	*w = (struct gdb_wire)GDB_WIRE_INIT;
}

/* --- where ---------------------------------------------------------------------------------------------------- */

static const char *skip_word(const char *where)
{
	return strncmp(where, "gdb:", 4) == 0 ? where + 4 : where;
}

/* The ':' before a port's number; NULL: there is none. */
static const char *port_of(const char *where)
{
	const char *colon = strrchr(where, ':');
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;

	return digits && digits <= 5 && !colon[1 + digits] ? colon : NULL;
}

bool gdb_wire_is_place(const char *where)
{
	where = skip_word(where);
	return *where == '/' || strncmp(where, "unix:", 5) == 0 || port_of(where);
}

static bool open_tcp(struct gdb_wire *w, const char *where, struct err *e)
{
	const char *colon = port_of(where);
	AUTO_FREE char *host = NULL;

	if (!colon) {
		err_set(e, "'%s' is no place of a GDB server", where);
		return err_hint(e, "HOST:PORT, unix:/path, or the path of a serial port");
	}
	if (*where == '[' && colon > where + 1 && colon[-1] == ']')
		host = xstrndup(where + 1, (size_t)(colon - where) - 2);
	else
		host = colon == where ? xstrdup("localhost")
				      : xstrndup(where, (size_t)(colon - where));
	if (tcp_connect(&w->stream, host, colon + 1, stream_deadline(CONNECT_MS), e))
		return true;
	return e->hint || e->kind == ERR_INTERRUPTED
		       ? false
		       : err_hint(e, "start the GDB server (openocd, pyocd gdbserver, ...), or "
				     "name another place: --probe HOST:PORT");
}

static bool open_unix(struct gdb_wire *w, const char *path, struct err *e)
{
	switch (unixsock_connect(&w->stream, path, stream_deadline(CONNECT_MS), e)) {
	case UNIXSOCK_CONNECTED:
		return true;
	case UNIXSOCK_ABSENT:
		return err_set(e, "no GDB server listens at %s", path);
	default:
		return false;
	}
}

bool gdb_wire_open(struct gdb_wire *w, const char *where, struct err *e)
{
	where = skip_word(where);
	if (strncmp(where, "unix:", 5) == 0)
		return open_unix(w, where + 5, e);
	if (*where != '/')
		return open_tcp(w, where, e);
	if (!tty_is_device(where))
		return open_unix(w, where, e);
	if (!tty_open(&w->stream, where, LOCK_MS, e))
		return false;
	/* Black Magic's firmware answers only while somebody listens: DTR. */
	AUTO_ERR no_lines = ERR_INIT;
	tty_set_lines(&w->stream, true, true, &no_lines);
	return true;
}

/* --- bytes ---------------------------------------------------------------------------------------------------- */

/* GDB_NOTHING: the deadline passed. -1: error. */
static int next_token(struct gdb_wire *w, int64_t deadline, struct err *e)
{
	for (;;) {
		long n;

		while (w->heard_next < w->heard_count) {
			enum gdb_token t = gdb_reader_take(&w->reader, w->heard[w->heard_next++]);

			if (t != GDB_NOTHING)
				return (int)t;
		}
		n = stream_read(&w->stream, w->heard, sizeof(w->heard), deadline, e);
		if (n <= 0)
			return (int)n;
		w->heard_count = (size_t)n;
		w->heard_next = 0;
		if (!stream_left(deadline)) /* a server that babbles */
			return GDB_NOTHING;
	}
}

static bool put(struct gdb_wire *w, const void *data, size_t len, struct err *e)
{
	return stream_write(&w->stream, data, len, stream_deadline(GDB_MS), e);
}

/* What is still there of an earlier exchange would be taken for the answer. */
static bool drop_input(struct gdb_wire *w, struct err *e)
{
	long n = 0;

	for (int i = 0; i < TRIES && (i == 0 || n == (long)sizeof(w->heard)); i++) {
		n = stream_read(&w->stream, w->heard, sizeof(w->heard), 0, e);
		if (n < 0)
			return false;
	}
	w->heard_count = w->heard_next = 0;
	gdb_reader_reset(&w->reader);
	return true;
}

/* --- console -------------------------------------------------------------------------------------------------- */

static bool is_hex(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (gdb_hex_digit(text[i]) < 0)
			return false;
	return len % 2 == 0;
}

/* Keeps the end of what was printed. */
static void add_console(struct gdb_wire *w, const char *hex, size_t len)
{
	size_t count = len / 2;
	AUTO_FREE char *text = xmalloc(count + 1);

	if (!gdb_hex_decode(hex, count * 2, text, count))
		return;
	if (w->console.len + count > CONSOLE_MOST)
		strbuf_reset(&w->console);
	strbuf_add(&w->console, text, count < CONSOLE_MOST ? count : CONSOLE_MOST);
}

static bool take_console(struct gdb_wire *w)
{
	const struct strbuf *d = &w->reader.data;

	if (!d->len || d->buf[0] != 'O' || !is_hex(d->buf + 1, d->len - 1))
		return false;
	add_console(w, d->buf + 1, d->len - 1);
	return true;
}

/* --- requests ------------------------------------------------------------------------------------------------- */

enum outcome { ANSWERED, FAILED, AGAIN };

struct wait {
	const struct gdb_request *request;
	int64_t deadline;
	bool acked;
	int broken;
};

static bool is_two_digits(const char *text)
{
	return gdb_hex_digit(text[0]) >= 0 && gdb_hex_digit(text[1]) >= 0;
}

bool gdb_wire_is_stop(const struct gdb_wire *w)
{
	const struct strbuf *d = &w->reader.data;

	return d->len >= 3 && (d->buf[0] == 'T' || d->buf[0] == 'S') && is_two_digits(d->buf + 1);
}

/* A packet came: is it the answer? */
static bool take_packet(struct gdb_wire *w, const struct wait *wait, bool *answer, struct err *e)
{
	const struct strbuf *d = &w->reader.data;

	*answer = false;
	if (!w->no_ack && !put(w, "+", 1, e))
		return false;
	if (take_console(w) || (!wait->request->stop && gdb_wire_is_stop(w)))
		return true;
	if (!wait->request->stop && d->len >= 3 && (d->buf[0] == 'W' || d->buf[0] == 'X') &&
	    is_two_digits(d->buf + 1))
		return err_set(e, "%s lost its target", w->stream.name);
	*answer = true;
	return true;
}

static enum outcome no_answer(struct gdb_wire *w, struct err *e)
{
	err_set(e, "%s does not answer", w->stream.name);
	err_hint(e, "is it a GDB server, and is no other debugger connected to it?");
	return FAILED;
}

static enum outcome broken_packet(struct gdb_wire *w, struct wait *wait, struct err *e)
{
	if (w->no_ack || ++wait->broken > TRIES) {
		err_set(e, "%s sends broken packets", w->stream.name);
		return FAILED;
	}
	return put(w, "-", 1, e) ? ANSWERED : FAILED;
}

static enum outcome wait_answer(struct gdb_wire *w, struct wait *wait, struct err *e)
{
	int64_t first = stream_deadline(ACK_MS);
	bool answer = false;
	int token;

	for (;;) {
		bool unsure = !w->no_ack && !wait->acked && first < wait->deadline;

		token = next_token(w, unsure ? first : wait->deadline, e);
		switch (token) {
		case -1:
			return FAILED;
		case GDB_NOTHING:
			return unsure ? AGAIN : no_answer(w, e);
		case GDB_ACK:
			wait->acked = true;
			break;
		case GDB_NAK:
			if (!w->no_ack)
				return AGAIN;
			break;
		case GDB_BROKEN:
			wait->acked = true; /* it has understood */
			if (broken_packet(w, wait, e) == FAILED)
				return FAILED;
			break;
		case GDB_PACKET:
			wait->acked = true;
			if (!take_packet(w, wait, &answer, e))
				return FAILED;
			if (answer)
				return ANSWERED;
			break;
		default:
			break;
		}
		if (!stream_left(wait->deadline))
			return no_answer(w, e);
	}
}

static bool send_and_wait(struct gdb_wire *w, const struct gdb_request *r, struct err *e)
{
	struct wait wait = { .request = r };

	if (!drop_input(w, e))
		return false;
	wait.deadline = stream_deadline(r->timeout_ms ? r->timeout_ms : GDB_MS);
	for (int i = 0; i < TRIES; i++) {
		if (!put(w, w->out.buf, w->out.len, e))
			return false;
		switch (wait_answer(w, &wait, e)) {
		case ANSWERED:
			return true;
		case FAILED:
			return false;
		default:
			break;
		}
	}
	return no_answer(w, e) == ANSWERED;
}

bool gdb_wire_send(struct gdb_wire *w, const struct gdb_request *r, struct err *e)
{
	strbuf_reset(&w->console);
	strbuf_reset(&w->out);
	gdb_packet_encode(&w->out, r->data, r->len);
	if (w->broken)
		return err_set(e, "the connection to %s failed before", w->stream.name);
	w->broken = !send_and_wait(w, r, e);
	return !w->broken;
}

bool gdb_wire_ask(struct gdb_wire *w, int timeout_ms, struct err *e, const char *fmt, ...)
{
	AUTO_STRBUF text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	return gdb_wire_send(w,
			     &(struct gdb_request){
				     .data = text.buf, .len = text.len, .timeout_ms = timeout_ms },
			     e);
}

bool gdb_wire_tell(struct gdb_wire *w, const char *packet, struct err *e)
{
	strbuf_reset(&w->out);
	gdb_packet_encode(&w->out, packet, strlen(packet));
	return put(w, w->out.buf, w->out.len, e);
}

/* --- answers -------------------------------------------------------------------------------------------------- */

const char *gdb_wire_answer(const struct gdb_wire *w)
{
	return w->reader.data.buf;
}

bool gdb_wire_is_ok(const struct gdb_wire *w)
{
	return w->reader.data.len == 2 && memcmp(w->reader.data.buf, "OK", 2) == 0;
}

bool gdb_wire_is_error(const struct gdb_wire *w)
{
	const struct strbuf *d = &w->reader.data;

	return (d->len == 3 && d->buf[0] == 'E' && is_two_digits(d->buf + 1)) ||
	       (d->len > 2 && d->buf[0] == 'E' && d->buf[1] == '.');
}

bool gdb_wire_is_unknown(const struct gdb_wire *w)
{
	return w->reader.data.len == 0;
}

/* The last line that was printed. */
static void last_line(const struct strbuf *text, struct strbuf *out)
{
	size_t end = text->len, start;

	while (end && (unsigned char)text->buf[end - 1] <= ' ')
		end--;
	start = end;
	while (start && text->buf[start - 1] != '\n')
		start--;
	strbuf_add(out, text->buf + start, end - start);
}

bool gdb_wire_refused(const struct gdb_wire *w, struct err *e, const char *fmt, ...)
{
	const struct strbuf *d = &w->reader.data;
	AUTO_STRBUF what = STRBUF_INIT, line = STRBUF_INIT, said = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&what, fmt, ap);
	va_end(ap);
	last_line(&w->console, &line);
	if (d->len > 2 && d->buf[1] == '.')
		strbuf_add_shown(&said, d->buf + 2, SHOWN);
	else if (d->len)
		strbuf_add_shown(&said, d->buf, SHOWN);
	else
		strbuf_adds(&said, "it does not know that");
	if (line.len) {
		strbuf_adds(&said, ": ");
		strbuf_add_shown(&said, line.buf, SHOWN);
	}
	return err_set(e, "%s: %s refused it: %s", what.buf, w->stream.name, said.buf);
}

bool gdb_wire_monitor(struct gdb_wire *w, const char *command, bool *done, struct err *e)
{
	AUTO_STRBUF packet = STRBUF_INIT;
	const struct strbuf *d = &w->reader.data;

	strbuf_adds(&packet, "qRcmd,");
	gdb_hex_encode(&packet, command, strlen(command));
	if (!gdb_wire_ask(w, GDB_LONG_MS, e, "%s", packet.buf))
		return err_wrap(e, "monitor %s", command);
	*done = d->len > 0 && !gdb_wire_is_error(w);
	if (*done && !gdb_wire_is_ok(w) && is_hex(d->buf, d->len))
		add_console(w, d->buf, d->len); /* output may be the answer itself */
	return true;
}
