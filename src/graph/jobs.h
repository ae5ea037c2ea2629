/* SPDX-License-Identifier: MIT
 *
 * The session's jobs: -j of them, one for each compiler that runs, whether an inner make started it or we. The inner
 * makes take theirs from a jobserver, which is made when the first make wants it.
 */
#ifndef GRAPH_JOBS_H
#define GRAPH_JOBS_H

#include <stdbool.h>

#include "base/err.h"

struct session;
struct job_pool;

/*
 * Takes one job; false: all are taken. Without -j, below a make with a jobserver, they come from its pool. The one that
 * a step took before it starts is its make's first.
 */
bool session_take_job(struct session *s);
void session_put_job(struct session *s);

/* Can be read (poll) when a job is free that another process put back; -1: only we put any back. */
int session_job_fd(const struct session *s);

/*
 * For a make that we start: the value of its MAKEFLAGS (session's arena), and for process_spec.keep_fds the files that it
 * shares, ended with -1 (the session's).
 */
bool session_share_jobs(struct session *s, const char **makeflags, const int **keep_fds,
			struct err *e);

/*
 * The same for a make in a container: the pool's named pipe is mounted there and opened by the container's first process (see
 * trace_inside_words). *fifo NULL: the pool is a pipe of the make above us, which no container can have; it gets one job.
 */
bool session_share_jobs_inside(struct session *s, const char **makeflags, const char **fifo,
			       struct err *e);

/* How many run at once, as far as we know: -j, else the processors. */
int session_jobs(const struct session *s);

void session_close_jobs(struct session *s);

#endif
