/* SPDX-License-Identifier: MIT
 *
 * The git program, for repositories that libgit2 does not read: other object or reference formats, histories that were
 * cut short. It runs without hooks, without anybody's environment, and writes nothing.
 */
#ifndef SOURCE_GIT_PROGRAM_H
#define SOURCE_GIT_PROGRAM_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

/*
 * Runs `git WORDS...` (NULL-terminated) in the folder `dir` and appends what it says. False when there is no git, or
 * when it failed; the error has its words.
 */
bool git_program(const char *dir, const char *const *words, struct strbuf *out, struct err *e);

#endif
