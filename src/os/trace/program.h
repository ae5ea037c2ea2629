/* SPDX-License-Identifier: MIT
 *
 * What the kernel reads to run a file, besides the file: it does so without any system call that could be watched.
 */
#ifndef OS_TRACE_PROGRAM_H
#define OS_TRACE_PROGRAM_H

#include <sys/types.h>

#include "base/strbuf.h"

struct event;

/*
 * Adds the file, the interpreters of scripts, and the loader of an ELF file, each whether found or not, and sets the
 * event's program to the base name of the one that will run.
 */
void program_read(struct event *ev, pid_t tid, const struct strbuf *path);

#endif
