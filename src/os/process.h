/* SPDX-License-Identifier: MIT
 *
 * Child processes: argv (never a shell line), an explicit environment, a process group of their own, one place
 * that waits for them all.
 */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/strbuf.h"

struct process_spec {
	/* NULL-terminated; argv[0] without '/' is looked for on env's PATH */
	const char *const *argv;
	const char *const *env; /* "NAME=value", NULL-terminated; NULL: ours */
	const char *cwd;        /* NULL: ours */
	int out_fd;             /* gets stdout and stderr; 0: ours */
	/* stdin is a pipe that is never written to; *hold_fd is its other end, for the caller to close. NULL: /dev/null */
	int *hold_fd;
	/* process_run: hears what the child says as it comes, too; NULL: nobody does */
	void (*heard)(void *ctx, const char *data, size_t len);
	void *heard_ctx;
	const int *
		keep_fds; /* open files above 2 that the child keeps, under their numbers; ends with -1; NULL: none */
};

struct process_exit {
	int code;   /* exit status; -1 when a signal ended it */
	int signal; /* 0: none */
};

/*
 * Starts a child in a process group of its own, umask 022; where the system can, it gets SIGTERM when we die. -1 with an
 * error that names the program.
 */
pid_t process_start(const struct process_spec *spec, struct err *e);

/*
 * Forks a child in a group of its own that runs fn(ctx, fd) and exits with its result; what it writes to
 * fd can be read from *result_fd. -1 with an error when fork fails.
 */
pid_t process_fork(int (*fn)(void *ctx, int fd), void *ctx, int *result_fd, struct err *e);

/*
 * In a child of process_fork: it goes with its parent (`parent`, as getpid() said there), where the system can do that: SIGTERM. What it
 * tells a parent that is gone is lost, no more. With `gently`, SIGTERM and SIGINT do not end it but are for process_interrupted, so that it
 * gets to a place where it may stop.
 */
void process_follow(pid_t parent, bool gently);

/*
 * Waits for any one of `pids` (count of them; entries <= 0 are passed over) to end. Returns its index;
 * -1: timeout_ms went by (negative: no limit) or the user interrupted (see process_interrupted).
 */
int process_wait_any(const pid_t *pids, size_t count, int timeout_ms, struct process_exit *x);

/* The same, which also ends (-1) when `fd` can be read or when the terminal changed its size; fd -1: none. */
int process_wait_any_or(const pid_t *pids, size_t count, int fd, int timeout_ms,
			struct process_exit *x);

/* From here on SIGINT, SIGTERM and SIGHUP set a flag instead of ending us, so that work is put away first. */
void process_catch_interrupts(void);
bool process_interrupted(void);
int process_interrupts(void); /* how many came so far: who asks twice means it */

/* From here on SIGWINCH ends process_wait_any_or. */
void process_catch_resize(void);

/* Asks a child to come to an end: SIGTERM to it alone. */
void process_ask_to_end(pid_t pid);

/* Ends a child's whole group: SIGTERM, then SIGKILL after grace_ms; reaps the child (if nobody did). */
void process_end_group(pid_t pid, int grace_ms);

/* The same for many at once (entries <= 0 are passed over). A second interrupt by the user ends the grace. */
void process_end_groups(const pid_t *pids, size_t count, int grace_ms);

/*
 * Lets a child end what it started itself: SIGTERM to it alone, and SIGKILL to its group after grace_ms, or at another interrupt.
 */
void process_end_gently(pid_t pid, int grace_ms);

/* Waits for a child to end by itself; false: process_interrupts() is more than `interrupts_before` by now. */
bool process_wait_end(pid_t pid, int interrupts_before, struct process_exit *x);

/*
 * Runs to the end, stdout and stderr appended to out (NULL: dropped; more than 1 MiB is dropped). False when it
 * cannot start or timeout_ms went by (it is killed then); an exit status other than 0 is not an error here.
 */
bool process_run(const struct process_spec *spec, int timeout_ms, struct strbuf *out,
		 struct process_exit *x, struct err *e);

/* The file that `name` means on the PATH list `path`, absolute, owned by the caller; NULL: none. */
char *process_find_program(const char *name, const char *path);

/* How many processors this process may use; at least 1. */
int process_processors(void);

/* Words for people: "exit status 2", "signal 9 (Killed)". */
void process_exit_text(const struct process_exit *x, struct strbuf *out);

#endif
