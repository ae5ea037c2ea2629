/* SPDX-License-Identifier: MIT
 *
 * Each act checks what its calls give back: the tracer must not change that.
 */
#define _GNU_SOURCE
#include "trace_acts.h"

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"

#define WANT(condition)                                                              \
	do {                                                                         \
		if (!(condition)) {                                                  \
			fprintf(stderr, "%s: %s (errno %s)\n", __func__, #condition, \
				strerror(errno));                                    \
			return 1;                                                    \
		}                                                                    \
	} while (0)

static int act_openat(void)
{
	int dir = open("sub", O_RDONLY | O_DIRECTORY), fd;

	WANT(dir >= 0);
	fd = openat(dir, "inner", O_RDONLY);
	WANT(fd >= 0);
	WANT(fchdir(dir) == 0);
	WANT(access("../after-fchdir", F_OK) < 0 && errno == ENOENT);
	close(fd);
	close(dir);
	return 0;
}

static int act_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };
	long fd = syscall(SYS_openat2, AT_FDCWD, "file", &how, sizeof(how));

	WANT(fd >= 0 || errno == ENOSYS);
	close((int)fd);
	return 0;
}

static int act_in_root(void)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };
	long fd = syscall(SYS_openat2, AT_FDCWD, "/file", &how, sizeof(how));

	WANT(fd >= 0);
	close((int)fd);
	return 0;
}

/* fstat as C libraries do it, and the file behind a descriptor run. */
static int act_empty_path(void)
{
	char *const argv[] = { (char *)"true", NULL };
	int fd = open("/bin/true", O_PATH);
	struct stat st;

	WANT(fd >= 0);
	WANT(fstatat(fd, "", &st, AT_EMPTY_PATH) == 0);
	WANT(fstatat(AT_FDCWD, "", &st, 0) < 0 && errno == ENOENT);
	syscall(SYS_execveat, fd, "", argv, argv + 1, AT_EMPTY_PATH);
	WANT(!"execveat came back");
	return 1;
}

/* Paths where a page ends, and where the memory ends; longer than any path; nowhere. */
static int act_memory(void)
{
	const size_t page = 4096;
	char *p = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	WANT(p != MAP_FAILED);
	WANT(munmap(p + 2 * page, page) == 0);
	memcpy(p + page - 4, "over-the-page", sizeof("over-the-page"));
	WANT(access(p + page - 4, F_OK) < 0 && errno == ENOENT);
	memcpy(p + 2 * page - sizeof("at-the-end"), "at-the-end", sizeof("at-the-end"));
	WANT(access(p + 2 * page - sizeof("at-the-end"), F_OK) < 0 && errno == ENOENT);
	memset(p, 'x', 2 * page);
	WANT(access(p + 2 * page - 300, F_OK) < 0 && errno == EFAULT);
	p[2 * page - 1] = '\0';
	WANT(access(p, F_OK) < 0 && errno == ENAMETOOLONG);
	memset(p, '/', 4000);
	memcpy(p + 4000, "long", sizeof("long"));
	WANT(access(p, F_OK) < 0 && errno == ENOENT);
	WANT(syscall(SYS_faccessat, AT_FDCWD, (char *)8, F_OK) < 0 && errno == EFAULT);
	return 0;
}

/* Relative to what is no folder, is not open, or is gone. */
static int act_odd_folders(void)
{
	int ends[2];

	WANT(pipe(ends) == 0);
	WANT(faccessat(ends[0], "in-a-pipe", F_OK, 0) < 0 && errno == ENOTDIR);
	WANT(faccessat(ends[0], "/absolute-anyway", F_OK, 0) < 0 && errno == ENOENT);
	WANT(faccessat(99, "not-open", F_OK, 0) < 0 && errno == EBADF);
	WANT(mkdir("gone", 0755) == 0 && chdir("gone") == 0 && rmdir("../gone") == 0);
	WANT(access("in-gone", F_OK) < 0 && errno == ENOENT);
	return 0;
}

static void *other_folder(void *result)
{
	/* This thread has a working folder of its own from here on. */
	*(bool *)result = unshare(CLONE_FS) == 0 && chdir("sub") == 0 && access("inner", F_OK) == 0;
	return NULL;
}

static int act_threads(void)
{
	bool found = false;
	pthread_t thread;

	WANT(pthread_create(&thread, NULL, other_folder, &found) == 0);
	WANT(pthread_join(thread, NULL) == 0);
	WANT(found);
	WANT(access("inner", F_OK) < 0 && errno == ENOENT);
	return 0;
}

