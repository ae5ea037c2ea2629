/* SPDX-License-Identifier: MIT
 *
 * The system calls that name files: one table, from which the filter and the reading of events are made.
 */
#ifndef OS_TRACE_CALLS_H
#define OS_TRACE_CALLS_H

#include <stddef.h>
#include <stdint.h>

enum call_kind {
	CALL_OPEN,    /* flags: the argument with O_RDONLY... */
	CALL_OPENAT2, /* flags: the argument that points to a struct open_how */
	CALL_CREAT,   /* opens for writing */
	CALL_LOOK,    /* stat, access, chdir */
	CALL_EXEC,    /* replaces the program */
	CALL_LIST,    /* reads the names in the folder that `dir` is */
	CALL_NEW,     /* makes a name */
	CALL_GONE,    /* removes a name */
	CALL_CHANGE,  /* changes a file by its name */
	CALL_RENAME,  /* from (dir, path) to (dir2, path2) */
	CALL_LINK,    /* the same, and both stay */
	CALL_ESCAPE,  /* what runs afterwards means other files by the same paths */
	CALL_REFUSE,  /* is told that this kernel does not have it */
};

enum { CALL_NONE = -1 }; /* no such argument */

/* Arguments by their number. A call without `dir` is relative to the working folder. */
struct call {
	int nr;
	enum call_kind kind;
	int8_t dir, path, flags;
	int8_t dir2, path2;
	uint32_t only_with; /* of interest only when argument 0 has one of these bits; 0: always */
	const char *why;    /* CALL_ESCAPE: a sentence's end */
};

extern const struct call calls[];
extern const size_t calls_count;

const struct call *calls_find(int nr); /* NULL: none of ours */

#endif
