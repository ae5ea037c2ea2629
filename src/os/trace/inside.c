/* SPDX-License-Identifier: MIT
 *
 * One loop over two files: standard input, which ends when mpflash does, and a signalfd. As process 1 we get only signals that
 * we ask for, and our end is the end of all others.
 */
#include "os/trace/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "os/trace.h"
#include "os/trace/family.h"

enum { ENDING_MS = 2000, LOOK_MS = 10 };

static const int handed_on[] = { SIGTERM, SIGINT, SIGHUP };

/* Whether mpflash has let go of our standard input; whatever it may say is dropped. */
static bool is_at_end(void)
{
	char drop[64];
	ssize_t n = read(0, drop, sizeof(drop));

	return n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN);
}

static bool is_let_go(int wait_ms)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };

	return poll(&p, 1, wait_ms) > 0 && is_at_end();
}

/*
 * Held by its open file until this process ends. A lock that another holds is waited for: it is about to end. Who was let go
 * of by then must not touch what the next run may have begun.
 */
static bool take_lock(const char *path, struct strbuf *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), number = errno;

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		number = errno;
		if (number == EINTR || (number == EWOULDBLOCK && !is_let_go(LOOK_MS)))
			continue;
		close(fd);
		fd = -1;
	}
	if (fd >= 0 && !is_let_go(0))
		return true;
	if (fd >= 0 || number == EWOULDBLOCK)
		strbuf_adds(why, "mpflash has gone before it began");
	else
		strbuf_addf(why, "%s: %s", path, strerror(number));
	return false;
}

/* For reading and writing: it is never at its end, whoever else has it open. */
static bool open_jobs(const char *path, struct strbuf *why)
{
	int fd = open(path, O_RDWR);

	if (fd == TRACE_JOBS_FD)
		return true;
	if (fd < 0 || dup2(fd, TRACE_JOBS_FD) < 0) {
		strbuf_addf(why, "%s: %s", path, strerror(errno));
		return false;
	}
	close(fd);
	return true;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < sizeof(handed_on) / sizeof(*handed_on); i++)
		sigaddset(&set, handed_on[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static _Noreturn void run_child(char **argv)
{
	int null = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (null >= 0)
		dup2(null, 0);
	execvp(argv[0], argv);
	fprintf(stderr, "mpflash-trace: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Takes the signals; true: we were told to end. */
static bool read_signals(int fd)
{
	struct signalfd_siginfo info;
	bool told = false;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		told = told || info.ssi_signo != SIGCHLD;
	return told;
}

static void wait_for(struct family *f, int signals)
{
	struct pollfd p[] = { { .fd = 0, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
	int wait_ms = -1;

	for (;;) {
		int n = poll(p, 2, wait_ms);

		if (n == 0 || (n > 0 && p[0].revents && is_at_end()))
			break;
		if (n > 0 && p[1].revents && read_signals(signals)) {
			kill(f->first, SIGTERM);
			wait_ms = ENDING_MS;
		}
		family_reap(f);
		if (f->first_end)
			break;
	}
	family_kill(f);
}

bool inside_run(const struct inside *in, int *status, struct strbuf *why)
{
	struct family family = { .first = -1 };
	int signals = open_signals();

	if (!family_adopt() || !take_lock(in->lock, why) || (in->fifo && !open_jobs(in->fifo, why)))
		return false;
	fflush(NULL);
	family.first = fork();
	if (family.first == 0)
		run_child(in->argv);
	if (family.first < 0 || signals < 0) {
		strbuf_addf(why, "cannot fork: %s", strerror(errno));
		return false;
	}
	wait_for(&family, signals);
	*status = family.status;
	return true;
}