static volatile sig_atomic_t ticks;

static void tick(int sig)
{
	(void)sig;
	ticks++;
}

/* Calls that signals interrupt all the time come out right, each: whether it is done again is the kernel's business. */
static int act_signals(void)
{
	const struct itimerval often = { { 0, 200 }, { 0, 200 } };
	struct sigaction sa = { .sa_handler = tick, .sa_flags = SA_RESTART };
	char name[32];

	sigaction(SIGALRM, &sa, NULL);
	WANT(setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (int i = 0; i < 3000 || (ticks < 20 && i < 300000); i++) {
		int fd = open("file", O_RDONLY);

		WANT(fd >= 0);
		close(fd);
		snprintf(name, sizeof(name), "absent-%d", i);
		if (i < 3000)
			WANT(access(name, F_OK) < 0 && errno == ENOENT);
	}
	WANT(ticks >= 20);
	return 0;
}

/* Many at once: each of 16 processes looks for 200 names. */
static int act_crowd(void)
{
	char name[32];
	int status;

	for (int i = 0; i < 16; i++) {
		pid_t pid = fork();

		WANT(pid >= 0);
		for (int j = 0; pid == 0 && j < 200; j++) {
			snprintf(name, sizeof(name), "crowd-%d-%d", i, j);
			if (access(name, F_OK) == 0 || errno != ENOENT)
				_exit(1);
		}
		if (pid == 0)
			_exit(0);
	}
	for (int i = 0; i < 16; i++)
		WANT(wait(&status) > 0 && status == 0);
	return 0;
}

static int act_refused(void)
{
	char buf[256] = { 0 };

	WANT(syscall(SYS_io_uring_setup, 4, buf) < 0 && errno == ENOSYS);
	WANT(syscall(SYS_open_by_handle_at, AT_FDCWD, buf, O_RDONLY) < 0 && errno == ENOSYS);
	WANT(syscall(SYS_clone3, buf, sizeof(buf)) < 0 && errno == ENOSYS);
	return 0;
}

/* Not there where the kernel has no 32-bit calls; the attempt counts. */
static int act_i386(void)
{
#ifdef __x86_64__
	long number = 20, result; /* getpid */

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number) : "memory");
	WANT(result == getpid() || result == -ENOSYS);
#endif
	return 0;
}

static int act_x32(void)
{
#ifdef __x86_64__
	long result = syscall(0x40000000 | 39); /* getpid */

	WANT(result == getpid() || errno == ENOSYS);
#endif
	return 0;
}

static int act_chroot(void)
{
	(void)!chroot("/"); /* the attempt counts; another root would harm the sanitizers */
	return 0;
}

static int act_mount_namespace(void)
{
	(void)!unshare(CLONE_NEWNS);
	return 0;
}

static int act_clone_mount_namespace(void)
{
	long pid = syscall(SYS_clone, SIGCHLD | CLONE_NEWNS, NULL, NULL, NULL, NULL);

	if (pid == 0)
		_exit(0);
	WANT(pid < 0 || waitpid((pid_t)pid, NULL, 0) == pid);
	return 0;
}

/* What makes no other paths is nobody's business. */
static int act_harmless_namespace(void)
{
	(void)!unshare(CLONE_FILES | CLONE_SYSVSEM);
	return 0;
}

/* A program that only the privileged may look at. */
static int act_closed(void)
{
	WANT(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	WANT(access("/", F_OK) == 0);
	return 0;
}

static const struct {
	const char *name;
	int (*fn)(void);
} acts[] = {
	{ "chroot", act_chroot },
	{ "clone-mount-namespace", act_clone_mount_namespace },
	{ "closed", act_closed },
	{ "crowd", act_crowd },
	{ "empty-path", act_empty_path },
	{ "harmless-namespace", act_harmless_namespace },
	{ "i386", act_i386 },
	{ "in-root", act_in_root },
	{ "memory", act_memory },
	{ "mount-namespace", act_mount_namespace },
	{ "odd-folders", act_odd_folders },
	{ "openat", act_openat },
	{ "openat2", act_openat2 },
	{ "refused", act_refused },
	{ "signals", act_signals },
	{ "threads", act_threads },
	{ "x32", act_x32 },
};

int trace_act(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (!strcmp(acts[i].name, name))
			return acts[i].fn();
	fprintf(stderr, "no act '%s'\n", name);
	return 2;
}

#else

int trace_act(const char *name)
{
	(void)name;
	return 2;
}

#endif
