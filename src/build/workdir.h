/* SPDX-License-Identifier: MIT
 *
 * Work folders: where a build runs. Never with a space or shell character in the path (MicroPython's make splits
 * BUILD at spaces), never a folder that a hand-typed make uses.
 */
#ifndef BUILD_WORKDIR_H
#define BUILD_WORKDIR_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"

/*
 * Appends the folder for all work of a store: <cache>/work, or one below /tmp when the cache's path has characters
 * that make cannot take.
 */
void workdir_root(const char *cache_dir, struct strbuf *out);

/* True when make can take this path as BUILD. */
bool workdir_is_plain(const char *path);

/*
 * Makes the root when it is one below /tmp, for its owner alone; one that somebody else made is refused: what is
 * compiled there would be theirs to change. Roots below the cache folder need nothing.
 */
bool workdir_claim(const char *root, struct err *e);

/*
 * The file that is locked for as long as a container has the folder, whatever became of who started it, and that names the
 * container; in the arena. (cache/gc_work.c knows the name too.)
 */
const char *workdir_inside_lock(const char *path, struct arena *a);

/* Makes the folder anew, empty. */
bool workdir_reset(const char *path, struct err *e);

#endif
