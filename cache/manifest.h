/* SPDX-License-Identifier: MIT
 *
 * Manifests: what an action asked of the file system and what it got, as one blob each. Paths are numbers here; the
 * store keeps every path once (store_intern_paths), so that two hundred boards share them.
 */
#ifndef CACHE_MANIFEST_H
#define CACHE_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum manifest_kind {
	MANIFEST_ABSENT,  /* nothing was there */
	MANIFEST_CONTENT, /* a file: digest of its bytes and executable bit */
	MANIFEST_LISTING, /* a folder: digest of the names that count */
	MANIFEST_LINK,    /* a link: digest of its text */
	MANIFEST_FOLDER,  /* it was a folder; its names were not read */
	MANIFEST_KINDS,
};

struct manifest_entry {
	uint32_t path;
	uint8_t kind;
	uint8_t readers;      /* bits; their meaning is the caller's */
	struct digest digest; /* zero for absent and folder */
};

struct manifest {
	VEC(struct manifest_entry) entries; /* sorted by path, then kind; vec_free */
};

/* Entries must be sorted by path number, then kind, without doubles. */
void manifest_encode(const struct manifest *m, struct strbuf *out);

/* False when the blob is damaged. Every path number is below `paths`. */
bool manifest_decode(const void *data, size_t len, uint32_t paths, struct manifest *out);

#endif
