/* SPDX-License-Identifier: MIT
 *
 * The child installs the filter itself, since a filter is for the process that asks for it, and passes the listener to
 * its parent over a socket. From then on it stops at each watched call until the parent answers.
 */
#include "os/trace/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/trace/filter.h"

union control {
	struct cmsghdr header; /* for its alignment */
	char space[CMSG_SPACE(sizeof(int))];
};

/* Passes an open file, or the errno of why there is none. */
static void send_listener(int sock, int listener, int number)
{
	struct iovec data = { .iov_base = &number, .iov_len = sizeof(number) };
	union control control = { .space = { 0 } };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (listener >= 0) {
		struct cmsghdr *c = &control.header;

		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &listener, sizeof(int));
	}
	if (sendmsg(sock, &message, 0) < 0)
		_exit(127);
}

/* The listener, or -1 with the child's errno. */
static int receive_listener(int sock)
{
	int number = ECHILD, listener = -1;
	struct iovec data = { .iov_base = &number, .iov_len = sizeof(number) };
	union control control = { .space = { 0 } };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n;

	do {
		n = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(number) && number == 0 && CMSG_FIRSTHDR(&message))
		memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	errno = number;
	return listener;
}

static _Noreturn void run_child(int sock, char **argv, int hold_fd, pid_t parent)
{
	static const int caught[] = { SIGINT, SIGHUP, SIGTERM, SIGQUIT };
	struct sigaction now;
	int listener;

	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		if (sigaction(caught[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
			signal(caught[i], SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127); /* it died before we asked */
	if (hold_fd >= 0)
		close(hold_fd);
	listener = filter_install();
	send_listener(sock, listener, listener < 0 ? errno : 0);
	if (listener < 0)
		_exit(127);
	close(listener);
	close(sock);
	if (!argv) {
		(void)!access(LAUNCH_CHECK_PATH, F_OK);
		_exit(0);
	}
	execvp(argv[0], argv);
	fprintf(stderr, "mpflash-trace: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static void explain(struct strbuf *why, int number)
{
	if (number == EBUSY)
		strbuf_adds(why, "something else traces this process already");
	else if (number == EINVAL || number == ENOSYS)
		strbuf_adds(why, "this kernel has no seccomp user notification");
	else
		strbuf_addf(why, "the kernel refuses a seccomp filter: %s", strerror(number));
}

bool launch(struct launch *l, char **argv, int hold_fd, struct strbuf *why)
{
	pid_t parent = getpid();
	int ends[2], number;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		strbuf_addf(why, "cannot make a socket: %s", strerror(errno));
		return false;
	}
	fflush(NULL);
	l->pid = fork();
	if (l->pid == 0)
		run_child(ends[1], argv, hold_fd, parent);
	number = errno;
	close(ends[1]);
	if (l->pid < 0) {
		close(ends[0]);
		strbuf_addf(why, "cannot fork: %s", strerror(number));
		return false;
	}
	l->listener = receive_listener(ends[0]);
	number = errno;
	close(ends[0]);
	if (l->listener >= 0)
		return true;
	while (waitpid(l->pid, NULL, 0) < 0 && errno == EINTR)
		;
	explain(why, number);
	return false;
}
