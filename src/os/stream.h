/* SPDX-License-Identifier: MIT
 *
 * A byte stream to something that may be slow, silent or gone: a serial port, a pty, a unix socket. Every
 * wait has a deadline, in clock_ms() time, so that a silent peer is an error in bounded time.
 */
#ifndef OS_STREAM_H
#define OS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct stream {
	int fd;         /* non-blocking, close-on-exec; -1: closed */
	char *name;     /* for messages: the path it was opened by; owned */
	bool is_socket; /* written with send(), so that a closed peer raises no SIGPIPE */
	bool gone;      /* a read or a write found that the peer is no longer there */
};

#define STREAM_INIT      \
	{                \
		.fd = -1 \
	}
#define AUTO_STREAM __attribute__((cleanup(stream_close))) struct stream

/* The moment that lies `ms` milliseconds from now, and how many are left until it (0: it has passed). */
int64_t stream_deadline(int ms);
int stream_left(int64_t deadline);

/* Takes over an open fd, making it non-blocking and close-on-exec. */
bool stream_adopt(struct stream *s, int fd, const char *name, struct err *e);
void stream_close(struct stream *s); /* back to STREAM_INIT; takes a closed one too */

/*
 * Reads what is there, waiting for the first byte. Returns the number of bytes; 0 when the deadline passed (0 as
 * a deadline: do not wait); -1 with an error when the peer is gone or the user interrupted.
 */
long stream_read(struct stream *s, void *buf, size_t size, int64_t deadline, struct err *e);

/* Writes all of it; a peer that takes nothing until the deadline is an error. */
bool stream_write(struct stream *s, const void *data, size_t len, int64_t deadline, struct err *e);

#endif
