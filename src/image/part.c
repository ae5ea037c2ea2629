/* SPDX-License-Identifier: MIT
 *
 * Parts into segments: sort, check for overlaps, join what touches.
 */
#include "image/part.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

static uint64_t part_end(const struct image_part *p)
{
	return (uint64_t)p->address + p->size;
}

static bool check_add(const struct image_parts *parts, uint32_t address, size_t size, size_t origin,
		      struct err *e)
{
	if (size > UINT64_C(0x100000000) - address)
		return err_set(e,
			       "%s %zu: %zu bytes at 0x%08" PRIx32
			       " run past the end of the 32-bit address space",
			       parts->noun, origin, size, address);
	if (size >= IMAGE_MAX_SIZE - parts->bytes)
		return err_set(e, "%s %zu: the image has more than %d MiB; no board holds that",
			       parts->noun, origin, IMAGE_MAX_SIZE >> 20);
	return true;
}

bool image_parts_add(struct image_parts *parts, uint32_t address, const void *data, size_t size,
		     size_t origin, struct err *e)
{
	if (!check_add(parts, address, size, origin, e))
		return false;
	if (!size)
		return true;
	parts->bytes += size;
	vec_push(parts, (struct image_part){ address, (uint32_t)size, data, origin });
	return true;
}

bool image_parts_extend(struct image_parts *parts, uint32_t address, const void *data, size_t size,
			size_t origin, struct err *e)
{
	struct image_part *last;

	if (!parts->count)
		return image_parts_add(parts, address, data, size, origin, e);
	last = &parts->items[parts->count - 1];
	if (part_end(last) != address || last->data + last->size != data)
		return image_parts_add(parts, address, data, size, origin, e);
	if (!check_add(parts, address, size, origin, e))
		return false;
	parts->bytes += size;
	last->size += (uint32_t)size;
	return true;
}

static int by_address(const void *left, const void *right)
{
	const struct image_part *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->origin < b->origin ? -1 : a->origin > b->origin;
}

/* Nearly every file is sorted already, and then qsort is the dearest step of reading it. */
static void sort(struct image_parts *parts)
{
	for (size_t i = 1; i < parts->count; i++) {
		if (by_address(&parts->items[i - 1], &parts->items[i]) > 0) {
			qsort(parts->items, parts->count, sizeof(*parts->items), by_address);
			return;
		}
	}
}

static bool check_overlap(const struct image_parts *parts, struct err *e)
{
	for (size_t i = 1; i < parts->count; i++) {
		const struct image_part *a = &parts->items[i - 1], *b = &parts->items[i];
		const struct image_part *late = a->origin > b->origin ? a : b;
		const struct image_part *early = late == a ? b : a;

		if (part_end(a) <= b->address)
			continue;
		return err_set(e,
			       "%s %zu: 0x%08" PRIx32 "-0x%08" PRIx64 " overlaps 0x%08" PRIx32
			       "-0x%08" PRIx64 " of %s %zu",
			       parts->noun, late->origin, late->address, part_end(late) - 1,
			       early->address, part_end(early) - 1, parts->noun, early->origin);
	}
	return true;
}

/* Adds parts [first, end), which touch one another, as one segment. */
static bool add_run(struct image *img, const struct image_part *first, const struct image_part *end,
		    bool contiguous, struct err *e)
{
	size_t size = (size_t)(part_end(end - 1) - first->address);
	uint8_t *copy;

	if (contiguous)
		return image_add(img, first->address, first->data, size, false, e);
	copy = arena_alloc(&img->arena, size);
	for (const struct image_part *p = first; p < end; p++)
		memcpy(copy + (p->address - first->address), p->data, p->size);
	return image_add(img, first->address, copy, size, false, e);
}

bool image_parts_finish(struct image_parts *parts, struct image *img, struct err *e)
{
	const struct image_part *end;

	if (!parts->count)
		return err_set(e, "there is nothing in it to write to a board");
	end = parts->items + parts->count;
	sort(parts);
	if (!check_overlap(parts, e))
		return false;
	for (const struct image_part *p = parts->items, *next; p < end; p = next) {
		bool contiguous = true;

		for (next = p + 1; next < end && part_end(next - 1) == next->address; next++)
			contiguous = contiguous && next[-1].data + next[-1].size == next->data;
		if (!add_run(img, p, next, contiguous, e))
			return false;
	}
	return true;
}

void image_parts_free(struct image_parts *parts)
{
	vec_free(parts);
}
