/* SPDX-License-Identifier: MIT
 *
 * The seccomp filter that stops a process at each call of calls.h until the other end of the listener answers.
 */
#ifndef OS_TRACE_FILTER_H
#define OS_TRACE_FILTER_H

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdint.h>

/* What struct seccomp_data's arch is on this machine, and the number of its ELF files. */
#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#define FILTER_ELF_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#define FILTER_ELF_MACHINE EM_AARCH64
#else
#error "tracing knows x86-64 and aarch64; leave mpflash-trace out of this build"
#endif

/* x32 calls of x86-64 have this bit in their number. */
#define FILTER_X32_BIT 0x40000000

/*
 * Gives this process and all that it starts the filter, for good, and no new privileges. Returns the listener
 * (close on exec), or -1 with errno: EBUSY when there is a listener already.
 */
int filter_install(void);

/* Asks the kernel to hand over on the same processor, where it can. */
void filter_tune(int listener);

/* One event: 0, or an errno. EINTR: a signal came; ENOENT: nobody is left, or who asked was gone again. */
int filter_receive(int listener, struct seccomp_notif *n);

/* Lets the call go on. ENOENT: the caller is gone, or was interrupted, and what was read of it may be wrong. */
int filter_answer(int listener, uint64_t id);

/* A notification as large as this kernel's; free(). */
struct seccomp_notif *filter_new_notif(void);

#endif
