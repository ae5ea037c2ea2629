/* SPDX-License-Identifier: MIT
 *
 * Paths as text, without asking the file system.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/strbuf.h"

/* dir/name in the arena; an absolute name stands alone. */
char *path_join(struct arena *a, const char *dir, const char *name);

const char *path_base(const char *path); /* what stands after the last '/' */
/* what stands before it; "." when there is none */
char *path_dir(struct arena *a, const char *path);
/* after the last '.' of the base name; "" when there is none */
const char *path_ext(const char *path);

/* Appends an absolute path without "//", "/./" and "/../" (links are not looked at). */
void path_normalize(struct strbuf *out, const char *absolute);

/* What of `path` lies below `dir` (both normalized): "a/b", "" for dir itself, NULL when outside. */
const char *path_below(const char *path, const char *dir);

/* True for a plain file name: not empty, no '/', not "." or "..". */
bool path_is_name(const char *s);

#endif
