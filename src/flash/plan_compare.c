/* SPDX-License-Identifier: MIT
 *
 * What the device holds already. A protocol with checksums is asked about much at once, then about less; one without is read, and
 * of a sector that the image fills no more than it takes to see that it differs.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "flash/plan_internal.h"

enum {
	FIRST_PIECE = 2048, /* what differs mostly does so at once; a block of DFU */
	MOST_PIECE = 64 * 1024,
	PIECE_GROWS = 4,
	DENSE = 2, /* after so many ranges of which most differed, they are not narrowed any more */
};

struct look {
	struct plan *plan;
	const struct plan_source *source;
	uint64_t done, total; /* bytes of sectors */
	uint8_t *buf;         /* of buf_size, for whatever has to be read or put together */
	size_t buf_size;
	unsigned dense; /* ranges in a row of which most sectors differed */
};

static uint8_t *buffer(struct look *l, size_t size)
{
	if (l->buf_size < size) {
		l->buf = xrealloc(l->buf, size);
		l->buf_size = size;
	}
	return l->buf;
}

static void looked(struct look *l, uint64_t bytes)
{
	l->done += bytes;
	if (l->source->looked)
		l->source->looked(l->source->ctx, l->done, l->total);
}

static void is_not_known(struct plan_sector *s)
{
	s->state = SECTOR_UNKNOWN;
	s->lost = plan_has_gaps(s);
}

/* --- by reading ----------------------------------------------------------------------------------------------- */

static bool read_at(const struct look *l, const struct plan_sector *s, uint32_t offset, void *buf,
		    uint32_t size, struct err *e)
{
	return l->source->read(l->source->ctx, s->address + offset, buf, size, e);
}

/* A sector that the image fills: up to the first difference, but on as long as it may be blank. */
static bool read_full(struct look *l, struct plan_sector *s, struct err *e)
{
	uint8_t *now = buffer(l, MOST_PIECE);
	bool equal = true, blank = s->zone->blank_is_erased;
	uint32_t n, piece = FIRST_PIECE;

	for (uint32_t at = 0; at < s->size && (equal || blank); at += n) {
		n = s->size - at < piece ? s->size - at : piece;
		if (!read_at(l, s, at, now, n, e))
			return false;
		if (equal && memcmp(now, s->content + at, n) != 0) {
			equal = false;
			plan_note_old(s, at, now, n);
		}
		blank = blank && plan_is_erased(now, n, s->zone->erased);
		piece = piece < MOST_PIECE / PIECE_GROWS ? piece * PIECE_GROWS : MOST_PIECE;
	}
	s->state = equal ? SECTOR_EQUAL : blank ? SECTOR_BLANK : SECTOR_DIFFERS;
	return true;
}

/* A sector with bytes that are not the image's: all of it in flash, in RAM what will be written. */
static bool read_partial(struct look *l, struct plan_sector *s, struct err *e)
{
	uint8_t *now = buffer(l, s->size);
	uint32_t offset = 0, size = 0;

	memcpy(now, s->content, s->size);
	while (plan_next_compared(l->plan, s, &offset, &size))
		if (!read_at(l, s, offset, now + offset, size, e))
			return false;
	plan_keep_around(l->plan, s, now);
	s->state = plan_judge(s, now);
	plan_note_old(s, 0, now, s->size);
	if (plan_is_ram(s))
		s->kept = false; /* nothing is erased there */
	return true;
}

static bool look_by_reading(struct look *l, struct plan_sector *s, struct err *e)
{
	bool ok = s->covered == s->size ? read_full(l, s, e) : read_partial(l, s, e);

	if (ok)
		looked(l, s->size);
	return ok;
}

/* --- by asking ------------------------------------------------------------------------------------------------ */

static bool ask(const struct look *l, uint64_t address, const void *data, size_t size, bool *same,
		struct err *e)
{
	return l->source->same(l->source->ctx, address, data, size, same, e);
}

/* Is a sector that differs blank? */
static bool ask_blank(struct look *l, struct plan_sector *s, struct err *e)
{
	bool blank = false;

	if (s->zone->blank_is_erased && !l->plan->write_erases && !plan_is_ram(s)) {
		memset(buffer(l, s->size), s->zone->erased, s->size);
		if (!ask(l, s->address, l->buf, s->size, &blank, e))
			return false;
	}
	s->state = blank ? SECTOR_BLANK : SECTOR_DIFFERS;
	return true;
}

