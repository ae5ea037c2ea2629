/* SPDX-License-Identifier: MIT
 *
 * What `mpflash size` prints: columns for people, JSON for programs. Names are a file's: what a terminal would act on is
 * printed as '?'.
 */
#include "cmd/size.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/vec.h"

enum { NAME_SIZE = NAME_SLICE_MAX + 1 };

static const char *name_text(const struct name_slice *name, char text[static NAME_SIZE])
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

/* The largest first; how many of them to show. */
static size_t top_symbols(struct size_side *s, size_t symbols)
{
	if (!symbols || !s->symbols.count)
		return 0;
	qsort(s->symbols.items, s->symbols.count, sizeof(*s->symbols.items), by_size);
	return symbols < s->symbols.count ? symbols : s->symbols.count;
}

static void print_regions(const struct size_side *s)
{
	char name[NAME_SIZE];

	if (s->regions_of)
		printf("\n%-22s %-10s %10s %10s  %s%s\n", "region", "address", "used", "size",
		       "of ", s->regions_of);
	else if (s->regions.count)
		printf("\n%-22s %-10s %10s\n", "region", "", "used");
	for (size_t i = 0; i < s->regions.count; i++) {
		const struct usage_region *r = &s->regions.items[i];

		name_text(&r->name, name);
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
	size_t top = top_symbols(s, symbols);
	char name[NAME_SIZE];

	printf("%-22s %-10s %-10s %10s  %s\n", s->is_elf ? "section" : "segment", "address", "load",
	       "size", "kind");
	for (size_t i = 0; i < s->sections.count; i++) {
		const struct section *x = &s->sections.items[i];

		printf("%-22s 0x%08" PRIx32 " 0x%08" PRIx32 " %10" PRIu32 "  %s\n",
		       name_text(&x->name, name), x->address, x->load, x->size,
		       section_kind_name(x->kind));
	}
	print_regions(s);
	if (top)
		printf("\n%-22s %10s  %s\n", "symbol's address", "size", "symbol");
	for (size_t i = 0; i < top; i++)
		printf("0x%08" PRIx32 "%12s %10" PRIu32 "  %s\n", s->symbols.items[i].address, "",
		       s->symbols.items[i].size, name_text(&s->symbols.items[i].name, name));
	if (s->is_elf)
		printf("\n%7s\t%7s\t%7s\t%7s\t%7s\tfilename\n%7" PRIu64 "\t%7" PRIu64 "\t%7" PRIu64
		       "\t%7" PRIu64 "\t%7" PRIx64 "\t%s\n",
		       "text", "data", "bss", "dec", "hex", t.text, t.data, t.bss, sum, sum,
		       s->path);
	else
		printf("\n%-22s %-10s %-10s %10" PRIu64 "  %s\n", "total", "", "", sum, s->path);
}

/* --- JSON ---------------------------------------------------------------------------------------- */

static void json_name(struct json *j, const struct name_slice *slice)
{
	char name[NAME_SIZE];

	json_string(j, "name", name_text(slice, name));
}

static void json_sections(struct json *j, const struct sections *sections)
{
	json_array(j, "sections");
	for (size_t i = 0; i < sections->count; i++) {
		const struct section *x = &sections->items[i];

		json_object(j, NULL);
		json_name(j, &x->name);
		json_int(j, "address", x->address);
		json_int(j, "load", x->load);
		json_int(j, "size", x->size);
		json_string(j, "kind", section_kind_name(x->kind));
		json_object_end(j);
	}
	json_array_end(j);
}

/* A size that is not known is null. */
static void json_regions(struct json *j, const struct usage_regions *regions)
{
	json_array(j, "regions");
	for (size_t i = 0; i < regions->count; i++) {
		const struct usage_region *r = &regions->items[i];

		json_object(j, NULL);
		json_name(j, &r->name);
		if (r->size) {
			json_int(j, "address", (int64_t)r->start);
			json_int(j, "size", (int64_t)r->size);
		} else {
			json_string(j, "address", NULL);
			json_string(j, "size", NULL);
		}
		json_int(j, "used", (int64_t)r->used);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_totals(struct json *j, const struct size_side *s)
{
	struct usage_totals t = usage_total(&s->sections);

	if (s->is_elf) {
		json_int(j, "text", (int64_t)t.text);
		json_int(j, "data", (int64_t)t.data);
		json_int(j, "bss", (int64_t)t.bss);
	}
	json_int(j, "total", (int64_t)(t.text + t.data + t.bss));
}

static void json_side(struct json *j, struct size_side *s, size_t symbols)
{
	size_t top = top_symbols(s, symbols);

	json_string(j, "file", s->path);
	json_string(j, "format", s->file.format->name);
	json_sections(j, &s->sections);
	json_regions(j, &s->regions);
	json_string(j, "regions_of", s->regions_of);
	if (symbols) {
		json_array(j, "symbols");
		for (size_t i = 0; i < top; i++) {
			json_object(j, NULL);
			json_name(j, &s->symbols.items[i].name);
			json_int(j, "address", s->symbols.items[i].address);
			json_int(j, "size", s->symbols.items[i].size);
			json_object_end(j);
		}
		json_array_end(j);
	}
	json_totals(j, s);
}

void size_print_json(struct size_side *s, size_t symbols)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_side(&j, s, symbols);
	json_object_end(&j);
	puts(out.buf);
}

/* --- two builds ---------------------------------------------------------------------------------- */

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

struct comparison {
	struct usage_changes sections, regions, symbols, totals;
};

static void compare(struct comparison *c, const struct size_side *a, const struct size_side *b,
		    size_t symbols)
{
	const struct size_side *const sides[] = { a, b };

	*c = (struct comparison){ 0 };
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

static void comparison_free(struct comparison *c)
{
	usage_changes_free(&c->sections);
	usage_changes_free(&c->regions);
	usage_changes_free(&c->symbols);
	usage_changes_free(&c->totals);
}

static void print_table(const char *title, const struct usage_changes *c)
{
	char name[NAME_SIZE];

	if (!c->count)
		return;
	printf("\n%-22s %10s %10s %10s\n", title, "old", "new", "change");
	for (size_t i = 0; i < c->count; i++) {
		const struct usage_change *x = &c->items[i];
		int64_t change = (int64_t)(x->after - x->before);
		const char *note = !x->had ? "  new" : !x->has ? "  gone" : "";

		printf("%-22s %10" PRIu64 " %10" PRIu64, name_text(&x->name, name), x->before,
		       x->after);
		printf(change ? " %+10" PRId64 "%s\n" : " %10" PRId64 "%s\n", change, note);
	}
}

void size_print_changes(struct size_side *a, struct size_side *b, size_t symbols)
{
	struct comparison c;

	compare(&c, a, b, symbols);
	printf("%s -> %s\n", a->path, b->path);
	print_table(a->is_elf ? "section" : "segment", &c.sections);
	print_table("region", &c.regions);
	print_table("symbol", &c.symbols);
	print_table("total", &c.totals);
	comparison_free(&c);
}

static void json_changes(struct json *j, const char *name, const struct usage_changes *c)
{
	json_array(j, name);
	for (size_t i = 0; i < c->count; i++) {
		const struct usage_change *x = &c->items[i];

		json_object(j, NULL);
		json_name(j, &x->name);
		if (x->had)
			json_int(j, "old", (int64_t)x->before);
		else
			json_string(j, "old", NULL);
		if (x->has)
			json_int(j, "new", (int64_t)x->after);
		else
			json_string(j, "new", NULL);
		json_int(j, "change", (int64_t)(x->after - x->before));
		json_object_end(j);
	}
	json_array_end(j);
}

void size_print_changes_json(struct size_side *a, struct size_side *b, size_t symbols)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };
	struct comparison c;

	compare(&c, a, b, symbols);
	json_object(&j, NULL);
	json_object(&j, "old");
	json_side(&j, a, symbols);
	json_object_end(&j);
	json_object(&j, "new");
	json_side(&j, b, symbols);
	json_object_end(&j);
	json_object(&j, "change");
	json_changes(&j, "sections", &c.sections);
	json_changes(&j, "regions", &c.regions);
	if (symbols)
		json_changes(&j, "symbols", &c.symbols);
	json_changes(&j, "totals", &c.totals);
	json_object_end(&j);
	json_object_end(&j);
	puts(out.buf);
	comparison_free(&c);
}
