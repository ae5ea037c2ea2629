/* SPDX-License-Identifier: MIT
 *
 * Which process has a device open. Seen are our own processes, and with root's rights all.
 */
#ifndef OS_OPENERS_H
#define OS_OPENERS_H

#include <stdbool.h>
#include <stddef.h>

struct opener {
	const char *path; /* of the device; the caller's */
	long pid;         /* 0: nobody that we can see */
	char program[64]; /* as the kernel shortens it: "minicom" */
};

/* Fills pid and program of all, in one pass over the processes. Systems without /proc: nobody is seen. */
void openers_find(struct opener *items, size_t count);

/* The process that runs a program of that name (at most 15 bytes count); 0: none that we can see. */
long openers_program(const char *name);

/* Root needs no rights. */
bool openers_is_root(void);

/* May our user read and write this file or device? */
bool openers_may_open(const char *path);

#endif
