/* SPDX-License-Identifier: MIT
 *
 * Open addressing with linear probing, at most half full.
 */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/xalloc.h"

static size_t hash_key(const char *key)
{
	return (size_t)XXH3_64bits(key, strlen(key));
}

static struct map_slot *find(const struct map *m, const char *key, size_t hash)
{
	size_t i = hash & (m->size - 1);

	while (m->slots[i].key && (m->slots[i].hash != hash || strcmp(m->slots[i].key, key) != 0))
		i = (i + 1) & (m->size - 1);
	return &m->slots[i];
}

void *map_get(const struct map *m, const char *key)
{
	return m->size ? find(m, key, hash_key(key))->value : NULL;
}

static void resize(struct map *m, size_t size)
{
	struct map old = *m;

	m->slots = xcalloc(size, sizeof(*m->slots));
	m->size = size;
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].key)
			*find(m, old.slots[i].key, old.slots[i].hash) = old.slots[i];
	free(old.slots);
}

void map_reserve(struct map *m, size_t count)
{
	size_t size = m->size ? m->size : 16;

	while (size < 2 * count)
		size *= 2;
	if (size > m->size)
		resize(m, size);
}

void map_put(struct map *m, const char *key, void *value)
{
	size_t hash = hash_key(key);
	struct map_slot *slot;

	map_reserve(m, m->count + 1);
	slot = find(m, key, hash);
	if (!slot->key) {
		slot->key = key;
		slot->hash = hash;
		m->count++;
	}
	slot->value = value;
}

void map_free(struct map *m)
{
	free(m->slots);
	*m = (struct map)MAP_INIT;
}
