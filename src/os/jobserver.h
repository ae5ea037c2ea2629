/* SPDX-License-Identifier: MIT
 *
 * A GNU make jobserver: one pool of tokens for all inner makes and for us, so that ten boards share the cores instead
 * of fighting over them. (GNU make manual, "Sharing Job Slots with GNU make".) A pipe serves make before 4.4, a
 * named pipe later ones.
 *
 * A make that runs has one token by itself, which we take from the pool before we start it (jobserver_take) and put
 * back when it has ended; for more it reads from the pool. A make that is killed may keep what it read: when nobody
 * holds a token the pool is filled up again (jobserver_refill).
 */
#ifndef OS_JOBSERVER_H
#define OS_JOBSERVER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

struct jobserver;

enum {
	JOBSERVER_MAX = 4096
}; /* tokens: what any pipe holds at once, so that putting one back never waits */

/*
 * `jobs` tokens, 1 to JOBSERVER_MAX. `fifo_dir`: where a named pipe may be made (a path without spaces); NULL: the pipe
 * form. NULL on error. A named pipe that a killed process left in fifo_dir is removed.
 */
struct jobserver *jobserver_create(int jobs, const char *fifo_dir, struct err *e);

/* A named pipe, which makes before 4.4 that we start inherit as an open file: for pools that containers share. */
struct jobserver *jobserver_create_both(int jobs, const char *fifo_dir, struct err *e);

/*
 * The pool of a make that started us, from its MAKEFLAGS (NULL: none); NULL when there is none that can be used. As a
 * make has, we have one token by itself: the first that is taken does not come from the pool.
 */
struct jobserver *jobserver_join(const char *makeflags);

/* Takes NULL; removes the named pipe. Tokens of a joined pool that are held are put back. */
void jobserver_destroy(struct jobserver *j);

/* Takes one token without waiting; false: none is free. */
bool jobserver_take(struct jobserver *j);
void jobserver_put(struct jobserver *j);

/* Can be read (poll) when a token is free; never to be read from. */
int jobserver_wait_fd(const struct jobserver *j);

/*
 * Puts back what was lost; only when nobody but us (holding `held` tokens) uses the pool. Gives how many were missing. A
 * joined pool is its owner's to fill: always 0.
 */
int jobserver_refill(struct jobserver *j, int held);

/* The value of MAKEFLAGS for a make that shares the pool, in the arena. */
const char *jobserver_makeflags(const struct jobserver *j, struct arena *a);

/* The files that this make has to inherit (pipe form: 2; named pipe: 0, or 1 with jobserver_create_both). */
int jobserver_fds(const struct jobserver *j, int fds[2]);

/* The named pipe, absolute, as long as the pool; NULL: it has none. */
const char *jobserver_fifo(const struct jobserver *j);

#endif
