/* SPDX-License-Identifier: MIT
 *
 * Another process's memory and its links in /proc, in as few system calls as it takes: this is done hundreds of
 * thousands of times in a build.
 */
#include "os/trace/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, FIRST_READ = 256, KNOWN = 64, KNOWN_MS = 100 };

static int proc_fd = -1;

/*
 * Names of programs by process. Asking /proc costs a fifth of an event. Numbers of processes come round again only after
 * all others were given out (at least 32768), which takes far longer than a name is kept.
 */
static struct known {
	pid_t tid; /* 0: none */
	long ms;
	char name[56];
} known[KNOWN];

int target_open_proc(void)
{
	proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return proc_fd < 0 ? errno : 0;
}

/* Where the system call is not there or a sandbox's filter refuses it. */
static ssize_t read_by_file(pid_t tid, uint64_t address, void *to, size_t size)
{
	char name[32];
	ssize_t n;
	int fd, number;

	snprintf(name, sizeof(name), "%d/mem", (int)tid);
	fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = pread(fd, to, size, (off_t)address);
	number = n < 0 && errno == EIO ? EFAULT : errno;
	close(fd);
	errno = number;
	return n;
}

/* Up to `size` bytes, fewer when what follows is not mapped; -1: errno. */
static ssize_t read_memory(pid_t tid, uint64_t address, void *to, size_t size)
{
	/* The kernel takes a piece whole or not at all, so that pieces end where pages do. */
	size_t first = PAGE - (size_t)(address % PAGE);
	struct iovec local = { .iov_base = to, .iov_len = size };
	struct iovec remote[2];
	ssize_t n;

	if (first > size)
		first = size;
	/* The addresses are the other process's. */
	remote[0] = (struct iovec){ .iov_base = (void *)(uintptr_t)address, .iov_len = first };
	remote[1] = (struct iovec){ .iov_base = (void *)(uintptr_t)(address + first),
				    .iov_len = size - first };
	n = process_vm_readv(tid, &local, 1, remote, size > first ? 2 : 1, 0);
	if (n < 0 && (errno == ENOSYS || errno == EPERM))
		n = read_by_file(tid, address, to, first);
	return n;
}

int target_bytes(pid_t tid, uint64_t address, void *to, size_t size)
{
	char *at = to;

	while (size) {
		ssize_t n = read_memory(tid, address, at, size < PAGE ? size : PAGE);

		if (n <= 0)
			return n < 0 ? errno : EFAULT;
		at += n;
		address += (uint64_t)n;
		size -= (size_t)n;
	}
	return 0;
}

int target_text(pid_t tid, uint64_t address, struct strbuf *out)
{
	char buf[PAGE];

	strbuf_reset(out);
	while (out->len < PATH_MAX) {
		ssize_t n = read_memory(tid, address, buf, out->len ? PAGE : FIRST_READ);
		const char *end;

		if (n <= 0)
			return n < 0 ? errno : EFAULT;
		end = memchr(buf, '\0', (size_t)n);
		strbuf_add(out, buf, end ? (size_t)(end - buf) : (size_t)n);
		if (end)
			return out->len < PATH_MAX ? 0 : ENAMETOOLONG;
		address += (uint64_t)n;
	}
	return ENAMETOOLONG;
}

int target_link(pid_t tid, const char *what, struct strbuf *out)
{
	char name[48], text[PATH_MAX + 16];
	ssize_t n;

	snprintf(name, sizeof(name), "%d/%s", (int)tid, what);
	n = readlinkat(proc_fd, name, text, sizeof(text));
	if (n < 0)
		return errno;
	strbuf_reset(out);
	strbuf_add(out, text, (size_t)n);
	return 0;
}

int target_folder(pid_t tid, int fd, struct strbuf *out)
{
	char name[24];

	if (fd == AT_FDCWD)
		return target_link(tid, "cwd", out);
	if (fd < 0)
		return EBADF;
	snprintf(name, sizeof(name), "fd/%d", fd);
	return target_link(tid, name, out);
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000;
}

void target_forget_programs(void)
{
	for (size_t i = 0; i < KNOWN; i++)
		known[i].tid = 0;
}

static int read_program(pid_t tid, struct strbuf *out)
{
	static const char gone[] = " (deleted)";
	char text[PATH_MAX + 16], name[24];
	ssize_t n;
	const char *base;

	snprintf(name, sizeof(name), "%d/exe", (int)tid);
	n = readlinkat(proc_fd, name, text, sizeof(text) - 1);
	if (n < 0)
		return errno;
	text[n] = '\0';
	if ((size_t)n >= sizeof(gone) && !strcmp(text + n - (sizeof(gone) - 1), gone))
		text[(size_t)n - (sizeof(gone) - 1)] = '\0';
	base = strrchr(text, '/');
	strbuf_reset(out);
	strbuf_adds(out, base ? base + 1 : text);
	return 0;
}

int target_program(pid_t tid, struct strbuf *out)
{
	struct known *k = &known[tid % KNOWN];
	long now = now_ms();
	int number;

	if (k->tid == tid && now - k->ms < KNOWN_MS) {
		strbuf_reset(out);
		strbuf_adds(out, k->name);
		return 0;
	}
	number = read_program(tid, out);
	k->tid = 0;
	if (number == 0 && out->len < sizeof(k->name)) {
		memcpy(k->name, out->buf, out->len + 1);
		k->tid = tid;
		k->ms = now;
	}
	return number;
}
