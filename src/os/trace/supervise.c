/* SPDX-License-Identifier: MIT
 *
 * One loop: receive, read, answer, write down. The answer comes before the record is made: it is also the proof that
 * the caller was there all the time, so that what was read was its own.
 */
#include "os/trace/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/trace.h"
#include "os/trace/event.h"
#include "os/trace/filter.h"

enum { AGAIN_MS = 5, ENDING_MS = 2000 };

static volatile sig_atomic_t woken;     /* there is more to do than to answer */
static volatile sig_atomic_t told_once; /* SIGINT came, or more */
static volatile sig_atomic_t told_term; /* SIGTERM or SIGHUP came */
static timer_t again;
static pid_t parent; /* who started us */

static void arm(void)
{
	static const struct itimerspec soon = { .it_value = { .tv_nsec = AGAIN_MS * 1000000L } };

	timer_settime(again, 0, &soon, NULL);
}

/*
 * A signal makes the waiting for calls return, but not when it comes just before the waiting begins. So it comes again,
 * by the timer, until the loop has seen `woken`.
 */
static void on_signal(int sig)
{
	int saved = errno;

	if (sig == SIGALRM && !woken && !told_term)
		return;
	woken = 1;
	if (sig != SIGCHLD && sig != SIGALRM)
		told_once = 1;
	if (sig == SIGTERM || sig == SIGHUP)
		told_term = 1;
	arm();
	errno = saved;
}

void supervise_signals(void)
{
	static const int told[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction sa = { .sa_handler = on_signal },
			 now; /* no SA_RESTART: calls must return */
	sigset_t ours;

	sigemptyset(&sa.sa_mask);
	sigemptyset(&ours);
	sigaddset(&ours, SIGCHLD);
	sigaddset(&ours, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &ours, NULL);
	parent = getppid();
	if (timer_create(CLOCK_MONOTONIC, NULL, &again) < 0)
		BUG("timer_create: %s", strerror(errno));
	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGCHLD, &sa, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(told); i++)
		if (sigaction(told[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			sigaction(told[i], &sa, NULL);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

struct supervisor {
	int listener;
	struct family *family;
	struct journal *journal;
	struct event event;
	struct seccomp_notif *notif;
	long deadline; /* 0: nobody told us to end */
};

static void kill_all(struct supervisor *s, const char *why)
{
	family_kill(s->family);
	journal_escape(s->journal, why);
}

/* What signals asked for. */
static void look_around(struct supervisor *s)
{
	woken = 0;
	if (told_term && !s->deadline)
		s->deadline = now_ms() + ENDING_MS;
	family_reap(s->family);
	if (s->family->empty)
		return;
	if (getppid() != parent || (told_once && s->family->first_end) ||
	    (s->deadline && now_ms() >= s->deadline))
		kill_all(s, "the build was told to end");
}

static void write_down(struct supervisor *s)
{
	const struct event *ev = &s->event;

	if (ev->escape.len)
		journal_escape(s->journal, ev->escape.buf);
	if (ev->command.len)
		journal_add(s->journal, TRACE_COMMAND, ev->program.buf, ev->command.buf);
	for (size_t i = 0; i < ev->count; i++)
		for (const char *kind = ev->paths[i].kinds; *kind; kind++)
			journal_add(s->journal, *kind, ev->program.buf, ev->paths[i].path.buf);
}

static void serve(struct supervisor *s)
{
	int number;

	event_read(&s->event, s->notif);
	number = filter_answer(s->listener, s->notif->id);
	if (number == 0)
		write_down(s);
	else if (number != ENOENT && number != EINTR)
		kill_all(s, number == EINVAL ? "this kernel cannot let a watched call go on"
					     : "the kernel refused an answer");
}

/* Nobody who could ask is left, or the asker went away while it asked. */
static void maybe_all_gone(struct supervisor *s)
{
	struct pollfd p = { .fd = s->listener, .events = POLLIN };

	if (poll(&p, 1, 0) == 1 && (p.revents & POLLHUP))
		family_wait(s->family);
}

void supervise(int listener, struct family *f, struct journal *j)
{
	struct supervisor s = {
		.listener = listener, .family = f, .journal = j, .notif = filter_new_notif()
	};

	event_init(&s.event);
	filter_tune(listener);
	while (!f->empty) {
		int number = woken ? EINTR : filter_receive(listener, s.notif);

		if (number == 0)
			serve(&s);
		else if (number == EINTR)
			look_around(&s);
		else if (number == ENOENT)
			maybe_all_gone(&s);
		else
			kill_all(&s, "the kernel stopped telling what is read");
	}
	event_finish(&s.event);
	free(s.notif);
}