static bool ask_partial(struct look *l, struct plan_sector *s, struct err *e)
{
	bool same = true;

	for (const struct plan_range *r = s->ranges; r && same; r = r->next)
		if (!ask(l, s->address + r->offset, s->content + r->offset, r->size, &same, e))
			return false;
	if (same) {
		s->state = SECTOR_EQUAL;
	} else if (l->source->read && plan_has_gaps(s)) {
		if (!read_partial(l, s, e))
			return false;
	} else {
		s->lost = plan_has_gaps(s);
		if (!ask_blank(l, s, e))
			return false;
	}
	looked(l, s->size);
	return true;
}

static bool ask_sectors(struct look *l, const struct plan_sector *s, size_t count, bool *same,
			struct err *e)
{
	uint32_t size = s->size;
	uint8_t *all = count > 1 ? buffer(l, (size_t)size * count) : NULL;

	if (!all)
		return ask(l, s->address, s->content, size, same, e);
	for (size_t i = 0; i < count; i++)
		memcpy(all + i * size, s[i].content, size);
	return ask(l, s->address, all, (size_t)size * count, same, e);
}

/* Sectors of which some are known to differ: which ones? Adds their number to *differ. */
static bool narrow(struct look *l, struct plan_sector *s, size_t count, size_t *differ,
		   struct err *e)
{
	size_t half = count / 2, before = *differ;
	bool same;

	if (count == 1) {
		++*differ;
		return ask_blank(l, s, e);
	}
	if (!ask_sectors(l, s, half, &same, e))
		return false;
	for (size_t i = 0; same && i < half; i++)
		s[i].state = SECTOR_EQUAL;
	if (!same && !narrow(l, s, half, differ, e))
		return false;
	/* when nothing differs in the first half, the second one need not be asked about */
	same = false;
	if (*differ > before && !ask_sectors(l, s + half, count - half, &same, e))
		return false;
	for (size_t i = half; same && i < count; i++)
		s[i].state = SECTOR_EQUAL;
	return same || narrow(l, s + half, count - half, differ, e);
}

/* A range that differs. A checksum takes the device its time: where all differs, halving would ask for each byte many times. */
static bool ask_less(struct look *l, struct plan_sector *s, size_t count, struct err *e)
{
	size_t differ = 0;

	if (l->dense >= DENSE) {
		for (size_t i = 0; i < count; i++)
			if (!ask_blank(l, &s[i], e))
				return false;
		return true;
	}
	if (!narrow(l, s, count, &differ, e))
		return false;
	l->dense = differ > count / 2 ? l->dense + 1 : 0;
	return true;
}

/* So many sectors from `at` on are the image's alone, one behind the other, and worth one question. */
static size_t run_length(const struct look *l, size_t at)
{
	const struct plan_sector *s = &l->plan->sectors[at];
	size_t count = 1, most = l->source->same_size / s->size;

	while (count < most && at + count < l->plan->count && s[count].zone == s->zone &&
	       s[count].address == s->address + (uint64_t)s->size * count &&
	       s[count].covered == s->size)
		count++;
	return count;
}

static bool look_by_asking(struct look *l, size_t at, size_t *count, struct err *e)
{
	struct plan_sector *s = &l->plan->sectors[at];
	bool same;

	*count = 1;
	if (s->covered < s->size)
		return ask_partial(l, s, e);
	*count = run_length(l, at);
	if (!ask_sectors(l, s, *count, &same, e))
		return false;
	for (size_t i = 0; same && i < *count; i++)
		s[i].state = SECTOR_EQUAL;
	if (!same && !ask_less(l, s, *count, e))
		return false;
	looked(l, (uint64_t)s->size * *count);
	return true;
}

/* --- all ------------------------------------------------------------------------------------------------------ */

static bool look_at(struct look *l, size_t at, size_t *count, struct err *e)
{
	struct plan_sector *s = &l->plan->sectors[at];

	*count = 1;
	if (s->zone->access & MEMORY_READ && l->source->same)
		return look_by_asking(l, at, count, e);
	if (s->zone->access & MEMORY_READ && l->source->read)
		return look_by_reading(l, s, e);
	is_not_known(s);
	looked(l, s->size);
	return true;
}

bool plan_compare(struct plan *p, const struct plan_source *source, struct err *e)
{
	struct look l = { .plan = p, .source = source };
	size_t count;
	bool ok = true;

	for (size_t i = 0; i < p->count; i++)
		l.total += p->sectors[i].size;
	for (size_t at = 0; ok && at < p->count; at += count)
		ok = look_at(&l, at, &count, e);
	free(l.buf);
	if (ok)
		plan_count(p);
	return ok;
}
