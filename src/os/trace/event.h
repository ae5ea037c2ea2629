/* SPDX-License-Identifier: MIT
 *
 * One stopped system call, read into what it asks of which paths.
 */
#ifndef OS_TRACE_EVENT_H
#define OS_TRACE_EVENT_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/strbuf.h"

enum { EVENT_PATHS_MAX = 16 };

/* Buffers are kept from one event to the next. */
struct event {
	struct strbuf program; /* base name of the file that runs, or will run */
	struct event_path {
		const char *kinds; /* letters of enum trace_kind */
		struct strbuf path;
	} paths[EVENT_PATHS_MAX];
	size_t count;
	struct strbuf command; /* not empty: of a compiler that is about to run (command.h) */
	struct strbuf escape;  /* not empty: what cannot be followed, a sentence's end */
};

void event_init(struct event *ev);
void event_finish(struct event *ev);

/* Reads a notification. Good only if the caller is still there when it is answered. */
void event_read(struct event *ev, const struct seccomp_notif *n);

/* A room for one more path, empty; for program.c. */
struct strbuf *event_add(struct event *ev, const char *kinds);

/* Makes `path` absolute against the folder that `dir` is in the process; false: the call will fail by itself. */
bool event_absolute(struct event *ev, pid_t tid, int dir, struct strbuf *path);

#endif
