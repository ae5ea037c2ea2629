/* SPDX-License-Identifier: MIT
 *
 * TCP as a client, without waiting longer than asked.
 */
#ifndef OS_TCP_H
#define OS_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "os/stream.h"

/*
 * Connects to `port` (a number) of `host` (a name or an address); small packets go out at once. Addresses of a name are tried one after
 * the other. `s` is STREAM_INIT. (Looking a name up is the C library's, with time-outs of its own.)
 */
bool tcp_connect(struct stream *s, const char *host, const char *port, int64_t deadline,
		 struct err *e);

#endif
