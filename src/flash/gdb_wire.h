/* SPDX-License-Identifier: MIT
 *
 * A connection to a GDB server: one request at a time, with what a line may do to it: lost and garbled packets, console output
 * and notifications in between.
 */
#ifndef FLASH_GDB_WIRE_H
#define FLASH_GDB_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "flash/gdb_packet.h"
#include "os/stream.h"

enum {
	GDB_MS = 10000,       /* for an answer to what takes no time */
	GDB_LONG_MS = 120000, /* to what erases, programs, or resets */
	GDB_PACKET_SIZE =
		400, /* bytes of a packet where the server does not say: GDB's own guess */
};

struct gdb_wire {
	struct stream stream;
	struct gdb_reader reader;
	unsigned char heard[8192]; /* bytes that came and were not looked at yet */
	size_t heard_count, heard_next;
	struct strbuf out;     /* the packet on its way */
	struct strbuf console; /* what the server printed since gdb_wire_quiet, or the last of it */
	bool no_ack;
	bool broken;        /* the connection failed; no use in asking more */
	size_t packet_size; /* the largest packet that it takes, frame included */
};

#define GDB_WIRE_INIT                                                                 \
	{                                                                             \
		.stream = STREAM_INIT, .reader = GDB_READER_INIT, .out = STRBUF_INIT, \
		.console = STRBUF_INIT, .packet_size = GDB_PACKET_SIZE,               \
	}
void gdb_wire_close(struct gdb_wire *w); /* back to GDB_WIRE_INIT */

/*
 * Connects to "HOST:PORT", "unix:/path", or a path: of a socket or of a serial port. A leading "gdb:" is skipped. `w` is
 * GDB_WIRE_INIT, and is closed by gdb_wire_close also after an error.
 */
bool gdb_wire_open(struct gdb_wire *w, const char *where, struct err *e);

/* Does the text have the form of HOST:PORT, or one of the others? */
bool gdb_wire_is_place(const char *where);

/*
 * Sends a packet and waits for its answer, which then is in w->reader.data. A stop reply that nobody asked for is skipped; `stop`
 * says that one is wanted. What the server makes of the request is for gdb_wire_ok and its like to tell.
 */
struct gdb_request {
	const void *data;
	size_t len;
	bool stop;
	int timeout_ms; /* 0: GDB_MS */
};
bool gdb_wire_send(struct gdb_wire *w, const struct gdb_request *r, struct err *e);

/* The same for text. */
bool gdb_wire_ask(struct gdb_wire *w, int timeout_ms, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* A packet that has no answer ("R00"). */
bool gdb_wire_tell(struct gdb_wire *w, const char *packet, struct err *e);

/* The answer, as text. */
const char *gdb_wire_answer(const struct gdb_wire *w);
bool gdb_wire_is_ok(const struct gdb_wire *w);
/* An error's answer: "E01", "E.text"; an empty one: the server does not know the request. */
bool gdb_wire_is_error(const struct gdb_wire *w);
bool gdb_wire_is_unknown(const struct gdb_wire *w);
/* A stop reply: the target is there, and halted. */
bool gdb_wire_is_stop(const struct gdb_wire *w);

/* Sets the error "WHAT: the server refused (E01): what it printed". Always false. */
bool gdb_wire_refused(const struct gdb_wire *w, struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * A command for the server itself (GDB's `monitor`); *done: it knows the command and carried it out. What it printed is in w->console.
 */
bool gdb_wire_monitor(struct gdb_wire *w, const char *command, bool *done, struct err *e);

#endif
