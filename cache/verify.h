/* SPDX-License-Identifier: MIT
 *
 * A look at every byte of the store: what is damaged is removed together with what depends on it, so that the next run
 * makes it again.
 */
#ifndef CACHE_VERIFY_H
#define CACHE_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "cache/store.h"

struct verify_result {
	uint64_t blobs, bytes; /* that were read */
	uint64_t actions, manifests;
	struct strv faults; /* what was wrong, one line each, in the arena; vec_free */
	struct strv notes;  /* what is odd and does no harm; vec_free */
};

/*
 * `heal` false (or a dry store): only tells. False: it could not be done (a full disk); what is wrong is no error. An index
 * that SQLite finds damaged is put aside by closing the store; nothing else is looked at then.
 */
bool store_verify(struct store *s, bool heal, struct arena *a, struct verify_result *out,
		  struct err *e);

#endif
