/* SPDX-License-Identifier: MIT
 *
 * Child processes over POSIX. A self-pipe turns SIGCHLD and the interrupt signals into something poll sees,
 * so that one loop waits for everything.
 */
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/log.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "os/clock.h"
#include "os/fs.h"

static int wake_pipe[2] = { -1, -1 };
static volatile sig_atomic_t interrupts, resized;

static void on_signal(int sig)
{
	int saved = errno;

	if (sig == SIGWINCH)
		resized = 1;
	else if (sig != SIGCHLD && interrupts < SIG_ATOMIC_MAX)
		interrupts = interrupts + 1;
	/* A full pipe is fine: somebody is about to wake up. */
	(void)!write(wake_pipe[1], "", 1);
	errno = saved;
}

static void set_handler(int sig)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static void wake_init(void)
{
	sigset_t wanted;

	if (wake_pipe[0] >= 0)
		return;
	/* Whoever started us may have blocked them: then nothing would ever wake us up. */
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGHUP);
	sigprocmask(SIG_UNBLOCK, &wanted, NULL);
	if (pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		BUG("pipe: %s", strerror(errno));
	set_handler(SIGCHLD);
}

/* What our caller has us ignore (nohup; a shell's background jobs) stays ignored. */
static void set_handler_unless_ignored(int sig)
{
	struct sigaction now;

	if (sigaction(sig, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
		set_handler(sig);
}

void process_catch_interrupts(void)
{
	wake_init();
	set_handler_unless_ignored(SIGINT);
	set_handler_unless_ignored(SIGHUP);
	set_handler(SIGTERM);
}

bool process_interrupted(void)
{
	return interrupts > 0;
}

int process_interrupts(void)
{
	return interrupts;
}

void process_catch_resize(void)
{
	wake_init();
	set_handler(SIGWINCH);
}

/* In the child: undo what we set for ourselves. */
static void child_signals(void)
{
	static const int list[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGWINCH };
	sigset_t none;

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		signal(list[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static const char *env_path(const char *const *env)
{
	for (; env && *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return env ? "/usr/bin:/bin" : getenv("PATH");
}

extern char **environ;

/*
 * When we are killed, what we started must not go on writing into a folder that the next run uses. SIGTERM: make hands
 * it on to its children.
 */
static void end_with_parent(pid_t parent)
{
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127); /* it died before we asked */
#else
	(void)parent;
#endif
}

/*
 * What our caller left open (ninja's pipe, a shell's files) is not for a child: an emulator that outlives us would keep
 * the caller's pipe open for ever.
 */
static void keep_standard_files_only(void)
{
#ifdef CLOSE_RANGE_CLOEXEC
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
#endif
	for (int fd = 3; fd < 1024; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Runs in the child; does not return. The errno of a failure goes to report_fd. */
static _Noreturn void child_exec(const struct process_spec *spec, const char *program, pid_t parent,
				 int in_fd, int report_fd)
{
	int in = in_fd >= 0 ? in_fd : open("/dev/null", O_RDWR);
	int out = spec->out_fd;
	int number;

	setpgid(0, 0);
	child_signals();
	end_with_parent(parent);
	umask(022);
	if (in < 0 || dup2(in, 0) < 0)
		goto fail;
	if (out > 0 && (dup2(out, 1) < 0 || dup2(out, 2) < 0))
		goto fail;
	if (spec->cwd && chdir(spec->cwd) < 0)
		goto fail;
	keep_standard_files_only();
	for (const int *fd = spec->keep_fds; fd && *fd >= 0; fd++)
		fcntl(*fd, F_SETFD, 0);
	execve(program, (char *const *)spec->argv, spec->env ? (char *const *)spec->env : environ);
fail:
	number = errno;
	(void)!write(report_fd, &number, sizeof(number));
	_exit(127);
}

/* The reading end of a pipe, -1 when none is wanted; *hold_fd gets the other end. False: errno. */
static bool open_stdin(const struct process_spec *spec, int *in_fd)
{
	int ends[2];

	*in_fd = -1;
	if (!spec->hold_fd)
		return true;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	*in_fd = ends[0];
	*spec->hold_fd = ends[1];
	return true;
}

static void close_stdin(const struct process_spec *spec, int in_fd, bool started)
{
	if (in_fd < 0)
		return;
	close(in_fd);
	if (!started) {
		close(*spec->hold_fd);
		*spec->hold_fd = -1;
	}
}

static void tell(const struct process_spec *spec, const char *program)
{
	AUTO_STRBUF line = STRBUF_INIT;

	if (!log_shows(LOG_LEVEL_DEBUG))
		return;
	for (const char *const *word = spec->argv + 1; *word; word++)
		strbuf_addf(&line, " %s", *word);
	log_debug("run %s%s%s%s", program, line.buf, spec->cwd ? " in " : "",
		  spec->cwd ? spec->cwd : "");
}

pid_t process_start(const struct process_spec *spec, struct err *e)
{
	AUTO_FREE char *program = process_find_program(spec->argv[0], env_path(spec->env));
	pid_t pid, parent = getpid();
	int report[2], number = 0, in_fd;
	ssize_t n;

	wake_init();
	if (!program) {
		err_set(e, "cannot run %s: there is no such program", spec->argv[0]);
		return -1;
	}
	if (pipe2(report, O_CLOEXEC) < 0) {
		err_sys(e, errno, "cannot run %s", program);
		return -1;
	}
	if (!open_stdin(spec, &in_fd)) {
		err_sys(e, errno, "cannot run %s", program);
		close(report[0]);
		close(report[1]);
		return -1;
	}
	tell(spec, program);
	pid = fork();
	if (pid == 0)
		child_exec(spec, program, parent, in_fd, report[1]);
	number = errno;
	close(report[1]);
	if (pid > 0) {
		setpgid(pid, pid); /* both sides do it, so that it is done before either goes on */
		do {
			n = read(report[0], &number, sizeof(number));
		} while (n < 0 && errno == EINTR);
		if (n == (ssize_t)sizeof(number)) {
			waitpid(pid, NULL, 0);
			pid = -1;
		}
	}
	close(report[0]);
	close_stdin(spec, in_fd, pid > 0);
	if (pid < 0) {
		err_sys(e, number, "cannot run %s%s%s", program, spec->cwd ? " in " : "",
			spec->cwd ? spec->cwd : "");
		return -1;
	}
	return pid;
}

pid_t process_fork(int (*fn)(void *ctx, int fd), void *ctx, int *result_fd, struct err *e)
{
	int ends[2];
	pid_t pid;

	wake_init();
	if (pipe2(ends, O_CLOEXEC) < 0) {
		err_sys(e, errno, "cannot make a pipe");
		return -1;
	}
	fflush(NULL); /* or both processes would print what is buffered */
	pid = fork();
	if (pid == 0) {
		int code;

		setpgid(0, 0);
		close(ends[0]);
		child_signals();
		close(wake_pipe[0]);
		close(wake_pipe[1]);
		wake_pipe[0] = wake_pipe[1] = -1;
		code = fn(ctx, ends[1]);
		fflush(NULL);
		_exit(code);
	}
	close(ends[1]);
	if (pid < 0) {
		err_sys(e, errno, "cannot fork");
		close(ends[0]);
		return -1;
	}
	setpgid(pid, pid);
	*result_fd = ends[0];
	return pid;
}

void process_follow(pid_t parent, bool gently)
{
	signal(SIGPIPE, SIG_IGN);
	interrupts = 0;
	if (gently)
		process_catch_interrupts();
	end_with_parent(parent);
}

void process_ask_to_end(pid_t pid)
{
	if (pid > 0)
		kill(pid, SIGTERM);
}

static void decode_status(int status, struct process_exit *x)
{
	*x = (struct process_exit){ .code = -1 };
	if (WIFEXITED(status))
		x->code = WEXITSTATUS(status);
	else if (WIFSIGNALED(status))
		x->signal = WTERMSIG(status);
}

static int reap_one(const pid_t *pids, size_t count, struct process_exit *x)
{
	for (size_t i = 0; i < count; i++) {
		int status;

		if (pids[i] > 0 && waitpid(pids[i], &status, WNOHANG) == pids[i]) {
			decode_status(status, x);
			return (int)i;
		}
	}
	return -1;
}

/* Milliseconds until `deadline`; -1 for "no limit". */
static int time_left(int64_t deadline)
{
	int64_t left;

	if (deadline < 0)
		return -1;
	left = deadline - clock_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int process_wait_any_or(const pid_t *pids, size_t count, int fd, int timeout_ms,
			struct process_exit *x)
{
	int64_t deadline = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;

	wake_init();
	for (;;) {
		struct pollfd p[] = { { .fd = wake_pipe[0], .events = POLLIN },
				      { .fd = fd, .events = POLLIN } };
		char drain[64];
		int i = reap_one(pids, count, x);

		if (i >= 0 || interrupts)
			return i;
		if (poll(p, ARRAY_SIZE(p), time_left(deadline)) == 0 || p[1].revents || resized) {
			resized = 0;
			return reap_one(pids, count, x);
		}
		while (read(wake_pipe[0], drain, sizeof(drain)) > 0)
			;
	}
}

int process_wait_any(const pid_t *pids, size_t count, int timeout_ms, struct process_exit *x)
{
	int64_t deadline = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
	int i;

	do {
		i = process_wait_any_or(pids, count, -1, time_left(deadline), x);
	} while (i < 0 && !interrupts && time_left(deadline) != 0);
	return i;
}

/* Whether something of the group is left. A leader that nobody reaped would count: it is reaped here. */
static bool group_is_gone(pid_t pid)
{
	while (waitpid(-pid, NULL, WNOHANG) > 0)
		;
	return kill(-pid, 0) < 0;
}

void process_end_groups(const pid_t *pids, size_t count, int grace_ms)
{
	int64_t deadline = clock_ms() + grace_ms;
	size_t left;

	for (size_t i = 0; i < count; i++)
		if (pids[i] > 0)
			kill(-pids[i], SIGTERM);
	for (;;) {
		left = 0;
		for (size_t i = 0; i < count; i++)
			left += pids[i] > 0 && !group_is_gone(pids[i]);
		if (!left || clock_ms() >= deadline || interrupts > 1)
			break;
		clock_sleep_ms(5);
	}
	for (size_t i = 0; left && i < count; i++) {
		if (pids[i] <= 0 || kill(-pids[i], SIGKILL) < 0)
			continue;
		while (waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
			;
	}
}

void process_end_group(pid_t pid, int grace_ms)
{
	process_end_groups(&pid, 1, grace_ms);
}

void process_end_gently(pid_t pid, int grace_ms)
{
	int64_t deadline = clock_ms() + grace_ms;
	int before = process_interrupts();
	struct process_exit x;

	kill(pid, SIGTERM);
	while (clock_ms() < deadline && interrupts == before)
		if (reap_one(&pid, 1, &x) >= 0)
			break;
		else
			clock_sleep_ms(10);
	process_end_group(pid, 0);
}

bool process_wait_end(pid_t pid, int interrupts_before, struct process_exit *x)
{
	while (reap_one(&pid, 1, x) < 0) {
		if (interrupts > interrupts_before)
			return false;
		clock_sleep_ms(10);
	}
	return true;
}

/* Reads what is there; false at the end of the file. */
static bool pump(int fd, struct strbuf *out, const struct process_spec *spec)
{
	static const size_t cap = 1 << 20;
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n > 0 && spec->heard)
		spec->heard(spec->heard_ctx, buf, (size_t)n);
	if (n > 0 && out && out->len < cap)
		strbuf_add(out, buf, (size_t)n);
	return n > 0;
}

bool process_run(const struct process_spec *spec, int timeout_ms, struct strbuf *out,
		 struct process_exit *x, struct err *e)
{
	int64_t deadline = timeout_ms < 0 ? -1 : clock_ms() + timeout_ms;
	struct process_spec s = *spec;
	int ends[2], status;
	pid_t pid;
	bool open_end = true;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, errno, "cannot make a pipe");
	s.out_fd = ends[1];
	pid = process_start(&s, e);
	close(ends[1]);
	while (pid > 0 && open_end) {
		struct pollfd p = { .fd = ends[0], .events = POLLIN };
		int n = poll(&p, 1, time_left(deadline));

		if (n == 0) {
			process_end_group(pid, 200);
			err_set(e, "%s did not end within %d ms", spec->argv[0], timeout_ms);
			pid = -1;
		} else if (n > 0) {
			open_end = pump(ends[0], out, spec);
		}
	}
	close(ends[0]);
	if (pid < 0)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	decode_status(status, x);
	return true;
}

/* Absolute, because the child may run in another folder than we. */
static char *executable(const char *path)
{
	struct stat st;
	char cwd[PATH_MAX];
	AUTO_STRBUF full = STRBUF_INIT;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || access(path, X_OK) < 0)
		return NULL;
	if (path[0] != '/' && getcwd(cwd, sizeof(cwd)))
		strbuf_addf(&full, "%s/", cwd);
	strbuf_adds(&full, path);
	return strbuf_detach(&full);
}

char *process_find_program(const char *name, const char *path)
{
	AUTO_STRBUF candidate = STRBUF_INIT;

	if (strchr(name, '/'))
		return executable(name);
	while (path && *path) {
		size_t len = strcspn(path, ":");
		char *found;

		strbuf_reset(&candidate);
		strbuf_add(&candidate, path, len);
		strbuf_addf(&candidate, "%s%s", len ? "/" : "./", name);
		found = executable(candidate.buf);
		if (found)
			return found;
		path += len + (path[len] == ':');
	}
	return NULL;
}

void process_exit_text(const struct process_exit *x, struct strbuf *out)
{
	if (x->signal)
		strbuf_addf(out, "signal %d (%s)", x->signal, strsignal(x->signal));
	else
		strbuf_addf(out, "exit status %d", x->code);
}

int process_processors(void)
{
#ifdef __linux__
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return CPU_COUNT(&set);
#endif
	return sysconf(_SC_NPROCESSORS_ONLN) > 0 ? (int)sysconf(_SC_NPROCESSORS_ONLN) : 1;
}
