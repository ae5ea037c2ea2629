/* SPDX-License-Identifier: MIT
 *
 * --erase: the image becomes one of all the memory that it lies in, with erased bytes around it. So the planner sees to the rest: what
 * is erased already is left as it is, and what the rules protect is no part of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "flash/driver_internal.h"
#include "image/check.h"

/* Erased bytes from `from` to `to`, but where something is protected. */
static bool add_blank(struct driver_run *run, uint64_t from, uint64_t to, struct err *e)
{
	const struct flash_target *t = run->t;

	for (size_t i = 0; i < t->protect_count; i++) {
		const struct image_region *p = &t->protect[i];

		if (p->start >= to || p->end <= from)
			continue;
		return (p->start <= from || add_blank(run, from, p->start, e)) &&
		       (p->end >= to || add_blank(run, p->end, to, e));
	}
	return from >= to ||
	       image_add(&run->whole, (uint32_t)from, run->blank, (size_t)(to - from), false, e);
}

/* The image's bytes between `start` and `end`, and erased ones around them. */
static bool add_region(struct driver_run *run, const struct image *img, uint64_t start,
		       uint64_t end, uint8_t erased, struct err *e)
{
	uint64_t at = start;

	run->blank = xrealloc(run->blank, (size_t)(end - start));
	memset(run->blank, erased, (size_t)(end - start));
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		if (s->address < start || s->address >= end)
			continue;
		if (!add_blank(run, at, s->address, e) ||
		    !image_add(&run->whole, s->address, s->data, s->size, false, e))
			return false;
		at = s->address + (uint64_t)s->size;
	}
	return add_blank(run, at, end, e);
}

/*
 * Only the memory where most of the image is, its first part's: what else a device shows (option bytes, another chip's flash) is no
 * place for firmware alone.
 */
bool driver_erase_all(struct driver_run *run, struct err *e)
{
	const struct image *img = run->img;
	const struct memory_zone *z =
		img->count ? flash_memory_find(&run->memory, img->segments[0].address) : NULL;
	uint64_t start, end;

	if (!run->t->erase || run->only_image || !z || !(z->access & MEMORY_ERASE))
		return true;
	driver_region(&run->memory, z, &start, &end);
	if (!add_region(run, img, start, end, z->erased, e))
		return false;
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		if ((s->address < start || s->address >= end) &&
		    !image_add(&run->whole, s->address, s->data, s->size, false, e))
			return false;
	}
	run->img = &run->whole;
	return true;
}
