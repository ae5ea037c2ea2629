/* SPDX-License-Identifier: MIT
 *
 * What of this machine a container sees: files and folders at their own paths.
 */
#ifndef BUILD_MOUNT_H
#define BUILD_MOUNT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

struct mount {
	const char *path; /* in the container: absolute, normalized */
	const char *from; /* on this machine; mostly the same */
	bool writable;
};
struct mounts {
	VEC(struct mount) items; /* vec_free(&m->items) */
};

/*
 * Adds a path that is there, with its name in the arena, and, where links lead to it, what it really is. Nothing is added for one
 * that a mount with the same rights shows already.
 */
void mounts_add(struct mounts *m, const char *path, bool writable, struct arena *a);

/* Puts `from` (absolute, there) over what is at `path`; writable. */
void mounts_cover(struct mounts *m, const char *path, const char *from, struct arena *a);

/* Whether the path (normalized) is below a mount; and whether a mount is below it: a folder that the engine made. */
bool mounts_show(const struct mounts *m, const char *path);
bool mounts_lead_through(const struct mounts *m, const char *path);

/* Whether what the container has at the path is a copy, not this machine's file of that name. */
bool mounts_hide(const struct mounts *m, const char *path);

/*
 * Appends the two words that make an engine mount it. Engines split -v at ':' and --mount at ',', and do not agree about
 * quotes; a path with both is an error.
 */
bool mount_words(const struct mount *m, struct arena *a, struct strv *out, struct err *e);

#endif
