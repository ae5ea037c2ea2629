/* SPDX-License-Identifier: MIT
 *
 * What the files of the store share with each other and with nobody else.
 */
#ifndef CACHE_STORE_INTERNAL_H
#define CACHE_STORE_INTERNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "cache/db.h"
#include "cache/store.h"

struct store {
	char *dir;
	struct db db;
	bool dry; /* nothing on the disk may change */
	struct arena path_arena;
	VEC(const char *) paths; /* by number; see cache/paths.c */
	struct map path_numbers; /* path -> number + 1; filled when first needed */
	size_t paths_mapped;     /* how many of them are in the map */
};

/* The statements of the index. */
enum statement {
	GET_ACTION,
	GET_OUTPUTS,
	PUT_ACTION,
	PUT_OUTPUT,
	DROP_ACTION,
	GET_LAST,
	PUT_LAST,
	GET_DEVICE,
	LIST_DEVICES,
	PUT_DEVICE,
	DROP_DEVICE,
	GET_STATS,
	PUT_STATS,
	GET_PATHS,
	PUT_PATHS,
	GET_MANIFESTS,
	GET_MANIFEST,
	PUT_MANIFEST,
	TRIM_MANIFESTS,
	STATEMENT_COUNT,
};

void store_paths_close(struct store *s);

#endif
