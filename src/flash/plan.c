/* SPDX-License-Identifier: MIT
 *
 * From an image and a layout to sectors, and from a sector to the bytes that are sent for it.
 */
#include "flash/plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "flash/plan_internal.h"

enum {
	PAGE = 256, /* erased bytes are left out by so many at the ends of what is sent */
	GAP = 2048, /* and in the middle from so many on: another write costs a command */
};

void plan_free(struct plan *p)
{
	flash_memory_free(&p->memory);
	free(p->sectors);
	arena_free(&p->arena);
	*p = (struct plan)PLAN_INIT;
}

/* --- sectors -------------------------------------------------------------------------------------------------- */

bool plan_is_erased(const uint8_t *data, size_t size, uint8_t erased)
{
	return !size || (data[0] == erased && memcmp(data, data + 1, size - 1) == 0);
}

static void copy_memory(struct plan *p, const struct flash_memory *memory)
{
	AUTO_ERR e = ERR_INIT;

	for (size_t i = 0; i < memory->count; i++)
		if (!flash_memory_add(&p->memory, &memory->zones[i], &e))
			BUG("a memory that is none: %s", e.msg);
}

static bool no_memory(const struct plan *p, uint64_t address, struct err *e)
{
	AUTO_STRBUF there = STRBUF_INIT;

	for (size_t i = 0; i < p->memory.count; i++) {
		const struct memory_zone *z = &p->memory.zones[i];
		uint64_t start = z->start;

		/* zones that only differ in the size of their sectors are one memory for people */
		while (i + 1 < p->memory.count &&
		       memory_zone_end(z) == p->memory.zones[i + 1].start)
			z = &p->memory.zones[++i];
		strbuf_addf(&there, "%s0x%08" PRIx64 "-0x%08" PRIx64, there.len ? ", " : "", start,
			    memory_zone_end(z) - 1);
	}
	err_set(e, "the image has bytes at 0x%08" PRIx64 ", where the device has no memory",
		address);
	return err_hint(e, "its memory is %s", there.len ? there.buf : "not known");
}

static const struct memory_zone *zone_for(const struct plan *p, uint64_t address, struct err *e)
{
	const struct memory_zone *z = flash_memory_find(&p->memory, address);

	if (!z) {
		no_memory(p, address, e);
		return NULL;
	}
	if (z->access & MEMORY_WRITE)
		return z;
	err_set(e, "the image has bytes at 0x%08" PRIx64 ", in %s, which cannot be written",
		address, z->name ? z->name : "a memory");
	return NULL;
}

static struct plan_sector new_sector(const struct memory_zone *z, uint64_t address)
{
	return (struct plan_sector){
		.address = address - (address - z->start) % z->sector,
		.size = z->sector,
		.zone = z,
	};
}

static void push(struct plan *p, struct plan_sector s)
{
	if (p->count == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 64;
		p->sectors = xrealloc(p->sectors, p->cap * sizeof(*p->sectors));
	}
	p->sectors[p->count++] = s;
}

static struct plan_sector *sector_for(struct plan *p, const struct memory_zone *z, uint64_t address)
{
	struct plan_sector s = new_sector(z, address);

	if (!p->count || p->sectors[p->count - 1].address != s.address)
		push(p, s);
	return &p->sectors[p->count - 1];
}

/* A sector that is not the image's alone has bytes of its own, erased ones at first. */
static void make_own(struct plan *p, struct plan_sector *s)
{
	if (s->own)
		return;
	s->own = arena_alloc(&p->arena, s->size);
	memset(s->own, s->zone->erased, s->size);
	s->content = s->own;
}

static void add_range(struct plan *p, struct plan_sector *s, uint32_t offset, const uint8_t *data,
		      uint32_t size)
{
	struct plan_range **end = &s->ranges;

	while (*end)
		end = &(*end)->next;
	*end = ARENA_NEW(&p->arena, struct plan_range);
	(*end)->offset = offset;
	(*end)->size = size;
	s->covered += size;
	if (size == s->size) {
		s->content = data;
		return;
	}
	make_own(p, s);
	memcpy(s->own + offset, data, size);
}

static bool add_segment(struct plan *p, const struct image_segment *segment, struct err *e)
{
	uint64_t address = segment->address, end = address + segment->size;
	const uint8_t *data = segment->data;

	while (address < end) {
		const struct memory_zone *z = zone_for(p, address, e);
		struct plan_sector *s;
		uint64_t sector_end, to;

		if (!z)
			return false;
		s = sector_for(p, z, address);
		sector_end = s->address + s->size;
		to = end < sector_end ? end : sector_end;
		add_range(p, s, (uint32_t)(address - s->address), data, (uint32_t)(to - address));
		data += to - address;
		address = to;
	}
	return true;
}

