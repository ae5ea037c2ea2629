/* SPDX-License-Identifier: MIT
 *
 * What is told on standard error besides errors: notes, unless the user wants quiet, and what goes on inside for those who want
 * to see more.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level {
	LOG_LEVEL_QUIET = -1, /* errors only */
	LOG_LEVEL_NOTES,
	LOG_LEVEL_DEBUG, /* programs that are run, ports and devices that are opened, files that are fetched */
	LOG_LEVEL_TRACE, /* and every byte to and from boards */
};

/* Before anything is told; of the whole process. At the start: LOG_LEVEL_NOTES. */
void log_set_level(enum log_level to);
bool log_is_quiet(void);
bool log_shows(enum log_level at_least);

/* A line as it is ("note: ..."); nothing when quiet. */
void log_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "debug: 0.123 TEXT", the seconds since log_set_level. One write each, so that lines of several processes do not mix. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* "trace: 0.123 NAME > 03 'help' 0d": bytes to (>) and from (<) a board. */
void log_bytes(const char *name, char direction, const void *data, size_t len);

#endif
