/* SPDX-License-Identifier: MIT
 *
 * Answering the build's calls until all of its processes have ended.
 */
#ifndef OS_TRACE_SUPERVISE_H
#define OS_TRACE_SUPERVISE_H

#include "os/trace/family.h"
#include "os/trace/journal.h"

/* Before the first child: signals must not end us while somebody waits for an answer. */
void supervise_signals(void);

/*
 * Returns when nobody is left; `f` has how the build ended.
 *
 * After SIGTERM or SIGHUP the build has two seconds to end, and what it leaves behind ends with it; after SIGINT, which a
 * terminal sends to all of us, it may take its time. When our parent has died, all is killed at once.
 */
void supervise(int listener, struct family *f, struct journal *j);

#endif
