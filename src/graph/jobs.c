/* SPDX-License-Identifier: MIT
 *
 * Counting jobs, and the jobserver behind them. A run in which no make starts never asks which make there is.
 */
#include "graph/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/xalloc.h"
#include "build/env.h"
#include "build/workdir.h"
#include "graph/session.h"
#include "os/fs.h"
#include "os/jobserver.h"
#include "os/process.h"
#include "os/trace.h"

enum { VERSION_WAIT_MS = 20000 };

struct job_pool {
	int held;                 /* by steps of ours */
	bool joined;              /* the pool belongs to a make above us */
	struct jobserver *server; /* NULL: no make was started yet */
	const char *makeflags;
	int fds[3]; /* what makes inherit, ended with -1 */
};

int session_jobs(const struct session *s)
{
	int jobs = s->opt->jobs ? s->opt->jobs : process_processors();

	return jobs < JOBSERVER_MAX ? jobs : JOBSERVER_MAX;
}

static struct job_pool *get(struct session *s)
{
	s = s->top;
	if (s->jobs)
		return s->jobs;
	s->jobs = xcalloc(1, sizeof(*s->jobs));
	s->jobs->fds[0] = -1;
	/* Like make's: an explicit -j is a pool of its own. */
	if (!s->opt->jobs)
		s->jobs->server = jobserver_join(getenv("MAKEFLAGS"));
	s->jobs->joined = s->jobs->server != NULL;
	return s->jobs;
}

bool session_take_job(struct session *s)
{
	struct job_pool *j = get(s);
	bool taken = j->server ? jobserver_take(j->server) : j->held < session_jobs(s);

	j->held += taken;
	return taken;
}

void session_put_job(struct session *s)
{
	struct job_pool *j = get(s);

	j->held--;
	if (!j->server)
		return;
	jobserver_put(j->server);
	if (!j->held)
		jobserver_refill(j->server, 0);
}

int session_job_fd(const struct session *s)
{
	const struct job_pool *j = s->top->jobs;

	return j && j->server ? jobserver_wait_fd(j->server) : -1;
}

/* Whether make takes the name of a pipe: 4.4 and later do. One that does not say its version is taken for an older one. */
static bool make_takes_a_name(struct session *s)
{
	static const char *const argv[] = { "make", "--version", NULL };
	AUTO_ERR ignored = ERR_INIT;
	AUTO_STRBUF text = STRBUF_INIT;
	struct strv none = { 0 }, env = { 0 };
	struct process_exit x = { .code = -1 };
	const char *version;
	int major = 0, minor = 0;

	env_exact(&s->arena, &none, &env);
	vec_push(&env, NULL);
	process_run(&(struct process_spec){ .argv = argv, .env = env.items }, VERSION_WAIT_MS,
		    &text, &x, &ignored);
	vec_free(&env);
	version = x.code == 0 ? strstr(text.buf, "GNU Make ") : NULL;
	if (version) {
		char *end;

		major = (int)strtol(version + strlen("GNU Make "), &end, 10);
		minor = *end == '.' ? (int)strtol(end + 1, NULL, 10) : 0;
	}
	return major > 4 || (major == 4 && minor >= 4);
}

static bool create(struct session *s, struct job_pool *j, struct err *e)
{
	bool by_name = make_takes_a_name(s);
	const char *dir = by_name || s->top->contains ? s->work_root : NULL;

	if (dir && (!workdir_claim(dir, e) || !fs_mkdirs(dir, e)))
		return false;
	j->server = dir && !by_name ? jobserver_create_both(session_jobs(s), dir, e)
				    : jobserver_create(session_jobs(s), dir, e);
	if (!j->server)
		return false;
	for (int i = 0; i < j->held; i++)
		if (!jobserver_take(j->server))
			BUG("%d jobs are held, which is more than -j", j->held);
	return true;
}

bool session_share_jobs(struct session *s, const char **makeflags, const int **keep_fds,
			struct err *e)
{
	struct job_pool *j = get(s);

	if (!j->server && !create(s, j, e))
		return err_wrap(e, "the jobs of the makes");
	if (!j->makeflags) {
		j->makeflags = jobserver_makeflags(j->server, &s->top->arena);
		j->fds[jobserver_fds(j->server, j->fds)] = -1;
	}
	*makeflags = j->makeflags;
	*keep_fds = j->fds;
	return true;
}

bool session_share_jobs_inside(struct session *s, const char **makeflags, const char **fifo,
			       struct err *e)
{
	struct job_pool *j = get(s);

	if (!j->server && !create(s, j, e))
		return err_wrap(e, "the jobs of the makes");
	*fifo = jobserver_fifo(j->server);
	*makeflags =
		*fifo ? arena_printf(&s->top->arena,
				     " -j --jobserver-fds=%d,%d --jobserver-auth=%d,%d",
				     TRACE_JOBS_FD, TRACE_JOBS_FD, TRACE_JOBS_FD, TRACE_JOBS_FD)
		      : " -j1";
	return true;
}

void session_close_jobs(struct session *s)
{
	if (!s->jobs)
		return;
	jobserver_destroy(s->jobs->server);
	free(s->jobs);
	s->jobs = NULL;
}
