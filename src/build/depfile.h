/* SPDX-License-Identifier: MIT
 *
 * Dependency files: what a compiler read for one object, as gcc's -MD writes it (*.d) and as MicroPython's make keeps
 * it (*.P: the same, then a line "header :" for each header, so that a removed one is no error).
 */
#ifndef BUILD_DEPFILE_H
#define BUILD_DEPFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

/*
 * Appends the files of the first rule to `deps` as they are written there (without make's escapes): the source first.
 * Strings in the arena; vec_free the list. False when the text is no dependency file, or not a whole one.
 */
bool depfile_parse(struct arena *a, const char *text, size_t len, struct strv *deps, struct err *e);

#endif
