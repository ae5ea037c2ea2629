/* SPDX-License-Identifier: MIT
 *
 * mpflash-trace: runs a build and writes down every path that it asks for (os/trace.h has the format and the reasons). A
 * program of its own, static, because it must be able to stand in a container and because the one who answers must be
 * the ancestor of all who ask.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/trace/family.h"
#include "os/trace/inside.h"
#include "os/trace/journal.h"
#include "os/trace/launch.h"
#include "os/trace/supervise.h"
#include "os/trace/target.h"

static int usage(void)
{
	fputs("usage: mpflash-trace [--hold FD] LOG -- PROGRAM [ARG...]\n"
	      "       mpflash-trace --inside LOCK [FIFO] -- PROGRAM [ARG...]   the first process of a container\n"
	      "       mpflash-trace --check          can builds be traced here? says why not\n"
	      "       mpflash-trace --print LOG      one record a line\n",
	      stderr);
	return 2;
}

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "mpflash-trace: %s: %s\n", what, why);
	return 125;
}

/* Ends this process as the build ended. */
static int end_as(int status)
{
	static const struct rlimit no_core = { 0, 0 };

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	setrlimit(RLIMIT_CORE, &no_core);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}

static int status_number(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* Runs argv (NULL: the check) to its end. */
static bool run(char **argv, int hold_fd, struct journal *j, int *status, struct strbuf *why)
{
	struct family family = { .first = -1 };
	struct launch l;
	int number = target_open_proc();

	if (number) {
		strbuf_addf(why, "there is no /proc: %s", strerror(number));
		return false;
	}
	if (!family_adopt()) {
		strbuf_adds(why, "this kernel has no child subreapers");
		return false;
	}
	supervise_signals();
	if (!launch(&l, argv, hold_fd, why))
		return false;
	family.first = l.pid;
	supervise(l.listener, &family, j);
	close(l.listener);
	*status = family.status;
	return true;
}

static int trace(const char *log, char **argv, int hold_fd)
{
	AUTO_STRBUF why = STRBUF_INIT;
	struct journal j;
	int status;

	if (hold_fd >= 0 && fcntl(hold_fd, F_GETFD) < 0)
		return complain("--hold", strerror(errno));
	if (!journal_open(&j, log))
		return complain(log, strerror(errno));
	if (!run(argv, hold_fd, &j, &status, &why)) {
		journal_escape(&j, why.buf);
		journal_close(&j, 125);
		return complain("cannot trace", why.buf);
	}
	journal_close(&j, status_number(status));
	return end_as(status);
}

static int inside(int argc, char **argv)
{
	struct inside in = { .lock = argc > 2 ? argv[2] : NULL };
	AUTO_STRBUF why = STRBUF_INIT;
	int at = 3, status;

	if (argc > at && strcmp(argv[at], "--") != 0)
		in.fifo = argv[at++];
	if (argc < at + 2 || strcmp(argv[at], "--") != 0)
		return usage();
	in.argv = argv + at + 1;
	if (!inside_run(&in, &status, &why))
		return complain("--inside", why.buf);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The one value of a file of the kernel's; "" when there is none. */
static void read_setting(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");

	text[0] = '\0';
	if (f && fgets(text, (int)size, f))
		text[strcspn(text, "\n")] = '\0';
	if (f)
		fclose(f);
}

static int check(void)
{
	AUTO_STRBUF why = STRBUF_INIT;
	struct journal j;
	char scope[16];
	int status;

	journal_open(&j, NULL);
	if (run(NULL, -1, &j, &status, &why) && !journal_has(&j, LAUNCH_CHECK_PATH)) {
		read_setting("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof(scope));
		strbuf_adds(&why, "the kernel does not let a program look at its children");
		if (scope[0] >= '2')
			strbuf_addf(&why, " (kernel.yama.ptrace_scope is %s)", scope);
	}
	journal_close(&j, 0);
	if (!why.len)
		return 0;
	puts(why.buf);
	return 1;
}

static int print(const char *log)
{
	FILE *f = fopen(log, "re");
	int c;

	if (!f)
		return complain(log, strerror(errno));
	while ((c = getc(f)) != EOF)
		putchar(c == '\0' ? '\n' : c);
	fclose(f);
	return fflush(stdout) == 0 ? 0 : complain(log, strerror(errno));
}

static bool parse_fd(const char *text, int *fd)
{
	char *end;
	long n = strtol(text, &end, 10);

	*fd = (int)n;
	return *text && !*end && n > 2 && n < 1 << 20;
}

int main(int argc, char **argv)
{
	int hold_fd = -1;

	if (argc == 2 && !strcmp(argv[1], "--check"))
		return check();
	if (argc == 3 && !strcmp(argv[1], "--print"))
		return print(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "--inside"))
		return inside(argc, argv);
	if (argc > 2 && !strcmp(argv[1], "--hold")) {
		if (!parse_fd(argv[2], &hold_fd))
			return usage();
		argv += 2;
		argc -= 2;
	}
	if (argc < 4 || argv[1][0] == '-' || strcmp(argv[2], "--") != 0)
		return usage();
	return trace(argv[1], argv + 3, hold_fd);
}
