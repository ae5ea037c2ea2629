/* SPDX-License-Identifier: MIT
 *
 * A map of the memory that an image takes up: one line for each stretch of it, since a line that reached from the flash to the
 * chip's settings would show nothing.
 *
 *	  map      0x08000000 |###.......#############......| 0x080fffff
 *	                      16 KiB a sign: # full, + partly, . empty
 */
#include <inttypes.h>
#include <string.h>

#include "cmd/info.h"

enum {
	MARGIN = 36,         /* characters of a line that are not signs */
	LEAST = 16,          /* signs of a line, however narrow the terminal */
	WIDEST = 128,        /* more would only make longer lines */
	STRETCH = 16 << 20,  /* a gap of so many bytes begins another line */
	SMALLEST = 64 << 10, /* what a line shows at least */
};

/* Segments first to last - 1, shown in [start, end). */
struct stretch {
	size_t first, last;
	uint64_t start, end;
};

static uint64_t segment_end(const struct image_segment *s)
{
	return (uint64_t)s->address + s->size;
}

/* A power of two that holds them, but no more than the chip has: 2 MiB of a flash of 16 MiB. */
static void find_window(const struct info *info, struct stretch *s)
{
	const struct image *img = &info->f->image;
	uint64_t end = segment_end(&img->segments[s->last - 1]), size = SMALLEST;

	s->start = img->segments[s->first].address;
	s->end = UINT64_C(1) << 32;
	for (size_t i = 0; info->chip && i < CHIP_FLASH; i++) {
		const struct chip_range *r = &info->chip->flash[i];

		if (s->start < r->start || end > r->end)
			continue;
		s->start = r->start;
		s->end = r->end;
		break;
	}
	while (s->start + size < end)
		size *= 2;
	s->end = s->start + size < s->end ? s->start + size : s->end;
}

static bool next_stretch(const struct info *info, struct stretch *s)
{
	const struct image *img = &info->f->image;

	s->first = s->last;
	if (s->first >= img->count)
		return false;
	while (++s->last < img->count &&
	       img->segments[s->last].address - segment_end(&img->segments[s->last - 1]) < STRETCH)
		;
	find_window(info, s);
	return true;
}

/* Bytes of the image in [from, to); *at moves along with ascending calls. */
static uint64_t bytes_in(const struct image *img, uint64_t from, uint64_t to, size_t *at)
{
	uint64_t bytes = 0;

	while (*at < img->count && segment_end(&img->segments[*at]) <= from)
		++*at;
	for (size_t i = *at; i < img->count && img->segments[i].address < to; i++) {
		uint64_t start = img->segments[i].address, end = segment_end(&img->segments[i]);

		bytes += (end < to ? end : to) - (start > from ? start : from);
		if (end <= to)
			*at = i + 1;
	}
	return bytes;
}

static void draw(const struct info *info, const struct stretch *s, uint64_t step,
		 struct strbuf *out)
{
	size_t at = s->first;

	strbuf_addf(out, "  map      0x%08" PRIx64 " |", s->start);
	for (uint64_t from = s->start; from < s->end; from += step) {
		uint64_t to = from + step < s->end ? from + step : s->end;
		uint64_t bytes = bytes_in(&info->f->image, from, to, &at);

		strbuf_adds(out, !bytes ? "." : bytes == to - from ? "#" : "+");
	}
	strbuf_addf(out, "| 0x%08" PRIx64 "\n                      ", s->end - 1);
	if (step >= 1024)
		strbuf_addf(out, "%" PRIu64 " KiB", step / 1024);
	else
		strbuf_addf(out, "%" PRIu64 " bytes", step);
	strbuf_adds(out, " a sign: # full, + partly, . empty\n");
}

void info_map(const struct info *info, int columns, struct strbuf *out)
{
	struct stretch s = { 0 };
	uint64_t signs = columns > MARGIN + LEAST ? (uint64_t)(columns - MARGIN) : LEAST;

	signs = signs < WIDEST ? signs : WIDEST;
	while (next_stretch(info, &s)) {
		uint64_t step = 1;

		while (step * signs < s.end - s.start)
			step *= 2;
		draw(info, &s, step, out);
	}
}
