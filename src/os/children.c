/* SPDX-License-Identifier: MIT
 *
 * One poll loop over the pipes of all children.
 */
#include "os/children.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/clock.h"
#include "os/process.h"

enum {
	MAX_SAID = 1 << 20,
	LOOK_MS = 200 /* for an interrupt just before the wait */,
	REAP_MS = 5,
	REAP_ROUNDS = 20
};

struct child {
	struct children_job *job;
	pid_t pid; /* 0: reaped */
	int fd;    /* -1: nothing more is expected of it */
	int64_t deadline;
};

void children_say(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

static int child_main(void *ctx, int fd)
{
	struct children_job *job = ctx;

	signal(SIGPIPE, SIG_IGN);
	job->fn(job->ctx, fd);
	return 0;
}

static bool start(struct child *c, struct children_job *job, struct err *e)
{
	*c = (struct child){ .job = job, .deadline = clock_ms() + job->first_ms };
	c->pid = process_fork(child_main, job, &c->fd, e);
	return c->pid > 0;
}

static void end(struct child *c)
{
	close(c->fd);
	c->fd = -1;
}

static void be_late(struct child *c)
{
	c->job->late = true;
	/* It may hang where no signal reaches it: it is told, and not waited for. */
	kill(c->pid, SIGKILL);
	end(c);
}

static void hear(struct child *c)
{
	char buf[4096];
	ssize_t n = read(c->fd, buf, sizeof(buf));

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		end(c);
		return;
	}
	if (!c->job->said.len)
		c->deadline = clock_ms() + c->job->more_ms;
	strbuf_add(&c->job->said, buf, (size_t)n);
	if (c->job->said.len > MAX_SAID)
		be_late(c);
}

/* Waits for whatever comes first. False when nothing is expected any more. */
static bool turn(struct child *children, struct pollfd *fds, size_t count, bool impatient)
{
	int64_t now = clock_ms(), next = INT64_MAX;

	for (size_t i = 0; i < count; i++) {
		struct child *c = &children[i];

		if (c->fd >= 0 && (impatient || c->deadline <= now))
			be_late(c);
		if (c->fd >= 0 && c->deadline < next)
			next = c->deadline;
		fds[i] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
	}
	if (next == INT64_MAX)
		return false;
	next = next - now > LOOK_MS ? LOOK_MS : next - now;
	if (poll(fds, (nfds_t)count, (int)next) <= 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (fds[i].revents)
			hear(&children[i]);
	return true;
}

/* They have closed their pipes, so they are about to end; one that hangs in the kernel is left to the system. */
static void reap(struct child *children, size_t count)
{
	for (int round = 0; round < REAP_ROUNDS; round++) {
		size_t left = 0;

		for (size_t i = 0; i < count; i++) {
			if (children[i].pid > 0 && waitpid(children[i].pid, NULL, WNOHANG) != 0)
				children[i].pid = 0;
			left += children[i].pid > 0;
		}
		if (!left)
			return;
		clock_sleep_ms(REAP_MS);
	}
}

bool children_run(struct children_job *jobs, size_t count, struct err *e)
{
	struct child *children = xcalloc(count + 1, sizeof(*children));
	struct pollfd *fds = xcalloc(count + 1, sizeof(*fds));
	int interrupts;
	size_t started = 0;
	bool ok = true;

	process_catch_interrupts();
	interrupts = process_interrupts();
	while (ok && started < count && (ok = start(&children[started], &jobs[started], e)))
		started++;
	while (turn(children, fds, started, process_interrupts() > interrupts + 1))
		;
	reap(children, started);
	free(children);
	free(fds);
	if (ok && process_interrupts() > interrupts) {
		ok = err_set(e, "interrupted");
		e->kind = ERR_INTERRUPTED;
	}
	return ok;
}