bool plan_make(struct plan *p, const struct image *img, const struct flash_memory *memory,
	       struct err *e)
{
	copy_memory(p, memory);
	for (size_t i = 0; i < img->count; i++)
		if (!add_segment(p, &img->segments[i], e))
			return false;
	plan_count(p);
	return true;
}

void plan_keep_contents(struct plan *p)
{
	for (size_t i = 0; i < p->count; i++) {
		struct plan_sector *s = &p->sectors[i];

		if (s->own)
			continue;
		s->own = arena_alloc(&p->arena, s->size);
		memcpy(s->own, s->content, s->size);
		s->content = s->own;
	}
}

/* --- what is sent --------------------------------------------------------------------------------------------- */

bool plan_sector_is_work(const struct plan_sector *s)
{
	return s->state != SECTOR_EQUAL;
}

bool plan_sector_is_erased(const struct plan_sector *s)
{
	return !plan_is_ram(s) && (s->state == SECTOR_DIFFERS || s->state == SECTOR_UNKNOWN);
}

static uint32_t unit_of(const struct plan_sector *s)
{
	return s->zone->write_unit ? s->zone->write_unit : 1;
}

static uint32_t unit_start(const struct plan_sector *s, const struct plan_range *r)
{
	return r->offset & ~(unit_of(s) - 1);
}

static uint32_t unit_end(const struct plan_sector *s, const struct plan_range *r)
{
	uint32_t mask = unit_of(s) - 1;

	return (r->offset + r->size + mask) & ~mask;
}

/* In RAM: the units that the image has bytes of, those that touch together. */
static bool next_in_ram(const struct plan_sector *s, uint32_t from, uint32_t *offset,
			uint32_t *size)
{
	const struct plan_range *r = s->ranges;
	uint32_t end;

	while (r && unit_end(s, r) <= from)
		r = r->next;
	if (!r)
		return false;
	*offset = unit_start(s, r);
	end = unit_end(s, r);
	for (r = r->next; r && unit_start(s, r) <= end; r = r->next)
		end = unit_end(s, r);
	*size = end - *offset;
	return true;
}

/* In erased flash: all but erased bytes, in whole pages and units. */
static bool next_in_flash(const struct plan_sector *s, uint32_t from, uint32_t *offset,
			  uint32_t *size)
{
	uint32_t page = unit_of(s) > PAGE ? unit_of(s) : PAGE, first = s->size, end = from;

	if (s->size < page)
		page = s->size;
	for (uint32_t at = from; at < s->size; at += page) {
		uint32_t n = s->size - at < page ? s->size - at : page;

		if (plan_is_erased(s->content + at, n, s->zone->erased)) {
			if (first < s->size && at + n - end >= GAP)
				break;
			continue;
		}
		if (first == s->size)
			first = at;
		end = at + n;
	}
	if (first == s->size)
		return false;
	*offset = first;
	*size = end - first;
	return true;
}

static bool whole_once(const struct plan_sector *s, uint32_t from, uint32_t *offset, uint32_t *size)
{
	*offset = 0;
	*size = s->size;
	return from == 0;
}

bool plan_next_sent(const struct plan *p, const struct plan_sector *s, uint32_t *offset,
		    uint32_t *size)
{
	uint32_t from = *offset + *size;

	if (plan_is_ram(s))
		return next_in_ram(s, from, offset, size);
	return p->write_erases ? whole_once(s, from, offset, size)
			       : next_in_flash(s, from, offset, size);
}

bool plan_next_compared(const struct plan *p, const struct plan_sector *s, uint32_t *offset,
			uint32_t *size)
{
	uint32_t from = *offset + *size;

	(void)p;
	return plan_is_ram(s) ? next_in_ram(s, from, offset, size)
			      : whole_once(s, from, offset, size);
}

bool plan_has_gaps(const struct plan_sector *s)
{
	uint32_t offset = 0, size = 0, sent = 0;

	if (!plan_is_ram(s))
		return s->covered < s->size;
	while (next_in_ram(s, offset + size, &offset, &size))
		sent += size;
	return sent > s->covered;
}

/* --- figures -------------------------------------------------------------------------------------------------- */

