/* SPDX-License-Identifier: MIT
 *
 * The environment of a build step: what its key holds and nothing else.
 */
#ifndef BUILD_ENV_H
#define BUILD_ENV_H

#include "base/arena.h"
#include "base/vec.h"

/*
 * PATH (without folders that are not there, come twice or are relative) and HOME of the caller, CCACHE_DISABLE=1, LC_ALL=C, TZ=UTC, PYTHONDONTWRITEBYTECODE=1, PYTHONHASHSEED=0, then `extra`
 * ("NAME=value"), where the last one of a name counts; sorted. Strings in the arena; vec_free the list, which does
 * not end with a NULL.
 */
void env_exact(struct arena *a, const struct strv *extra, struct strv *out);

/* The same for a container, whose PATH is its image's and whose HOME is gone with it; on top of what the image sets. */
void env_inside(const struct strv *extra, struct strv *out);

/*
 * The caller's variables that MicroPython's makefiles would have read and that are dropped here: for one warning. The
 * names live as long as the environment.
 */
void env_dropped(struct strv *out);

#endif
