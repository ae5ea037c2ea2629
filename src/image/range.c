/* SPDX-License-Identifier: MIT
 *
 * Cutting and filling images.
 */
#include "image/range.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define END_OF_MEMORY UINT64_C(0x100000000)

bool image_range_parse(const char *text, struct image_range *range, struct err *e)
{
	size_t len = strcspn(text, "-+");
	char *from = xstrndup(text, len);
	uint32_t start, second;
	bool good = text[len] && image_parse_u32(from, &start) &&
		    image_parse_u32(text + len + 1, &second);

	free(from);
	if (good) {
		range->start = start;
		range->end = text[len] == '-' ? (uint64_t)second + 1 : (uint64_t)start + second;
	}
	if (good && range->start < range->end && range->end <= END_OF_MEMORY)
		return true;
	err_usage(e, "'%s' is not a range of addresses", text);
	return err_hint(e, "a range is FROM-TO with the last address, or FROM+SIZE: "
			   "0x01010018-0x01010033 or 0x01010018+28");
}

static uint64_t end_of(const struct image_segment *s)
{
	return (uint64_t)s->address + s->size;
}

/* What of `s` lies in [start, end), after `list`; nothing may grow into the memory behind it any more. */
static void keep(struct image *list, const struct image_segment *s, uint64_t start, uint64_t end)
{
	uint64_t from = s->address > start ? s->address : start;
	uint64_t to = end_of(s) < end ? end_of(s) : end;

	if (from >= to)
		return;
	list->segments[list->count++] = (struct image_segment){
		.address = (uint32_t)from,
		.size = (uint32_t)(to - from),
		.data = s->data + (from - s->address),
	};
	list->bytes += to - from;
}

void image_exclude(struct image *img, const struct image_range *range)
{
	struct image list = { 0 };

	img->elf = NULL; /* it has more than this now */
	/* A range inside of a segment leaves two of it. */
	list.cap = img->count + 1;
	list.segments = xcalloc(list.cap, sizeof(*list.segments));
	for (size_t i = 0; i < img->count; i++) {
		keep(&list, &img->segments[i], 0, range->start);
		keep(&list, &img->segments[i], range->end, END_OF_MEMORY);
	}
	free(img->segments);
	img->segments = list.segments;
	img->count = list.count;
	img->cap = list.cap;
	img->bytes = list.bytes;
}

static int by_start(const void *a, const void *b)
{
	const struct image_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void image_crop(struct image *img, struct image_range *ranges, size_t count)
{
	struct image_range gap = {
		0
	}; /* from the end of the ranges so far to the start of the next */

	qsort(ranges, count, sizeof(*ranges), by_start);
	for (size_t i = 0; i < count; i++) {
		gap.end = ranges[i].start;
		if (gap.start < gap.end)
			image_exclude(img, &gap);
		if (gap.start < ranges[i].end)
			gap.start = ranges[i].end;
	}
	gap.end = END_OF_MEMORY;
	if (gap.start < gap.end)
		image_exclude(img, &gap);
}

bool image_fill(struct image *img, uint8_t byte, struct err *e)
{
	uint64_t span = image_end(img) - image_start(img), holes = span - image_size(img);
	uint8_t *bytes;

	if (!holes)
		return true;
	if (holes > IMAGE_MAX_FILL || span >= IMAGE_MAX_SIZE) {
		err_set(e,
			"0x%08" PRIx32 "-0x%08" PRIx64 " would take %" PRIu64
			" bytes of filling; %d MiB is the limit",
			image_start(img), image_end(img) - 1, holes, IMAGE_MAX_FILL >> 20);
		return err_hint(e, "leave a part out with --crop or --exclude, or do not fill");
	}
	bytes = arena_alloc(&img->arena, (size_t)span);
	image_read(img, image_start(img), bytes, (size_t)span, byte);
	img->segments[0].data = bytes;
	img->segments[0].size = (uint32_t)span;
	img->segments[0].room = 0;
	img->count = 1;
	img->bytes = span;
	return true;
}
