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

#endif
