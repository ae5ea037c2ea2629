/* SPDX-License-Identifier: MIT
 *
 * Keeping the store within its limits: what was not used for longest goes first, what is in use stays.
 *
 * Two limits: one for blobs, one for work folders and worktrees together. Actions go by least recent use, with their
 * outputs, manifests and last runs; then blobs that nothing refers to. Spared: actions of a tree in which something is being
 * built (a work folder of it is locked), those whose firmware is on a known device, and, while another mpflash has the
 * store open, what was used within two hours or put within ten minutes. What runs by itself spares the former always: a
 * limit that is smaller than one run's results must not make the next run start from nothing.
 */
#ifndef CACHE_GC_H
#define CACHE_GC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "cache/store.h"

struct gc_limits {
	uint64_t blobs; /* bytes; 0: no limit */
	uint64_t work;  /* of work folders and worktrees; 0: no limit */
};

/* MPFLASH_CACHE_SIZE and MPFLASH_WORK_SIZE ("500M", "2G"; "0": no limit), else 5 GB each. */
bool gc_read_limits(struct gc_limits *out, struct err *e);

struct gc_options {
	struct gc_limits limits;
	const char *work_root; /* the store's (build/workdir.h); NULL: leave work folders alone */
	bool dry_run;          /* only tell; a dry store wants this */
};

struct gc_result {
	uint64_t bytes;      /* of blobs that stay */
	uint64_t blob_bytes; /* of those that went */
	size_t actions, blobs;
	uint64_t work_kept, work_bytes; /* bytes of work folders that stay, and that went */
	size_t works;
	size_t leftovers;   /* temporary files, old logs and old damaged indexes that went */
	bool alone;         /* nobody else had the store open */
	struct strv spared; /* what should have gone and is in use, in words; vec_free */
};

/* Words of the result live in the arena. */
bool gc_run(struct store *s, const struct gc_options *o, struct arena *a, struct gc_result *out,
	    struct err *e);

/*
 * The same after a run that did something, when a limit is exceeded (*ran): then some more goes, so that not each run has to.
 * Cheap otherwise: the bytes of blobs are a number in the index, and a work folder is measured once per build in it.
 */
bool gc_after_run(struct store *s, const struct gc_options *o, struct arena *a,
		  struct gc_result *out, bool *ran, struct err *e);

#endif
