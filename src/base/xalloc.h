/* SPDX-License-Identifier: MIT
 *
 * Memory that cannot fail: out of memory ends the program, so no caller checks for it.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t len);

/* free(*p) for __attribute__((cleanup)) on a `char *` or `void *`. */
void cleanup_free(void *p);
#define AUTO_FREE __attribute__((cleanup(cleanup_free)))

/* A broken invariant of our own: says where and aborts. Never for bad input. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
