/* SPDX-License-Identifier: MIT
 *
 * What of `mpflash size` is the same for people and for programs: what is largest, and what changed.
 */
#include "cmd/size.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

const char *size_name(const struct name_slice *name, char text[static SIZE_NAME])
{
	for (size_t i = 0; i < name->len; i++)
		text[i] =
			(char)(name->text[i] >= ' ' && name->text[i] <= '~' ? name->text[i] : '?');
	text[name->len] = '\0';
	return text;
}

static int by_size(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return name_slice_compare(&a->name, &b->name);
}

size_t size_top_symbols(struct size_side *s, size_t symbols)
{
	if (!symbols || !s->symbols.count)
		return 0;
	qsort(s->symbols.items, s->symbols.count, sizeof(*s->symbols.items), by_size);
	return symbols < s->symbols.count ? symbols : s->symbols.count;
}

static void section_changes(struct usage_changes *c, const struct sections *s, bool after)
{
	for (size_t i = 0; i < s->count; i++)
		usage_changes_add(c, s->items[i].name, s->items[i].size, after);
}

static void region_changes(struct usage_changes *c, const struct usage_regions *r, bool after)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].used)
			usage_changes_add(c, r->items[i].name, r->items[i].used, after);
}

static void symbol_changes(struct usage_changes *c, const struct symbols *s, bool after)
{
	for (size_t i = 0; i < s->count; i++)
		usage_changes_add(c, s->items[i].name, s->items[i].size, after);
}

/* In this order, whatever their amounts. */
static void total_changes(struct usage_changes *c, const struct size_side *a,
			  const struct size_side *b)
{
	static const char *const names[] = { "text", "data", "bss", "total" };
	struct usage_totals t = usage_total(&a->sections), u = usage_total(&b->sections);
	const uint64_t before[] = { t.text, t.data, t.bss, t.text + t.data + t.bss };
	const uint64_t after[] = { u.text, u.data, u.bss, u.text + u.data + u.bss };

	for (size_t i = a->is_elf ? 0 : 3; i < ARRAY_SIZE(names); i++)
		vec_push(c,
			 (struct usage_change){
				 { names[i], strlen(names[i]) }, before[i], after[i], true, true });
}

void size_compare(struct size_changes *c, const struct size_side *a, const struct size_side *b,
		  size_t symbols)
{
	const struct size_side *const sides[] = { a, b };

	*c = (struct size_changes){ 0 };
	for (size_t i = 0; i < 2; i++) {
		section_changes(&c->sections, &sides[i]->sections, i == 1);
		region_changes(&c->regions, &sides[i]->regions, i == 1);
		if (symbols)
			symbol_changes(&c->symbols, &sides[i]->symbols, i == 1);
	}
	usage_changes_sort(&c->sections);
	usage_changes_sort(&c->regions);
	usage_changes_sort(&c->symbols);
	total_changes(&c->totals, a, b);
	if (c->symbols.count > symbols)
		c->symbols.count = symbols;
	/* Symbols that did not change are no news. */
	while (c->symbols.count && c->symbols.items[c->symbols.count - 1].before ==
					   c->symbols.items[c->symbols.count - 1].after)
		c->symbols.count--;
}

void size_changes_free(struct size_changes *c)
{
	usage_changes_free(&c->sections);
	usage_changes_free(&c->regions);
	usage_changes_free(&c->symbols);
	usage_changes_free(&c->totals);
}
