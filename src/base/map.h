/* SPDX-License-Identifier: MIT
 *
 * A hash map from strings to pointers. Keys are not copied: they must outlive the map.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stddef.h>

struct map_slot {
	const char *key; /* NULL: free */
	size_t hash;
	void *value;
};

struct map {
	struct map_slot *slots;
	size_t count, size; /* size: a power of two, or 0 */
};

#define MAP_INIT  \
	{         \
		0 \
	}

void *map_get(const struct map *m, const char *key);       /* NULL: not there */
void map_put(struct map *m, const char *key, void *value); /* replaces */
void map_reserve(struct map *m, size_t count);
void map_free(struct map *m); /* not the keys, not the values */

#endif
