/* SPDX-License-Identifier: MIT
 *
 * The filter's program, and the ioctls of its listener. The numbers that are missing in older kernel headers are given
 * here: the kernel that runs decides, not the one that was compiled against.
 */
#include "os/trace/filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/trace/calls.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64) /* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum { MAX_INSTRUCTIONS = 256 };

struct program {
	struct sock_filter code[MAX_INSTRUCTIONS];
	unsigned short count;
};

static void emit(struct program *p, struct sock_filter instruction)
{
	if (p->count == MAX_INSTRUCTIONS)
		BUG("the filter has more than %d instructions", MAX_INSTRUCTIONS);
	p->code[p->count++] = instruction;
}

static void load(struct program *p, size_t offset)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void answer(struct program *p, unsigned what)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* Goes on with the next instruction when the comparison holds, else jumps over `skip` of them. */
static void unless_skip(struct program *p, unsigned short how, unsigned value, unsigned char skip)
{
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | how | BPF_K, value, 0, skip));
}

/* The number of the call has been loaded. */
static void add_call(struct program *p, const struct call *c)
{
	if (c->kind == CALL_REFUSE) {
		unless_skip(p, BPF_JEQ, (unsigned)c->nr, 1);
		answer(p, SECCOMP_RET_ERRNO | ENOSYS);
	} else if (!c->only_with) {
		unless_skip(p, BPF_JEQ, (unsigned)c->nr, 1);
		answer(p, SECCOMP_RET_USER_NOTIF);
	} else {
		unless_skip(p, BPF_JEQ, (unsigned)c->nr, 4);
		load(p, offsetof(struct seccomp_data, args[0])); /* little-endian */
		unless_skip(p, BPF_JSET, c->only_with, 1);
		answer(p, SECCOMP_RET_USER_NOTIF);
		answer(p, SECCOMP_RET_ALLOW);
	}
}

static void make_program(struct program *p)
{
	load(p, offsetof(struct seccomp_data, arch));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0));
	answer(p, SECCOMP_RET_USER_NOTIF);
	load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	unless_skip(p, BPF_JGE, FILTER_X32_BIT, 1);
	answer(p, SECCOMP_RET_USER_NOTIF);
#endif
	for (size_t i = 0; i < calls_count; i++)
		add_call(p, &calls[i]);
	answer(p, SECCOMP_RET_ALLOW);
}

static int install(const struct sock_fprog *fprog, unsigned long flags)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, fprog);
}

int filter_install(void)
{
	const unsigned long flags =
		SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	struct program p = { .count = 0 };
	struct sock_fprog fprog = { .filter = p.code };
	int listener;

	make_program(&p);
	fprog.len = p.count;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	listener = install(&fprog, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (listener < 0 && errno == EINVAL)
		listener = install(&fprog, flags);
	return listener;
}

void filter_tune(int listener)
{
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

struct seccomp_notif *filter_new_notif(void)
{
	struct seccomp_notif_sizes sizes = { 0 };
	size_t size = sizeof(struct seccomp_notif);

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0 &&
	    sizes.seccomp_notif > size)
		size = sizes.seccomp_notif;
	return xcalloc(1, size);
}

int filter_receive(int listener, struct seccomp_notif *n)
{
	memset(n, 0, sizeof(*n)); /* the kernel insists */
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, n) < 0 ? errno : 0;
}

int filter_answer(int listener, uint64_t id)
{
	struct seccomp_notif_resp r = { .id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r) < 0 ? errno : 0;
}
