/* SPDX-License-Identifier: MIT
 *
 * The first process of a container. A client that is killed tells its engine nothing, so the container has to end by itself:
 * its standard input is a pipe that mpflash holds open, and when that ends, so does everything in here.
 */
#ifndef OS_TRACE_INSIDE_H
#define OS_TRACE_INSIDE_H

#include <stdbool.h>

#include "base/strbuf.h"

struct inside {
	const char *lock; /* a file that is locked for as long as something runs in here */
	const char *
		fifo; /* the named pipe of a jobserver, opened as TRACE_JOBS_FD (os/trace.h); NULL: none */
	char **argv; /* NULL-terminated */
};

/*
 * Runs argv to its end, as init if need be: orphans are reaped, and what outlives argv is killed. *status: as wait tells it.
 * SIGTERM, SIGINT and SIGHUP are handed on, and two seconds later all is killed. False, with the reason, when it cannot start;
 * argv does not run at all when standard input has ended before the lock was got.
 */
bool inside_run(const struct inside *in, int *status, struct strbuf *why);

#endif
