/* SPDX-License-Identifier: MIT
 *
 * What the planner's files share: plan.c (sectors and what is sent of them), plan_compare.c (what the device holds), plan_text.c.
 */
#ifndef FLASH_PLAN_INTERNAL_H
#define FLASH_PLAN_INTERNAL_H

#include "flash/plan.h"

/* Do all bytes read as erased? */
bool plan_is_erased(const uint8_t *data, size_t size, uint8_t erased);

/* Is it the bytes between the image's that would be lost with the sector? In RAM only those of units that are written. */
bool plan_has_gaps(const struct plan_sector *s);

/* Bytes around the image's become those of `old`, the whole sector; `kept` is set. Without gaps: nothing to do. */
void plan_keep_around(struct plan *p, struct plan_sector *s, const uint8_t *old);

/* What a sector is, by all of its bytes. */
enum plan_state plan_judge(const struct plan_sector *s, const uint8_t *now);

/* Remembers where `now`, from `offset` on, differs from the content. */
void plan_note_old(struct plan_sector *s, uint32_t offset, const uint8_t *now, uint32_t size);

static inline bool plan_is_ram(const struct plan_sector *s)
{
	return !(s->zone->access & MEMORY_ERASE);
}

#endif
