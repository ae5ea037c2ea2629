/* SPDX-License-Identifier: MIT
 *
 * What a person wants to see of a failed build's log.
 */
#ifndef BUILD_FAILURE_H
#define BUILD_FAILURE_H

#include <stdbool.h>

#include "base/strbuf.h"

/*
 * Appends the first error that a compiler, linker, Python or make reported (with the lines that belong to it) and the
 * log's last lines, indented, one a line with '\n' before each. An unreadable log appends nothing.
 */
void failure_excerpt(const char *log_path, struct strbuf *out);

/* A package that the log's errors call for ("libnewlib-arm-none-eabi"), or NULL: known cases only. */
const char *failure_missing_package(const char *log_path);

/*
 * Whether all that failed were compilers (make's "*** [...: x.o] Error 1"): they leave no half-made file, where a
 * generator's output that was cut short would be taken for good by the next make.
 */
bool failure_is_compilers_only(const char *log_path);

/* Whether a tool said that it may not write where everything is read-only. */
bool failure_is_read_only(const char *log_path);

/* Whether the build failed for want of room: a tool said so, or there is next to none where the log is. */
bool failure_disk_is_full(const char *log_path);

#endif
