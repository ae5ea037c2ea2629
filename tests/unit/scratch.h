/* SPDX-License-Identifier: MIT
 *
 * A folder of its own for one test, with short ways to fill it, to look into it and to run programs in it. Whatever
 * fails here fails the test.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"

struct scratch {
	struct arena arena;
	char *dir; /* absolute, links resolved */
	struct err err;
};

/* For cmocka_unit_test_setup_teardown: *state is a new struct scratch. */
int scratch_setup(void **state);
int scratch_teardown(void **state);
struct scratch *scratch_create(void);
void scratch_destroy(struct scratch *s);

/* Names are relative to the folder, or absolute. What is returned lives as long as the scratch. */
const char *scratch_path(struct scratch *s, const char *name);
void scratch_put(struct scratch *s, const char *name, const char *text); /* makes parents */
void scratch_put_bytes(struct scratch *s, const char *name, const void *data, size_t len);
void scratch_mkdir(struct scratch *s, const char *name);
const char *scratch_text(struct scratch *s, const char *name);
void scratch_date(struct scratch *s, const char *name, int64_t mtime_ns); /* sets the mtime */

/* The names below a folder, sorted, with '/' behind folders: "a b/ b/c ". */
const char *scratch_list(struct scratch *s, const char *name);

/* Runs a program (NULL-terminated words) in that folder; its output. Any exit status but 0 fails the test. */
const char *scratch_run(struct scratch *s, const char *cwd, const char *const *argv);
#define RUN(s, cwd, ...) scratch_run((s), (cwd), (const char *const[]){ __VA_ARGS__, NULL })

/* git with an identity, without anybody's configuration, at a fixed time. */
const char *scratch_git(struct scratch *s, const char *cwd, const char *const *argv);
#define GIT(s, cwd, ...) scratch_git((s), (cwd), (const char *const[]){ "git", __VA_ARGS__, NULL })

/* Fails the test with the error's message. */
void must(bool ok, const struct err *e);

/* There is an error, and its message and hint hold these texts (NULL hint: there is none). */
void assert_err(const struct err *e, const char *message, const char *hint);
void assert_has(const char *text, const char *part);
void assert_lacks(const char *text, const char *part);

/* fn ends its process with SIGABRT: a broken invariant was caught. */
void assert_aborts(void (*fn)(void));

#endif
