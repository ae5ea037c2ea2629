/* SPDX-License-Identifier: MIT
 *
 * Dividing boards among machines: --shard I/N.
 */
#ifndef GRAPH_SHARD_H
#define GRAPH_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct shard_item {
	const char *name;  /* no two have the same */
	const char *group; /* boards of one take about as long: the port */
	int64_t ms;        /* how long it takes; 0: not known */
	int shard;         /* filled by shard_split: 0 up to count - 1 */
};

/*
 * Gives each item to one shard: the longest first, each to the shard that has least to do so far, equal ones in the order of
 * their names; so the result depends on names and times alone. A time that is not known is the mean of its group's, or of
 * all; where no time is known all are equal, and the names go round. Sorts the items.
 */
void shard_split(struct shard_item *items, size_t count, int shards);

/* Of names and shards, after shard_split: machines whose records differ may split differently, and this tells. */
struct digest shard_digest(const struct shard_item *items, size_t count);

enum { SHARD_MOST = 10000 };

/* "2/5": the second of five. A usage error for anything else, for I above N and for N above SHARD_MOST. */
bool shard_parse(const char *text, int *number, int *count, struct err *e);

#endif