static uint64_t bytes_sent(const struct plan *p, const struct plan_sector *s)
{
	uint32_t offset = 0, size = 0;
	uint64_t sum = 0;

	while (plan_next_sent(p, s, &offset, &size))
		sum += size;
	return sum;
}

void plan_count(struct plan *p)
{
	uint64_t us = 0;
	bool known = true;

	p->bytes_image = p->bytes_write = p->bytes_equal = p->estimate_ms = 0;
	p->erases = 0;
	for (size_t i = 0; i < p->count; i++) {
		const struct plan_sector *s = &p->sectors[i];
		uint64_t sent = plan_sector_is_work(s) ? bytes_sent(p, s) : 0;
		bool erased = plan_sector_is_erased(s);

		p->bytes_image += s->covered;
		p->bytes_write += sent;
		p->erases += erased;
		if (!plan_sector_is_work(s))
			p->bytes_equal += s->covered;
		us += sent * s->zone->write_us / 1024 +
		      (erased ? (uint64_t)s->zone->erase_ms * 1000 : 0);
		known = known && (!sent || s->zone->write_us) && (!erased || s->zone->erase_ms);
	}
	p->estimate_ms = known ? (us + 999) / 1000 : 0;
}

/* --- bytes around the image ----------------------------------------------------------------------------------- */

static void copy_around(struct plan_sector *s, const uint8_t *old)
{
	uint32_t at = 0;

	for (const struct plan_range *r = s->ranges; r; r = r->next) {
		memcpy(s->own + at, old + at, r->offset - at);
		at = r->offset + r->size;
	}
	memcpy(s->own + at, old + at, s->size - at);
}

static bool around_is_erased(const struct plan_sector *s)
{
	uint32_t at = 0;

	for (const struct plan_range *r = s->ranges; r; r = r->next) {
		if (!plan_is_erased(s->own + at, r->offset - at, s->zone->erased))
			return false;
		at = r->offset + r->size;
	}
	return plan_is_erased(s->own + at, s->size - at, s->zone->erased);
}

void plan_keep_around(struct plan *p, struct plan_sector *s, const uint8_t *old)
{
	if (s->covered == s->size)
		return;
	make_own(p, s);
	copy_around(s, old);
	s->kept = !around_is_erased(s);
	s->lost = false;
	if (!s->kept)
		return;
	s->before = memcpy(arena_alloc(&p->arena, s->size), old, s->size);
}

void plan_note_old(struct plan_sector *s, uint32_t offset, const uint8_t *now, uint32_t size)
{
	uint32_t at = 0;

	while (at < size && now[at] == s->content[offset + at])
		at++;
	s->old.offset = offset + at;
	s->old.size = size - at < sizeof(s->old.bytes) ? size - at : sizeof(s->old.bytes);
	memcpy(s->old.bytes, now + at, s->old.size);
}

enum plan_state plan_judge(const struct plan_sector *s, const uint8_t *now)
{
	const struct memory_zone *z = s->zone;

	if (memcmp(now, s->content, s->size) == 0)
		return SECTOR_EQUAL;
	return z->blank_is_erased && plan_is_erased(now, s->size, z->erased) ? SECTOR_BLANK
									     : SECTOR_DIFFERS;
}

/* The place of a sector in the list: the first one that is not below it. */
static size_t place_of(const struct plan *p, uint64_t address)
{
	size_t at = 0;

	while (at < p->count && p->sectors[at].address < address)
		at++;
	return at;
}

static void insert_sector(struct plan *p, size_t at, struct plan_sector s)
{
	push(p, s);
	memmove(&p->sectors[at + 1], &p->sectors[at], (p->count - 1 - at) * sizeof(s));
	p->sectors[at] = s;
}

bool plan_restore(struct plan *p, uint64_t address, const uint8_t *old, const uint8_t *now,
		  uint32_t size, struct err *e)
{
	const struct memory_zone *z = flash_memory_find(&p->memory, address);
	size_t at = place_of(p, address);
	struct plan_sector *s;

	if (!z || z->sector != size || (address - z->start) % size)
		return err_set(e, "0x%08" PRIx64 "-0x%08" PRIx64 " is no sector of this memory",
			       address, address + size - 1);
	if (at == p->count || p->sectors[at].address != address)
		insert_sector(p, at, new_sector(z, address));
	s = &p->sectors[at];
	plan_keep_around(p, s, old);
	s->state = plan_judge(s, now);
	plan_note_old(s, 0, now, size);
	plan_count(p);
	return true;
}
