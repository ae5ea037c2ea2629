/* SPDX-License-Identifier: MIT
 *
 * Starting the build under the filter.
 */
#ifndef OS_TRACE_LAUNCH_H
#define OS_TRACE_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/strbuf.h"

/* The child of --check looks for this one file. */
#define LAUNCH_CHECK_PATH "/mpflash-trace looks for this"

struct launch {
	pid_t pid;
	int listener;
};

/*
 * Forks a child that gets the filter and then runs argv (NULL: looks for LAUNCH_CHECK_PATH, once) with our
 * environment and open files, but not hold_fd (-1: none). It is killed when we die. False: `why` has the reason.
 */
bool launch(struct launch *l, char **argv, int hold_fd, struct strbuf *why);

#endif
