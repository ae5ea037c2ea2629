/* SPDX-License-Identifier: MIT
 *
 * Processes that outlive us, found again by a number in a file. Such a number may since belong to somebody else's
 * process, so nothing is believed and nothing is ended before the process has proven whose it is.
 */
#ifndef OS_DAEMON_H
#define OS_DAEMON_H

#include <stdbool.h>

/*
 * True when process `pid` runs and one of its arguments is `mark`, an absolute path that only our own processes
 * were started with. Where the system does not tell, false.
 */
bool daemon_is_ours(long pid, const char *mark);

/* Ends such a process: SIGTERM, SIGKILL after grace_ms; returns when it is gone. False: not ours, or still there. */
bool daemon_end(long pid, const char *mark, int grace_ms);

#endif
