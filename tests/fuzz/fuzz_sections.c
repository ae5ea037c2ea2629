/* SPDX-License-Identifier: MIT
 *
 * What `mpflash size` reads: the sections and symbols of an ELF file, and the regions of a linker's map. Whatever is said
 * lies inside of the file, and sums do not depend on the order in which they are made.
 */
#include <stdlib.h>
#include <string.h>

#include "image/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_name(const struct name_slice *name, const uint8_t *data, size_t size)
{
	const uint8_t *text = (const uint8_t *)name->text;

	must(name->len <= NAME_SLICE_MAX && !memchr(name->text, '\0', name->len));
	must(!name->len || (text >= data && text + name->len <= data + size));
}

static void check_sections(const struct sections *s, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct section *x = &s->items[i];

		check_name(&x->name, data, size);
		must(x->size && x->address + (uint64_t)x->size <= UINT64_C(0x100000000));
		must(!x->stored || x->size <= size);
	}
	/* 40 bytes of the file each, one of which is no section */
	must(s->count * 40 <= size);
}

static void check_usage(const struct sections *s)
{
	struct usage_totals t = usage_total(s);
	uint64_t stored = 0, sum = 0;
	AUTO_REGIONS r = { 0 };

	usage_count(&r, s);
	for (size_t i = 0; i < s->count; i++) {
		sum += s->items[i].size;
		stored += s->items[i].stored ? s->items[i].size : 0;
	}
	must(sum == t.text + t.data + t.bss);
	must(r.count <= 2 && (!stored || r.items[0].used == stored));
}

/* A build and itself: nothing has changed. */
static void check_changes(const struct symbols *s, const uint8_t *data, size_t size)
{
	AUTO_CHANGES c = { 0 };

	for (size_t i = 0; i < s->count; i++) {
		check_name(&s->items[i].name, data, size);
		must(s->items[i].size != 0);
		usage_changes_add(&c, s->items[i].name, s->items[i].size, false);
		usage_changes_add(&c, s->items[i].name, s->items[i].size, true);
	}
	usage_changes_sort(&c);
	must(c.count <= s->count);
	for (size_t i = 0; i < c.count; i++)
		must(c.items[i].had && c.items[i].has && c.items[i].before == c.items[i].after);
}

static void try_map(const uint8_t *data, size_t size)
{
	AUTO_REGIONS r = { 0 };

	must(usage_regions_of_map(&r, data, size) == (r.count > 0));
	for (size_t i = 0; i < r.count; i++) {
		must(r.items[i].size && r.items[i].name.len);
		check_name(&r.items[i].name, data, size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_SECTIONS sections = { 0 };
	AUTO_SYMBOLS symbols = { 0 };
	AUTO_ERR e = ERR_INIT;

	try_map(data, size);
	if (sections_read(&sections, data, size, &e)) {
		check_sections(&sections, data, size);
		check_usage(&sections);
	} else {
		must(e.msg != NULL);
	}
	err_free(&e);
	if (symbols_read(&symbols, data, size, &e))
		check_changes(&symbols, data, size);
	else
		must(e.msg != NULL);
	return 0;
}
