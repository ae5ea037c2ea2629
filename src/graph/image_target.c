/* SPDX-License-Identifier: MIT
 *
 * The board that an image is to go to, from rule variables.
 */
#include "graph/image_target.h"

#include <stdlib.h>
#include <string.h>

#include "graph/image_vars.h"
#include "graph/recipe.h"

/* ADDRESS+SIZE, in C notation. */
static bool parse_range(const char *text, struct image_region *out)
{
	const char *plus = strchr(text, '+');
	char start[16];
	uint32_t from, size;

	if (!plus || (size_t)(plus - text) >= sizeof(start))
		return false;
	memcpy(start, text, (size_t)(plus - text));
	start[plus - text] = '\0';
	if (!image_parse_u32(start, &from) || !image_parse_u32(plus + 1, &size) || !size)
		return false;
	out->start = from;
	out->end = (uint64_t)from + size;
	return out->end <= UINT64_C(1) << 32;
}

/* NAME=ADDRESS+SIZE where `named`, else ADDRESS+SIZE, of things called "filesystem". */
static bool parse_region(struct session *s, const char *word, bool named, struct image_region *out)
{
	const char *equals = strchr(word, '=');

	if (!named) {
		out->name = "filesystem";
		return parse_range(word, out);
	}
	if (!equals || equals == word)
		return false;
	out->name = arena_strndup(&s->arena, word, (size_t)(equals - word));
	return parse_range(equals + 1, out);
}

static bool read_regions(struct session *s, const struct recipe *r, const char *variable,
			 bool named, const struct image_region **out, size_t *count, struct err *e)
{
	struct strv words = { 0 };
	struct image_region *regions;
	bool ok = recipe_words(s, r, variable, &words, e);

	*count = 0;
	regions =
		ok && words.count ? ARENA_ARRAY(&s->arena, struct image_region, words.count) : NULL;
	for (size_t i = 0; ok && i < words.count; i++) {
		ok = parse_region(s, words.items[i], named, &regions[i]);
		if (ok)
			++*count;
		else
			err_set(e, "the rules of %s: %s: '%s' is not %sADDRESS+SIZE", r->id,
				variable, words.items[i], named ? "NAME=" : "");
	}
	*out = regions;
	vec_free(&words);
	return ok;
}

static bool is_of_port(const struct chip *chip, const struct recipe *r)
{
	return chip && chip->port && r->env.board.port &&
	       strcmp(chip->port, r->env.board.port) == 0;
}

static bool read_chip(struct session *s, const struct recipe *r, struct image_target *out,
		      struct err *e)
{
	const char *name, *mcu = r->env.board.mcu;
	const struct chip *by_family = chip_by_uf2_family(out->uf2_family);

	if (!recipe_var(s, r, "chip", &name, e))
		return false;
	if (name && *name) {
		out->chip = chip_by_name(name);
		if (!out->chip)
			return err_set(e, "the rules of %s: chip: '%s' is not known", r->id, name);
		return true;
	}
	if (mcu && out->port)
		out->chip = chip_by_mcu(out->port, mcu);
	/* the family may say more: nrf52840, of which board.json knows the nrf52 */
	if (is_of_port(by_family, r) && (!out->chip || chip_matches(by_family, out->chip)))
		out->chip = by_family;
	return true;
}

static bool read_flash(struct session *s, const struct recipe *r, struct image_target *out,
		       struct err *e)
{
	uint32_t size = 0;
	bool set;

	if (!image_vars_number(s, r, "flash.size", &size, &set, e))
		return false;
	if (set && out->has_base && out->chip)
		out->flash =
			(struct image_region){ "flash", out->base, (uint64_t)out->base + size };
	return true;
}

bool image_target_read(struct session *s, const struct recipe *r, struct image_target *out,
		       struct err *e)
{
	struct image_options opt;

	*out = (struct image_target){ .port = r->env.board.port, .board = r->name };
	if (!image_vars_read(s, r, &opt, e))
		return false;
	out->has_base = opt.has_base;
	out->base = opt.base;
	out->uf2_family = opt.uf2_family;
	return read_chip(s, r, out, e) && read_flash(s, r, out, e) &&
	       read_regions(s, r, "protect", true, &out->protect, &out->protect_count, e) &&
	       read_regions(s, r, "fs", false, &out->filesystem, &out->filesystem_count, e);
}
