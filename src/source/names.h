/* SPDX-License-Identifier: MIT
 *
 * Names of files that mean nothing to a build, whatever git says of them.
 */
#ifndef SOURCE_NAMES_H
#define SOURCE_NAMES_H

#include <stdbool.h>

#include "base/hash.h"

/* Dot files and editors' backups: they come and go beside sources. */
bool name_is_scratch(const char *name);

/* Folders that builds make: for trees whose ignore rules are not known. */
bool name_is_build_folder(const char *name);

/*
 * Names of regular files that no build picks up by listing a folder (it may open them by name, which is another
 * matter): no suffix, or one of documentation, logs, patches and scratch work.
 */
bool name_is_unlisted(const char *name);

/* Feeds what these functions decide by, so that what was decided by an older table is not taken for today's. */
void names_add_rules(struct hasher *h);

#endif
