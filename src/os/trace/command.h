/* SPDX-License-Identifier: MIT
 *
 * Command lines of compilers, for compile_commands.json: read when one is about to run.
 */
#ifndef OS_TRACE_COMMAND_H
#define OS_TRACE_COMMAND_H

#include <stdint.h>
#include <sys/types.h>

#include "base/strbuf.h"

/*
 * When `program` (a path) is a compiler's driver that is there, and its argv (at this address) compiles a source: the working folder and the
 * words, TRACE_SEPARATOR between them, in `out`. Else `out` is empty.
 */
void command_read(pid_t tid, const char *program, uint64_t argv, struct strbuf *out);

#endif
