/* SPDX-License-Identifier: MIT
 *
 * File locks between processes: held until released or until the process ends, however it ends.
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

struct lock {
	int fd; /* -1: not held */
};
#define LOCK_INIT        \
	{                \
		.fd = -1 \
	}

/*
 * Tries to take the lock at `path` (the file is made). *taken says whether; when another process has it, its
 * words (pid and what it does) are appended to holder. `what` becomes our own words. False: the file cannot be made.
 */
bool lock_try(struct lock *l, const char *path, const char *what, bool *taken,
	      struct strbuf *holder, struct err *e);
void lock_release(struct lock *l);

/* Whether some process has the lock; nothing is made or written. Its words are appended to holder. */
bool lock_is_held(const char *path, struct strbuf *holder);

/*
 * A lock that many may hold together (`share`) or one alone; waits for it. The file is made; lock_join takes it shared
 * only when it is there and can be read, without a word (it changes nothing on the disk).
 */
bool lock_wait(struct lock *l, const char *path, bool share, struct err *e);
void lock_join(struct lock *l, const char *path);

/* From shared to alone when nobody else holds it; false: somebody does, and it is shared still. */
bool lock_alone(struct lock *l);
void lock_share(struct lock *l); /* back to shared */

/* Locks an open file itself for as long as `fd` is open, without waiting; false: somebody has it. */
bool lock_open_file(int fd);

#endif
