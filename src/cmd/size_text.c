/* SPDX-License-Identifier: MIT
 *
 * `mpflash size` for people: columns.
 */
#include "cmd/size.h"

#include <inttypes.h>
#include <stdio.h>

static void print_regions(const struct size_side *s)
{
	char name[SIZE_NAME];

	if (s->regions_of)
		printf("\n%-22s %-10s %10s %10s  %s%s\n", "region", "address", "used", "size",
		       "of ", s->regions_of);
	else if (s->regions.count)
		printf("\n%-22s %-10s %10s\n", "region", "", "used");
	for (size_t i = 0; i < s->regions.count; i++) {
		const struct usage_region *r = &s->regions.items[i];

		size_name(&r->name, name);
		if (!r->used)
			continue;
		if (r->size)
			printf("%-22s 0x%08" PRIx64 " %10" PRIu64 " %10" PRIu64 " %5.1f%%\n", name,
			       r->start, r->used, r->size,
			       100.0 * (double)r->used / (double)r->size);
		else
			printf("%-22s %-10s %10" PRIu64 "\n", name, "", r->used);
	}
}

void size_print_text(struct size_side *s, size_t symbols)
{
	struct usage_totals t = usage_total(&s->sections);
	uint64_t sum = t.text + t.data + t.bss;
	size_t top = size_top_symbols(s, symbols);
	char name[SIZE_NAME];

	printf("%-22s %-10s %-10s %10s  %s\n", s->is_elf ? "section" : "segment", "address", "load",
	       "size", "kind");
	for (size_t i = 0; i < s->sections.count; i++) {
		const struct section *x = &s->sections.items[i];

		printf("%-22s 0x%08" PRIx32 " 0x%08" PRIx32 " %10" PRIu32 "  %s\n",
		       size_name(&x->name, name), x->address, x->load, x->size,
		       section_kind_name(x->kind));
	}
	print_regions(s);
	if (top)
		printf("\n%-22s %10s  %s\n", "symbol's address", "size", "symbol");
	for (size_t i = 0; i < top; i++)
		printf("0x%08" PRIx32 "%12s %10" PRIu32 "  %s\n", s->symbols.items[i].address, "",
		       s->symbols.items[i].size, size_name(&s->symbols.items[i].name, name));
	if (s->is_elf)
		printf("\n%7s\t%7s\t%7s\t%7s\t%7s\tfilename\n%7" PRIu64 "\t%7" PRIu64 "\t%7" PRIu64
		       "\t%7" PRIu64 "\t%7" PRIx64 "\t%s\n",
		       "text", "data", "bss", "dec", "hex", t.text, t.data, t.bss, sum, sum,
		       s->path);
	else
		printf("\n%-22s %-10s %-10s %10" PRIu64 "  %s\n", "total", "", "", sum, s->path);
}

static void print_table(const char *title, const struct usage_changes *c)
{
	char name[SIZE_NAME];

	if (!c->count)
		return;
	printf("\n%-22s %10s %10s %10s\n", title, "old", "new", "change");
	for (size_t i = 0; i < c->count; i++) {
		const struct usage_change *x = &c->items[i];
		int64_t change = (int64_t)(x->after - x->before);
		const char *note = !x->had ? "  new" : !x->has ? "  gone" : "";

		printf("%-22s %10" PRIu64 " %10" PRIu64, size_name(&x->name, name), x->before,
		       x->after);
		printf(change ? " %+10" PRId64 "%s\n" : " %10" PRId64 "%s\n", change, note);
	}
}

void size_print_changes(struct size_side *a, struct size_side *b, size_t symbols)
{
	struct size_changes c;

	size_compare(&c, a, b, symbols);
	printf("%s -> %s\n", a->path, b->path);
	print_table(a->is_elf ? "section" : "segment", &c.sections);
	print_table("region", &c.regions);
	print_table("symbol", &c.symbols);
	print_table("total", &c.totals);
	size_changes_free(&c);
}
