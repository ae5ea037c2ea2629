/* SPDX-License-Identifier: MIT
 *
 * The image model: sorted, disjoint segments. Everything that reads, compares or writes firmware works on it.
 */
#include "image/image.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static uint64_t segment_end(const struct image_segment *s)
{
	return (uint64_t)s->address + s->size;
}

/* Index of the first segment that ends behind `address`; count when there is none. */
static size_t find(const struct image *img, uint32_t address)
{
	size_t low = 0, high = img->count;

	if (high && segment_end(&img->segments[high - 1]) <= address)
		return high;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (segment_end(&img->segments[mid]) <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool check_add(const struct image *img, size_t at, uint32_t address, size_t size,
		      struct err *e)
{
	const struct image_segment *s = at < img->count ? &img->segments[at] : NULL;

	if (size > UINT64_C(0x100000000) - address)
		return err_set(e,
			       "%zu bytes at 0x%08" PRIx32
			       " run past the end of the 32-bit address space",
			       size, address);
	if (size >= IMAGE_MAX_SIZE - img->bytes)
		return err_set(e, "the image has more than %d MiB; no board holds that",
			       IMAGE_MAX_SIZE >> 20);
	if (s && s->address < address + (uint64_t)size)
		return err_set(
			e, "0x%08" PRIx32 "-0x%08" PRIx64 " overlaps 0x%08" PRIx32 "-0x%08" PRIx64,
			address, address + (uint64_t)size - 1, s->address, segment_end(s) - 1);
	return true;
}

static void insert(struct image *img, size_t at, uint32_t address, const uint8_t *data, size_t size)
{
	if (img->count == img->cap) {
		img->cap = img->cap ? img->cap * 2 : 8;
		img->segments = xrealloc(img->segments, img->cap * sizeof(*img->segments));
	}
	memmove(img->segments + at + 1, img->segments + at,
		(img->count - at) * sizeof(*img->segments));
	img->segments[at] =
		(struct image_segment){ .address = address, .size = (uint32_t)size, .data = data };
	img->count++;
}

/* Bytes that are not behind the segment's own in memory go there, with room for more to come. */
static void append(struct image *img, struct image_segment *s, const uint8_t *data, size_t size)
{
	if (s->room < size) {
		size_t grown = (size_t)s->size + (size > s->size ? size : s->size);
		uint8_t *bytes = arena_alloc(&img->arena, grown);

		memcpy(bytes, s->data, s->size);
		s->data = bytes;
		s->room = (uint32_t)(grown - s->size);
	}
	memcpy((uint8_t *)s->data + s->size, data, size);
	s->size += (uint32_t)size;
	s->room -= (uint32_t)size;
}

/* Joins the segment behind `s` into it. */
static void join_next(struct image *img, struct image_segment *s)
{
	struct image_segment *next = s + 1;

	if (s->data + s->size == next->data) {
		s->size += next->size;
		s->room = next->room;
	} else {
		append(img, s, next->data, next->size);
	}
	img->count--;
	memmove(next, next + 1,
		(size_t)(img->segments + img->count - next) * sizeof(*img->segments));
}

bool image_add(struct image *img, uint32_t address, const void *data, size_t size, bool copy,
	       struct err *e)
{
	size_t at = find(img, address);
	bool touches_left = at > 0 && segment_end(&img->segments[at - 1]) == address;

	if (!size)
		return true;
	if (!check_add(img, at, address, size, e))
		return false;
	img->bytes += size;
	if (touches_left && copy) {
		append(img, &img->segments[--at], data, size);
	} else {
		if (copy)
			data = memcpy(arena_alloc(&img->arena, size), data, size);
		insert(img, at, address, data, size);
		if (touches_left)
			join_next(img, &img->segments[--at]);
	}
	if (at + 1 < img->count && segment_end(&img->segments[at]) == img->segments[at + 1].address)
		join_next(img, &img->segments[at]);
	return true;
}

void image_free(struct image *img)
{
	free(img->segments);
	arena_free(&img->arena);
	*img = (struct image)IMAGE_INIT;
}

uint64_t image_size(const struct image *img)
{
	return img->bytes;
}

uint32_t image_start(const struct image *img)
{
	return img->count ? img->segments[0].address : 0;
}

uint64_t image_end(const struct image *img)
{
	return img->count ? segment_end(&img->segments[img->count - 1]) : 0;
}

void image_read(const struct image *img, uint32_t address, void *out, size_t size, uint8_t fill)
{
	uint64_t end = address + (uint64_t)size;

	memset(out, fill, size);
	for (size_t i = find(img, address); i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		uint64_t from = s->address > address ? s->address : address;
		uint64_t to = segment_end(s) < end ? segment_end(s) : end;

		if (from >= to)
			break;
		memcpy((uint8_t *)out + (from - address), s->data + (from - s->address),
		       (size_t)(to - from));
	}
}
