/* SPDX-License-Identifier: MIT
 *
 * What .gitmodules says of a submodule. The file comes with the version that is built, from anybody.
 */
#ifndef SOURCE_GITMODULES_H
#define SOURCE_GITMODULES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * Name and address (in the arena) of the submodule at `path` of the work tree `tree`. False: it has no entry with both, or a name
 * that leads elsewhere once it is part of a path.
 */
bool gitmodules_read(const char *tree, const char *path, struct arena *a, const char **name,
		     const char **url, struct err *e);

#endif
