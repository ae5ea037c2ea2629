/* SPDX-License-Identifier: MIT
 *
 * `mpflash size --json`.
 */
#include "cmd/size.h"

#include <stdio.h>

#include "base/json.h"

static void json_name(struct json *j, const struct name_slice *slice)
{
	char name[SIZE_NAME];

	json_string(j, "name", size_name(slice, name));
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
	size_t top = size_top_symbols(s, symbols);

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
	struct size_changes c;

	size_compare(&c, a, b, symbols);
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
	size_changes_free(&c);
}
