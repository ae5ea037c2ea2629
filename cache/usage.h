/* SPDX-License-Identifier: MIT
 *
 * What the store holds, in numbers.
 */
#ifndef CACHE_USAGE_H
#define CACHE_USAGE_H

#include <stdint.h>

#include "base/err.h"
#include "cache/store.h"

struct store_usage {
	uint64_t blobs, blob_bytes;
	uint64_t index_bytes;
	int64_t actions, outputs, manifests, paths, last_runs, devices;
	uint64_t works, work_bytes; /* work folders and worktrees */
	uint64_t logs, log_bytes;
	int64_t oldest_use_ns, newest_use_ns; /* of an action, to the hour; 0: there is none */
};

/* work_root: as in cache/gc.h. Nothing is changed. */
bool store_measure(struct store *s, const char *work_root, struct store_usage *out, struct err *e);

#endif
