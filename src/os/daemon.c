/* SPDX-License-Identifier: MIT
 *
 * Proof and end of detached processes, through /proc. A pidfd taken before the proof makes sure that the signal
 * goes to the process that was looked at.
 */
#include "os/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/pidfd.h>
#endif

#include "base/strbuf.h"
#include "os/clock.h"
#include "os/fs.h"

enum { POLL_MS = 5, KILL_WAIT_MS = 2000, MAX_CMDLINE = 2 << 20 };

bool daemon_is_ours(long pid, const char *mark)
{
	AUTO_STRBUF args = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	char path[64];

	if (pid <= 1)
		return false;
	snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	/* Empty for a zombie: that one is gone as far as anybody cares. */
	if (!fs_read(&args, path, MAX_CMDLINE, &e))
		return false;
	for (const char *p = args.buf; p < args.buf + args.len; p += strlen(p) + 1)
		if (strcmp(p, mark) == 0)
			return true;
	return false;
}

static bool wait_gone(long pid, const char *mark, int ms)
{
	int64_t end = clock_ms() + ms;

	while (daemon_is_ours(pid, mark)) {
		if (clock_ms() >= end)
			return false;
		clock_sleep_ms(POLL_MS);
	}
	return true;
}

static void send_signal(int pidfd, long pid, int sig)
{
#ifdef __linux__
	if (pidfd >= 0) {
		pidfd_send_signal(pidfd, sig, NULL, 0);
		return;
	}
#endif
	(void)pidfd;
	kill((pid_t)pid, sig);
}

bool daemon_end(long pid, const char *mark, int grace_ms)
{
	AUTO_FD pidfd = -1;

	if (pid <= 1)
		return false;
#ifdef __linux__
	pidfd = pidfd_open((pid_t)pid, 0);
#endif
	if (!daemon_is_ours(pid, mark))
		return false;
	send_signal(pidfd, pid, SIGTERM);
	if (wait_gone(pid, mark, grace_ms))
		return true;
	send_signal(pidfd, pid, SIGKILL);
	return wait_gone(pid, mark, KILL_WAIT_MS);
}
