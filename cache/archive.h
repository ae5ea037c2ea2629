/* SPDX-License-Identifier: MIT
 *
 * Boards from one store to another: actions with all that they made and the manifests under which they are found, as one
 * .tar.zst. What is imported counts as built: on a machine with the same tools nothing is compiled.
 *
 * The archive: an entry `index` (cache/archive_index.h), then the blobs as `blobs/<32 hex digits>`, sorted; no dates, no owners:
 * the same content of a store gives the same bytes.
 */
#ifndef CACHE_ARCHIVE_H
#define CACHE_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/vec.h"
#include "cache/store.h"

struct store_keys {
	struct digest *items;
	size_t count, cap; /* vec_free */
};

/* The actions that the last runs of all steps of all trees stand for; those that are known no more are left out. */
bool store_last_keys(struct store *s, struct store_keys *out, struct err *e);

struct archive_result {
	uint64_t actions, manifests, blobs, bytes; /* in the archive */
	uint64_t new_actions, new_blobs; /* of an import: what the store did not have before */
};

/* Writes the actions with these keys (in any order, doubles are fine) to `file`, whole or not at all. */
bool store_export(struct store *s, const struct store_keys *keys, const char *file,
		  struct archive_result *out, struct err *e);

/*
 * Reads such a file. Everything is checked before anything is taken: an entry that is no regular file or has another name
 * than one of the above, doubles, sizes and digests that differ from what the index says, and an archive that ends too
 * early are refused with the entry's name, and the store is as it was. What the store has already stays.
 */
bool store_import(struct store *s, const char *file, struct archive_result *out, struct err *e);

#endif
