/* SPDX-License-Identifier: MIT
 *
 * The git program, for repositories that libgit2 does not read: other object or reference formats, histories that were
 * cut short. It runs without hooks, without anybody's environment, and writes nothing.
 */
#ifndef SOURCE_GIT_PROGRAM_H
#define SOURCE_GIT_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"

/*
 * Runs `git WORDS...` (NULL-terminated) in the folder `dir` and appends what it says. False when there is no git, or
 * when it failed; the error has its words.
 */
bool git_program(const char *dir, const char *const *words, struct strbuf *out, struct err *e);

/*
 * The same for what writes or asks other machines: with the caller's environment (credentials, ssh, proxies) but for
 * variables that say where a repository is, without hooks, and for as long as it takes. `told`: it may take long, and whoever
 * watches hears what git says. `foreign`: the address comes from a repository, not from the user; git's rules for submodules then
 * say which protocols are good.
 */
struct git_work {
	bool told, foreign;
};
bool git_program_work(const char *dir, const char *const *words, struct git_work how,
		      struct strbuf *out, struct err *e);

/*
 * Who hears what git says in such a run, as it comes, with `len` 0 at its end. Of the whole process, and its children, until another one is
 * set; NULL, as at the start: nobody.
 */
typedef void git_heard_fn(void *ctx, const char *data, size_t len);
void git_program_watch(git_heard_fn *heard, void *ctx);

/*
 * Whether all files of the work tree `dir`, just checked out, are there: git leaves out those whose objects a partial clone
 * lacks and says that all went well.
 */
bool git_program_has_all(const char *dir, struct err *e);

#endif
