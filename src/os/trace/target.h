/* SPDX-License-Identifier: MIT
 *
 * Looking into the process that waits for an answer. What is read is good only if the answer then finds it still
 * waiting (filter_answer): its number may belong to another process by now.
 */
#ifndef OS_TRACE_TARGET_H
#define OS_TRACE_TARGET_H

#include <stdint.h>
#include <sys/types.h>

#include "base/strbuf.h"

/* All return 0 or an errno; EPERM and EACCES: the kernel does not let us look. */

int target_open_proc(void); /* once, before the others */

int target_bytes(pid_t tid, uint64_t address, void *to, size_t size);

/* The text at an address, in place of what was in `out`; ENAMETOOLONG: longer than any path may be. */
int target_text(pid_t tid, uint64_t address, struct strbuf *out);

/* The text of /proc/TID/<what>, in place of what was in `out`. */
int target_link(pid_t tid, const char *what, struct strbuf *out);

/* The path of an open folder or file of it; AT_FDCWD: of its working folder. */
int target_folder(pid_t tid, int fd, struct strbuf *out);

/*
 * The base name of the program that it runs. Kept for a moment, since one program asks many times: whoever sees a
 * process about to run another says so.
 */
int target_program(pid_t tid, struct strbuf *out);
void target_forget_programs(void);

#endif
