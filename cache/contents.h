/* SPDX-License-Identifier: MIT
 *
 * All that the store holds, in memory: for the commands that look at everything (gc, verify, stats). Internal to the store.
 */
#ifndef CACHE_CONTENTS_H
#define CACHE_CONTENTS_H

#include "base/arena.h"
#include "base/vec.h"
#include "cache/store_internal.h"

struct content_action {
	struct digest key;
	int64_t used_ns;
	size_t first, count; /* its outputs */
	bool in_use;         /* not to be evicted */
};

struct content_output {
	struct digest key, blob, image;
	uint64_t size;
	const char *name;
};

struct content_last {
	const char *step;
	struct digest key, parts;
};

struct content_blob {
	struct digest digest;
	uint64_t size;
	int64_t mtime_ns;
	unsigned refs;
};

struct contents {
	struct arena arena;
	VEC(struct content_action) actions; /* sorted by key */
	VEC(struct content_output) outputs; /* sorted by key */
	VEC(struct content_last) lasts;     /* sorted by step */
	VEC(struct content_blob) blobs;     /* sorted by digest */
	/* absolute paths of files among the blobs that killed processes left, and of those that nobody knows */
	struct strv temps, strangers;
};

/* Both fill a zeroed struct; contents_free takes one that was filled in part. */
bool contents_read_rows(struct store *s, struct contents *c, struct err *e);
bool contents_read_blobs(struct store *s, struct contents *c, struct err *e);
void contents_free(struct contents *c);

/* NULL: there is none. */
struct content_blob *contents_blob(const struct contents *c, const struct digest *d);
struct content_action *contents_action(const struct contents *c, const struct digest *key);

uint64_t contents_bytes(const struct contents *c); /* of all blobs */

#endif
