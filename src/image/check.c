/* SPDX-License-Identifier: MIT
 *
 * Checks of an image against a board: is it for this chip, does it stay inside of the flash, and off what must stay.
 */
#include "image/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"
#include "image/check_internal.h"
#include "image/elf.h"
#include "image/uf2_family.h"

static const char *const names[] = {
	"address",    "boot2-crc", "chip",        "empty",     "esp-offset", "family",
	"filesystem", "id-code",   "image-block", "protected", "softdevice", "vectors",
};

bool image_check_has_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

void image_check_names(struct strbuf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		strbuf_addf(out, "%s%s", i ? ", " : "", names[i]);
}

static bool is_allowed(const struct image_target *t, const char *name)
{
	for (const char *const *a = t->allow; a && *a; a++)
		if (strcmp(*a, name) == 0)
			return true;
	return false;
}

enum finding_level check_error(const struct image_check *c, const char *name)
{
	return !c->sure || is_allowed(c->target, name) ? FINDING_WARNING : FINDING_ERROR;
}

/* For what does not depend on the chip. */
static enum finding_level error_unless_allowed(const struct image_check *c, const char *name)
{
	return is_allowed(c->target, name) ? FINDING_WARNING : FINDING_ERROR;
}

uint32_t check_base(const struct image_check *c)
{
	return c->target->has_base ? c->target->base : image_start(c->img);
}

uint64_t check_bytes_in(const struct image *img, uint64_t start, uint64_t end, uint32_t *first,
			uint32_t *last)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		uint64_t from = s->address > start ? s->address : start;
		uint64_t to = (uint64_t)s->address + s->size;

		to = to < end ? to : end;
		if (from >= to)
			continue;
		if (!bytes)
			*first = (uint32_t)from;
		*last = (uint32_t)(to - 1);
		bytes += to - from;
	}
	return bytes;
}

static const char *board_of(const struct image_check *c)
{
	return c->target->board ? c->target->board : "the board";
}

/* --- which chip ------------------------------------------------------------------------------------------------- */

static void check_machine(const struct image_check *c)
{
	const struct chip *chip = c->target->chip;
	const char *is = elf_machine_name(c->img->machine);

	if (chip && c->img->machine && chip->machine && c->img->machine != chip->machine)
		finding_add(c->out, "chip", check_error(c, "chip"),
			    "the image holds %s code, the %s of %s runs %s",
			    is ? is : "a stranger's", chip->title, board_of(c),
			    elf_machine_name(chip->machine));
}

static void check_chip(const struct image_check *c)
{
	const struct chip *want = c->target->chip, *proven = chip_proven(c->img);
	const struct chip *is = c->img->chip ? chip_by_name(c->img->chip) : proven;
	char board[sizeof(c->img->board)];
	bool certain = is != NULL;

	if (!want)
		return;
	if (!is && !c->img->uf2_family) /* what the family says is a finding of its own */
		is = chip_of_banner(c->img, board, sizeof(board));
	if (!is)
		return;
	if (chip_matches(is, want))
		finding_add(c->out, "chip", FINDING_OK, "the image is for the %s", is->title);
	else
		finding_add(c->out, "chip", certain ? check_error(c, "chip") : FINDING_WARNING,
			    "the image is %sfor the %s, %s has the %s", certain ? "" : "probably ",
			    is->title, board_of(c), want->title);
}

static const char *family_text(uint32_t family, char text[static 16])
{
	const char *name = uf2_family_name(family);

	snprintf(text, 16, "0x%08" PRIx32, family);
	return name ? name : text;
}

static void check_family(const struct image_check *c)
{
	const struct image_target *t = c->target;
	uint32_t family = c->img->uf2_family;
	const struct chip *chip = chip_by_uf2_family(family);
	char is[16], want[16];

	if (!family)
		return;
	if (chip && t->chip && !chip_matches(chip, t->chip))
		finding_add(c->out, "family", check_error(c, "family"),
			    "the UF2 family '%s' is that of the %s, %s has the %s",
			    family_text(family, is), chip->title, board_of(c), t->chip->title);
	else if (t->uf2_family && family != t->uf2_family && !uf2_family_any_rp2(family))
		finding_add(c->out, "family", FINDING_WARNING,
			    "the UF2 family is '%s', the boot loader of %s takes '%s'",
			    family_text(family, is), board_of(c), family_text(t->uf2_family, want));
	else if (t->chip || t->uf2_family)
		finding_add(c->out, "family", FINDING_OK, "the UF2 family is '%s'",
			    family_text(family, is));
}

/* --- where ------------------------------------------------------------------------------------------------------- */

/* The end of the range that holds the address; 0: none does, and *next is where the next one begins. */
static uint64_t end_of_flash(const struct image_check *c, uint64_t address, uint64_t *next)
{
	const struct image_region *flash = &c->target->flash;

	*next = UINT64_C(1) << 32;
	for (size_t i = 0; i < CHIP_FLASH; i++) {
		uint64_t start = c->chip->flash[i].start, end = c->chip->flash[i].end;

		if (!i && flash->end) {
			start = flash->start;
			end = flash->end;
		}
		if (address >= start && address < end)
			return end;
		if (start > address && start < *next && end > start)
			*next = start;
	}
	return 0;
}

static bool is_ram(const struct image_check *c, uint64_t first, uint64_t last)
{
	return chip_range_has(c->chip->ram, CHIP_RAM, (uint32_t)first) &&
	       chip_range_has(c->chip->ram, CHIP_RAM, (uint32_t)last);
}

