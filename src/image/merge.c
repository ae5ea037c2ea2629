/* SPDX-License-Identifier: MIT
 *
 * Merging: all segments sorted once, so that many inputs cost no more than their sum.
 */
#include "image/merge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "image/elf.h"
#include "image/part.h"
#include "image/uf2.h"

/* --- hints ------------------------------------------------------------------------------------------------------ */

static bool differ(const char *what, const struct image_source *a, const char *a_says,
		   const struct image_source *b, const char *b_says, struct err *e)
{
	err_set(e, "%s is for %s %s, %s for %s", a->name, what, a_says, b->name, b_says);
	return err_hint(e, "only firmware for one board can be merged");
}

static bool check_family(const struct image_source *a, const struct image_source *b, struct err *e)
{
	char one[32], other[32];

	if (!a->image.uf2_family || !b->image.uf2_family ||
	    a->image.uf2_family == b->image.uf2_family)
		return true;
	uf2_family_text(one, sizeof(one), a->image.uf2_family);
	uf2_family_text(other, sizeof(other), b->image.uf2_family);
	return differ("UF2 family", a, one, b, other, e);
}

static bool check_alt(const struct image_source *a, const struct image_source *b, struct err *e)
{
	char one[8], other[8];

	if (!a->image.has_alt || !b->image.has_alt || a->image.alt == b->image.alt)
		return true;
	snprintf(one, sizeof(one), "%u", a->image.alt);
	snprintf(other, sizeof(other), "%u", b->image.alt);
	return differ("alternate setting", a, one, b, other, e);
}

static bool check_chip(const struct image_source *a, const struct image_source *b, struct err *e)
{
	if (!a->image.chip || !b->image.chip || strcasecmp(a->image.chip, b->image.chip) == 0)
		return true;
	return differ("the chip", a, a->image.chip, b, b->image.chip, e);
}

static bool check_machine(const struct image_source *a, const struct image_source *b, struct err *e)
{
	uint16_t one = a->image.machine, other = b->image.machine;

	if (!one || !other || one == other)
		return true;
	return differ("the processor", a, elf_machine_name(one), b, elf_machine_name(other), e);
}

/* The source that states each hint first. */
struct stated {
	const struct image_source *family, *alt, *chip, *machine;
};

static bool check_hints(struct stated *first, const struct image_source *s, struct err *e)
{
	if ((first->family && !check_family(first->family, s, e)) ||
	    (first->alt && !check_alt(first->alt, s, e)) ||
	    (first->chip && !check_chip(first->chip, s, e)) ||
	    (first->machine && !check_machine(first->machine, s, e)))
		return false;
	if (!first->family && s->image.uf2_family)
		first->family = s;
	if (!first->alt && s->image.has_alt)
		first->alt = s;
	if (!first->chip && s->image.chip)
		first->chip = s;
	if (!first->machine && s->image.machine)
		first->machine = s;
	return true;
}

static void take_hints(struct image *out, const struct image *in)
{
	if (!out->has_entry && in->has_entry) {
		out->has_entry = true;
		out->entry = in->entry;
	}
	if (!out->has_alt && in->has_alt) {
		out->has_alt = true;
		out->alt = in->alt;
	}
	if (!out->machine)
		out->machine = in->machine;
	if (!out->uf2_family)
		out->uf2_family = in->uf2_family;
	if (!out->chip)
		out->chip = in->chip;
	if (!out->usb_vid) {
		out->usb_vid = in->usb_vid;
		out->usb_pid = in->usb_pid;
		out->usb_version = in->usb_version;
	}
	if (!out->board[0])
		memcpy(out->board, in->board, sizeof(out->board));
	if (!out->uf2_version[0])
		memcpy(out->uf2_version, in->uf2_version, sizeof(out->uf2_version));
}

/* --- bytes ------------------------------------------------------------------------------------------------------ */

static int by_address(const void *left, const void *right)
{
	const struct image_part *a = left, *b = right;

	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return a->origin < b->origin ? -1 : a->origin > b->origin;
}

