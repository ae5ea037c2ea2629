/* SPDX-License-Identifier: MIT
 *
 * Memory use: sections into regions, and one build against another.
 */
#include "image/usage.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

void usage_regions_free(struct usage_regions *r)
{
	vec_free(r);
}

void usage_changes_free(struct usage_changes *c)
{
	vec_free(c);
}

static void add_range(struct usage_regions *out, const char *name, const struct chip_range *r)
{
	if (r->end > r->start)
		vec_push(out, (struct usage_region){ .name = { name, strlen(name) },
						     .start = r->start,
						     .size = r->end - r->start });
}

void usage_regions_of_chip(struct usage_regions *out, const struct chip *chip)
{
	static const char *const flash[CHIP_FLASH] = { "flash", "flash2", "flash3" };
	static const char *const ram[CHIP_RAM] = { "ram", "ram2", "ram3" };

	if (chip->boot == CHIP_BOOT_ESP)
		return;
	for (size_t i = 0; i < CHIP_FLASH; i++)
		add_range(out, flash[i], &chip->flash[i]);
	for (size_t i = 0; i < CHIP_RAM; i++)
		add_range(out, ram[i], &chip->ram[i]);
}

/* Regions nest: stm32's FLASH has FLASH_ISR, FLASH_FS and FLASH_TEXT in it. */
static struct usage_region *smallest(struct usage_regions *regions, size_t count, uint32_t address)
{
	struct usage_region *best = NULL;

	for (size_t i = 0; i < count; i++) {
		struct usage_region *r = &regions->items[i];

		if (address >= r->start && address - r->start < r->size &&
		    (!best || r->size < best->size))
			best = r;
	}
	return best;
}

static uint64_t use(struct usage_regions *regions, size_t count, uint32_t address, uint32_t size)
{
	struct usage_region *r = smallest(regions, count, address);

	if (!r)
		return size;
	r->used += size;
	return 0;
}

static void add_sum(struct usage_regions *regions, const char *name, uint64_t used)
{
	if (used)
		vec_push(regions,
			 (struct usage_region){ .name = { name, strlen(name) }, .used = used });
}

static void count_kinds(struct usage_regions *regions, const struct sections *s)
{
	uint64_t flash = 0, ram = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct section *x = &s->items[i];

		flash += x->stored ? x->size : 0;
		if (x->kind == SECTION_DATA || x->kind == SECTION_BSS || !x->stored ||
		    x->load != x->address)
			ram += x->size;
	}
	add_sum(regions, "flash", flash);
	add_sum(regions, "ram", ram);
}

void usage_count(struct usage_regions *regions, const struct sections *s)
{
	size_t count = regions->count;
	uint64_t elsewhere = 0;

	if (!count) {
		count_kinds(regions, s);
		return;
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct section *x = &s->items[i];

		if (x->stored)
			elsewhere += use(regions, count, x->load, x->size);
		if (!x->stored || x->load != x->address)
			elsewhere += use(regions, count, x->address, x->size);
	}
	add_sum(regions, "elsewhere", elsewhere);
}

struct usage_totals usage_total(const struct sections *s)
{
	struct usage_totals t = { 0 };

	for (size_t i = 0; i < s->count; i++) {
		const struct section *x = &s->items[i];

		if (x->kind == SECTION_TEXT || x->kind == SECTION_RODATA)
			t.text += x->size;
		else if (x->kind == SECTION_BSS)
			t.bss += x->size;
		else
			t.data += x->size;
	}
	return t;
}

void usage_changes_add(struct usage_changes *c, struct name_slice name, uint64_t size, bool after)
{
	vec_push(c, (struct usage_change){ .name = name,
					   .before = after ? 0 : size,
					   .after = after ? size : 0,
					   .had = !after,
					   .has = after });
}

static int by_name(const void *left, const void *right)
{
	const struct usage_change *a = left, *b = right;

	return name_slice_compare(&a->name, &b->name);
}

static uint64_t amount(const struct usage_change *c)
{
	return c->after > c->before ? c->after - c->before : c->before - c->after;
}

static int by_amount(const void *left, const void *right)
{
	uint64_t a = amount(left), b = amount(right);

	if (a != b)
		return a > b ? -1 : 1;
	return by_name(left, right);
}

void usage_changes_sort(struct usage_changes *c)
{
	size_t last = 0;

	if (!c->count)
		return;
	qsort(c->items, c->count, sizeof(*c->items), by_name);
	for (size_t i = 1; i < c->count; i++) {
		struct usage_change *to = &c->items[last], *from = &c->items[i];

		if (by_name(to, from) != 0) {
			c->items[++last] = *from;
			continue;
		}
		to->before += from->before;
		to->after += from->after;
		to->had = to->had || from->had;
		to->has = to->has || from->has;
	}
	c->count = last + 1;
	qsort(c->items, c->count, sizeof(*c->items), by_amount);
}
