/* SPDX-License-Identifier: MIT
 *
 * What the files of gc share.
 */
#ifndef CACHE_GC_INTERNAL_H
#define CACHE_GC_INTERNAL_H

#include "cache/contents.h"
#include "cache/gc.h"

/* A folder in which something is built: below the work root, or a worktree. */
struct gc_work {
	const char *path; /* absolute */
	const char *lock; /* the file whose lock its builder holds */
	int64_t used_ns;
	uint64_t bytes;
	const char *holder; /* who has it; NULL: nobody */
};

struct gc_works {
	struct gc_work *items;
	size_t count, cap; /* vec_free; strings in the arena */
};

/* All work folders with their sizes, measured where they may have changed. */
bool gc_list_works(struct store *s, const char *work_root, struct arena *a, struct gc_works *out,
		   struct err *e);

/* Names of trees (folders of the work root) in which somebody builds just now. */
bool gc_busy_trees(const char *work_root, struct arena *a, struct strv *out, struct err *e);

/* Removes work folders down to `limit` bytes (0: no limit). */
bool gc_trim_works(struct store *s, const struct gc_options *o, uint64_t limit, struct arena *a,
		   struct gc_result *out, struct err *e);

/* Removes what killed processes and time left behind. `c`: with the store's blobs read. */
bool gc_clean(struct store *s, const struct gc_options *o, const struct contents *c,
	      struct gc_result *out, struct err *e);

/* A blob that a manifest names: the names in a folder that was listed. Reasons show them. */
struct gc_text {
	struct digest key; /* of the manifest's action */
	struct content_blob *blob;
};
struct gc_texts {
	struct gc_text *items;
	size_t count, cap; /* sorted by key; vec_free */
};

/* All of them, and a reference counted for each. */
bool gc_read_texts(struct store *s, struct contents *c, struct gc_texts *out, struct err *e);

#endif