static bool check_overlap(struct image_parts *parts, const struct image_source *const *sources,
			  struct err *e)
{
	qsort(parts->items, parts->count, sizeof(*parts->items), by_address);
	for (size_t i = 1; i < parts->count; i++) {
		const struct image_part *a = &parts->items[i - 1], *b = &parts->items[i];
		uint64_t end = (uint64_t)a->address + a->size;

		if (end <= b->address)
			continue;
		err_set(e,
			"0x%08" PRIx32 "-0x%08" PRIx64 " of %s overlaps 0x%08" PRIx32
			"-0x%08" PRIx64 " of %s",
			b->address, (uint64_t)b->address + b->size - 1, sources[b->origin]->name,
			a->address, end - 1, sources[a->origin]->name);
		return err_hint(e,
				"give the right address (FILE@ADDRESS), or leave a part out with "
				"--exclude");
	}
	return true;
}

static bool merge_bytes(struct image *out, const struct image_source *const *sources, size_t count,
			struct err *e)
{
	AUTO_PARTS parts = { .noun = "input" };

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < sources[i]->image.count; k++) {
			const struct image_segment *s = &sources[i]->image.segments[k];

			if (!image_parts_add(&parts, s->address, s->data, s->size, i, e))
				return err_wrap(e, "%s", sources[i]->name);
		}
	if (!parts.count)
		return true;
	return check_overlap(&parts, sources, e) && image_parts_finish(&parts, out, e);
}

bool image_merge(struct image *out, const struct image_source *const *sources, size_t count,
		 struct err *e)
{
	struct stated first = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (!check_hints(&first, sources[i], e))
			return false;
		take_hints(out, &sources[i]->image);
	}
	if (count == 1) {
		out->elf = sources[0]->image.elf;
		out->elf_size = sources[0]->image.elf_size;
	}
	return merge_bytes(out, sources, count, e);
}

/* --- groups ----------------------------------------------------------------------------------------------------- */

/* Which hint tells a format's images apart is what its `select` sets. */
static bool by_alt(const struct image_format *format)
{
	struct image_options opt = { 0 };

	format->select(&opt, 1);
	return opt.has_alt;
}

static bool needs_one(const struct image_source *sources, size_t count)
{
	bool several = false, unstated = false;
	uint32_t family = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t f = sources[i].image.uf2_family;

		several = several || (f && family && f != family);
		unstated = unstated || (!f && !sources[i].is_choice);
		family = family ? family : f;
	}
	return several && unstated;
}

static bool no_family(const struct image_source *sources, struct err *e)
{
	while (sources->image.uf2_family || sources->is_choice)
		sources++;
	err_set(e, "%s does not say which of the UF2 families it belongs to", sources->name);
	return err_hint(e, "convert it to a .uf2 with --family first");
}

/* True when the two go into one file's one image. */
static bool same_group(const struct image_source *a, const struct image_source *b, bool alt)
{
	if (alt)
		return (a->image.has_alt ? a->image.alt : 0) ==
		       (b->image.has_alt ? b->image.alt : 0);
	if (a->image.uf2_family == b->image.uf2_family)
		return true;
	return (!a->image.uf2_family && !a->is_choice) || (!b->image.uf2_family && !b->is_choice);
}

size_t image_group(const struct image_source *sources, size_t count,
		   const struct image_format *format, const struct image_options *opt,
		   size_t *group, struct err *e)
{
	bool apart = count > 1 && format->write_several && format->select;
	bool alt = apart && by_alt(format);
	AUTO_FREE size_t *leader = NULL; /* the first source of each group */
	size_t groups = 0;

	memset(group, 0, count * sizeof(*group));
	if (!apart || (alt ? opt->has_alt : opt->uf2_family || opt->uf2_no_family))
		return 1;
	if (!alt && needs_one(sources, count))
		return no_family(sources, e);
	leader = xcalloc(count, sizeof(*leader));
	for (size_t i = 0; i < count; i++) {
		while (group[i] < groups &&
		       !same_group(&sources[leader[group[i]]], &sources[i], alt))
			group[i]++;
		if (group[i] == groups)
			leader[groups++] = i;
	}
	return groups;
}
