/* SPDX-License-Identifier: MIT
 *
 * All processes of the build: they are our children, or become so when their parents end (we are a subreaper).
 */
#ifndef OS_TRACE_FAMILY_H
#define OS_TRACE_FAMILY_H

#include <stdbool.h>
#include <sys/types.h>

struct family {
	pid_t first;    /* the build itself */
	int status;     /* how it ended, as wait tells it */
	bool first_end; /* it has ended */
	bool empty;     /* all have */
};

/* Before the first child: orphans of the build become ours. */
bool family_adopt(void);

/* Takes note of those that have ended; does not wait. */
void family_reap(struct family *f);

/* Waits for all. */
void family_wait(struct family *f);

/* Kills all, also those that left the process group, and waits until they are gone. */
void family_kill(struct family *f);

#endif
