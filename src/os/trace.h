/* SPDX-License-Identifier: MIT
 *
 * Tracing: every path that a build read, executed, listed, looked at or looked for in vain.
 *
 * A small static program, mpflash-trace, stands before the build's argv. It installs a seccomp filter with user
 * notification (no privilege, works in containers), resolves what each watched call names (working directory, openat's
 * folder) and writes it into a log. Links are not followed by it: the reader of the log does. What is not written when
 * the helper is killed is lost, but then the end record is missing too, and such a log is not complete.
 *
 * The log is a row of records, each ended by a NUL byte:
 *
 *     mpflash-trace 1            first: name and version of the format
 *     <kind><program>\t<path>    what happened: kind is a letter of enum trace_kind, program the base name of the file
 *                                that runs ("cc1", "make"), path absolute, as it was asked for (may hold ".", "..", links)
 *     c<program>\t<folder>[^_<word>]...  a compiler was started in that folder with these words (^_: TRACE_SEPARATOR)
 *     E<exit status or -signal>  last: all processes have ended; without it the log is not the whole story
 *     X<reason>                  something happened that cannot be followed (a 32-bit call, another root)
 *
 * A record that is the same as an earlier one is written once. `mpflash-trace --print LOG` shows one record a line.
 */
#ifndef OS_TRACE_H
#define OS_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum trace_kind {
	TRACE_READ = 'r', /* opened for reading, found or not */
	TRACE_EXEC =
		'x', /* executed (also the interpreter of a script and of an ELF), found or not */
	TRACE_STAT = 's',  /* stat, access: found or not */
	TRACE_LIST = 'l',  /* the names in a folder were read */
	TRACE_WRITE = 'w', /* opened for writing or creating (then also TRACE_READ when for both) */
	TRACE_COMMAND = 'c', /* a compiler's command line; not among the events */
};

#define TRACE_SEPARATOR '\x1f'

struct trace_event {
	enum trace_kind kind;
	const char *program;
	const char *path;
};

struct trace_log {
	struct arena arena;
	VEC(struct trace_event) events; /* strings in the arena */
	struct strv commands;           /* of compilers: FOLDER^_WORD^_WORD..., in their order */
	bool complete;                  /* the end was reached and nothing was untraceable */
	bool ended;                     /* it has its end record */
	const char *why; /* when not complete: a sentence's end ("a 32-bit program ran") */
};

/*
 * Whether builds can be traced here: the helper is there and the kernel lets it work. `why` (may be NULL) gets the
 * reason when not. Runs the helper once: some milliseconds.
 */
bool trace_supported(struct strbuf *why);

/*
 * Appends the words that stand before a build's argv: the helper and its options. Strings in the arena. hold_fd (-1:
 * none) is an open file that the helper inherits (keep_fds) and keeps open until the build's last process has ended, but
 * that the build does not get: the lock of the work folder.
 *
 * The helper ends like the build: its exit status, or killed by its signal; 125 when it cannot trace, 127 when the program
 * cannot be run. It waits for all processes of the build, also for those that outlive the first. SIGTERM to its group
 * ends the build within two seconds; when the one who started it with process_start dies, all is killed at once.
 */
void trace_words(struct arena *a, const char *log_path, int hold_fd, struct strv *out);

/* Where the helper is, in the arena; NULL: nowhere. It is static: it runs in any container of its machine. */
const char *trace_helper(struct arena *a);

/*
 * Appends the words for the first process of a container: it locks the file `lock`, opens the named pipe `fifo` (NULL: none) as
 * file TRACE_JOBS_FD, and ends everything when its standard input ends. The strings are used as they are.
 */
enum { TRACE_JOBS_FD = 9 };
void trace_inside_words(const char *helper, const char *lock, const char *fifo, struct strv *out);

/* Reads a log; false when there is none. A damaged one is not complete. */
bool trace_read(struct trace_log *log, const char *path, struct err *e);

/* The same from memory, of which a copy is made. */
void trace_parse(struct trace_log *log, const void *data, size_t size);

void trace_free(struct trace_log *log);

#endif
