/* SPDX-License-Identifier: MIT
 *
 * Addresses of repositories, as people write them: URLs, host:path, folders.
 */
#ifndef SOURCE_ADDRESS_H
#define SOURCE_ADDRESS_H

#include "base/arena.h"

/*
 * The address (or URL#BRANCH) as it may be shown, stored and made a folder's name of: what stands before the host of a URL, a
 * password or a token perhaps, is left out. In the arena.
 */
const char *address_public(struct arena *a, const char *address);

/* A folder of this machine that was named from the current one, absolute; all else as it is. In the arena. */
const char *address_absolute(struct arena *a, const char *address);

#endif
