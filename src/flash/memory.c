/* SPDX-License-Identifier: MIT
 *
 * Zones by address.
 */
#include "flash/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

uint64_t memory_zone_end(const struct memory_zone *z)
{
	return z->start + (uint64_t)z->sector * z->count;
}

void flash_memory_free(struct flash_memory *m)
{
	free(m->zones);
	arena_free(&m->arena);
	*m = (struct flash_memory)FLASH_MEMORY_INIT;
}

/* What the layout of a device says may be anything. */
static bool zone_is_sound(const struct memory_zone *z, struct err *e)
{
	uint64_t size = (uint64_t)z->sector * z->count;
	const char *name = z->name ? z->name : "memory";

	if (!size)
		return err_set(e, "%s at 0x%08" PRIx64 " is empty", name, z->start);
	if (z->start + size < z->start)
		return err_set(e, "%s at 0x%08" PRIx64 " goes past the end of all addresses", name,
			       z->start);
	if (z->write_unit & (z->write_unit - 1) || (z->write_unit && z->sector % z->write_unit))
		return err_set(e,
			       "%s at 0x%08" PRIx64 ": sectors of %" PRIu32
			       " bytes cannot be written %" PRIu32 " bytes at once",
			       name, z->start, z->sector, z->write_unit);
	return true;
}

bool flash_memory_add(struct flash_memory *m, const struct memory_zone *zone, struct err *e)
{
	struct memory_zone copy = *zone;
	size_t at = m->count;

	if (!zone_is_sound(zone, e))
		return false;
	while (at && m->zones[at - 1].start > zone->start)
		at--;
	if ((at && memory_zone_end(&m->zones[at - 1]) > zone->start) ||
	    (at < m->count && memory_zone_end(zone) > m->zones[at].start))
		return err_set(e, "0x%08" PRIx64 "-0x%08" PRIx64 " lies over another memory",
			       zone->start, memory_zone_end(zone) - 1);
	copy.name = zone->name ? arena_strdup(&m->arena, zone->name) : NULL;
	if (m->count == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 8;
		m->zones = xrealloc(m->zones, m->cap * sizeof(*m->zones));
	}
	memmove(&m->zones[at + 1], &m->zones[at], (m->count - at) * sizeof(*m->zones));
	m->zones[at] = copy;
	m->count++;
	return true;
}

const struct memory_zone *flash_memory_find(const struct flash_memory *m, uint64_t address)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memory_zone_end(&m->zones[middle]) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->count && m->zones[low].start <= address ? &m->zones[low] : NULL;
}
