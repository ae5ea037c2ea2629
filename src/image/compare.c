/* SPDX-License-Identifier: MIT
 *
 * Two images byte by byte, for saying where they differ; that they do is what their digests are for.
 */
#include <string.h>

#include "image/image.h"

enum { CHUNK = 256 };

struct difference {
	uint64_t count;
	uint32_t first;
};

static void note(struct difference *d, uint32_t address)
{
	if (!d->count || address < d->first)
		d->first = address;
	d->count++;
}

/* The bytes of `a`, against those of `b`; with `only` those where `b` has none. */
static void compare_segment(const struct image_segment *a, const struct image *b, bool only,
			    struct difference *d)
{
	uint8_t low[CHUNK], high[CHUNK];

	for (uint32_t at = 0; at < a->size; at += CHUNK) {
		uint32_t size = a->size - at < CHUNK ? a->size - at : CHUNK;

		image_read(b, a->address + at, low, size, 0x00);
		image_read(b, a->address + at, high, size, 0xff);
		for (uint32_t i = 0; i < size; i++)
			if (a->data[at + i] != low[i] && (!only || low[i] != high[i]))
				note(d, a->address + at + i);
	}
}

uint64_t image_compare(const struct image *a, const struct image *b, uint32_t *first)
{
	struct difference d = { 0 };

	for (size_t i = 0; i < a->count; i++)
		compare_segment(&a->segments[i], b, false, &d);
	for (size_t i = 0; i < b->count; i++)
		compare_segment(&b->segments[i], a, true, &d);
	*first = d.first;
	return d.count;
}
