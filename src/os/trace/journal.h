/* SPDX-License-Identifier: MIT
 *
 * Writing the log (its format is in os/trace.h): each record once.
 */
#ifndef OS_TRACE_JOURNAL_H
#define OS_TRACE_JOURNAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/strbuf.h"

struct journal {
	int fd; /* -1: kept in memory, for --check */
	bool broken;
	struct strbuf pending, record;
	struct map known; /* records by their text, in the arena */
	struct arena arena;
};

/* path NULL: in memory. False: errno. */
bool journal_open(struct journal *j, const char *path);
void journal_add(struct journal *j, char kind, const char *program, const char *path);
void journal_escape(struct journal *j, const char *why);
/* In memory: is there a record of that path? */
bool journal_has(const struct journal *j, const char *path);

/* Writes the end record, when all that came before could be written, and frees. */
void journal_close(struct journal *j, int status);

#endif