static uint64_t outside(const struct image_check *c, const struct image_segment *s, uint64_t *first,
			uint64_t *last)
{
	uint64_t at = s->address, end = at + s->size, bytes = 0;

	while (at < end) {
		uint64_t next, inside = end_of_flash(c, at, &next);

		if (!inside) {
			next = next < end ? next : end;
			if (!bytes)
				*first = at;
			*last = next - 1;
			bytes += next - at;
		}
		at = inside ? inside : next;
	}
	return bytes;
}

static void check_address(const struct image_check *c)
{
	uint64_t bytes = 0, first = 0, last = 0;

	if (!c->chip || (!c->chip->flash[0].end && !c->target->flash.end))
		return;
	for (size_t i = 0; i < c->img->count; i++) {
		uint64_t from = 0, to = 0, n = outside(c, &c->img->segments[i], &from, &to);

		if (n && !bytes)
			first = from;
		if (n)
			last = to;
		bytes += n;
	}
	if (!bytes)
		finding_add(c->out, "address", FINDING_OK, "all bytes are inside of the flash");
	else
		finding_add(c->out, "address",
			    is_ram(c, first, last) ? FINDING_WARNING : check_error(c, "address"),
			    "0x%08" PRIx64 "-0x%08" PRIx64 " (%" PRIu64 " bytes) is %s", first,
			    last, bytes,
			    is_ram(c, first, last) ? "RAM: it is lost at the next reset"
						   : "outside of the flash");
}

static bool is_softdevice(const struct image_region *r)
{
	return strcmp(r->name, "softdevice") == 0;
}

static void check_protected(const struct image_check *c)
{
	const struct image_target *t = c->target;
	uint32_t first, last;
	bool hit = false;

	for (size_t i = 0; i < t->protect_count; i++) {
		const struct image_region *r = &t->protect[i];
		const char *name = is_softdevice(r) ? "softdevice" : "protected";
		uint64_t bytes = check_bytes_in(c->img, r->start, r->end, &first, &last);

		if (!bytes)
			continue;
		hit = true;
		finding_add(c->out, name, error_unless_allowed(c, name),
			    "0x%08" PRIx32 "-0x%08" PRIx32 " (%" PRIu64
			    " bytes) would overwrite the %s at 0x%08" PRIx64 "-0x%08" PRIx64,
			    first, last, bytes, r->name, r->start, r->end - 1);
	}
	if (t->protect_count && !hit)
		finding_add(c->out, "protected", FINDING_OK, "protected ranges are left alone");
}

/*
 * What stands below jumps to one fixed address. An image for another version of the SoftDevice is dead there, even when it
 * overwrites nothing.
 */
static void check_softdevice(const struct image_check *c)
{
	const struct image_target *t = c->target;
	uint32_t first, last;

	for (size_t i = 0; t->has_base && i < t->protect_count; i++) {
		if (!is_softdevice(&t->protect[i]))
			continue;
		if (!check_bytes_in(c->img, t->base, (uint64_t)t->base + 4, &first, &last) &&
		    image_start(c->img) > t->base)
			finding_add(c->out, "softdevice", error_unless_allowed(c, "softdevice"),
				    "the image starts at 0x%08" PRIx32
				    ", the SoftDevice of %s ends at 0x%08" PRIx32
				    " and starts what is there",
				    image_start(c->img), board_of(c), t->base);
	}
}

static void check_filesystem(const struct image_check *c)
{
	const struct image_target *t = c->target;
	uint32_t first, last;
	bool hit = false;

	for (size_t i = 0; i < t->filesystem_count; i++) {
		const struct image_region *r = &t->filesystem[i];
		uint64_t bytes = check_bytes_in(c->img, r->start, r->end, &first, &last);

		if (!bytes)
			continue;
		hit = true;
		finding_add(c->out, "filesystem", error_unless_allowed(c, "filesystem"),
			    "0x%08" PRIx32 "-0x%08" PRIx32 " (%" PRIu64
			    " bytes) would overwrite the user's files at 0x%08" PRIx64
			    "-0x%08" PRIx64,
			    first, last, bytes, r->start, r->end - 1);
	}
	if (t->filesystem_count && !hit)
		finding_add(c->out, "filesystem", FINDING_OK, "the user's files are left alone");
}

/* All ones is what an erased chip has: it locks nothing. */
static bool is_open(const struct image *img, uint32_t first, uint32_t last)
{
	for (uint64_t at = first; at <= last; at++) {
		uint8_t byte;

		image_read(img, (uint32_t)at, &byte, 1, 0xff);
		if (byte != 0xff)
			return false;
	}
	return true;
}

static void check_id_code(const struct image_check *c)
{
	uint32_t first, last;

	if (!c->chip ||
	    !check_bytes_in(c->img, c->chip->id_code.start, c->chip->id_code.end, &first, &last))
		return;
	if (is_open(c->img, first, last))
		finding_add(c->out, "id-code", FINDING_NOTE,
			    "the ID code at 0x%08" PRIx32
			    " is written too: all ones, which locks nothing",
			    first);
	else
		finding_add(c->out, "id-code", check_error(c, "id-code"),
			    "the ID code at 0x%08" PRIx32
			    " is not all ones: whoever does not know it is locked out of the chip",
			    first);
}

void image_check(const struct image *img, const struct image_target *t, struct findings *out)
{
	struct image_check c = { .img = img, .target = t, .chip = t->chip, .out = out };

	c.sure = c.chip != NULL;
	if (!c.chip)
		c.chip = chip_of_image(img, &c.sure);
	if (!img->count) {
		finding_add(out, "empty", FINDING_ERROR, "the image holds no bytes");
		return;
	}
	check_machine(&c);
	check_chip(&c);
	check_family(&c);
	check_address(&c);
	check_boot(&c);
	check_softdevice(&c);
	check_protected(&c);
	check_filesystem(&c);
	check_id_code(&c);
}
