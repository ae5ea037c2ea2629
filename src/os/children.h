/* SPDX-License-Identifier: MIT
 *
 * Work that may hang in the kernel (opening a serial port), done by one child process each, all at once, each with a time limit
 * that holds.
 */
#ifndef OS_CHILDREN_H
#define OS_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"

struct children_job {
	/* Runs in the child, in a process group of its own; what children_say writes to fd is `said` here. */
	void (*fn)(void *ctx, int fd);
	void *ctx;
	int first_ms;       /* limit for the first bytes (or the end) */
	int more_ms;        /* once they have come, for the rest */
	struct strbuf said; /* out: all that was said; STRBUF_INIT before, the caller frees it */
	bool late;          /* out: a limit has passed, and the child was killed */
};

/*
 * Runs them all and returns when each has ended or is late. An interrupt by the user does not end them: it is ERR_INTERRUPTED when
 * they are done; a second one kills them. False also when no process can be made; those that were started have ended then.
 */
bool children_run(struct children_job *jobs, size_t count, struct err *e);

/* In a child. A parent that is gone is no reason to stop. */
void children_say(int fd, const void *data, size_t len);

#endif
