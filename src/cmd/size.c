/* SPDX-License-Identifier: MIT
 *
 * mpflash size: what of a firmware takes how much room, and what changed between two builds.
 */
#include "cmd/size.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "image/elf.h"

static const char usage[] = "size [options] FILE [NEW]";
static const char help[] =
	"Sections, use of the memory and totals of a program (ELF); segments of any other firmware. With a\n"
	"second file: the difference, the largest first. Sizes of memory are those of the linker's map\n"
	"beside FILE (firmware.map, firmware.elf.map, micropython.map), else the chip's.\n";

static bool open_map(struct size_side *s, const char *path)
{
	AUTO_ERR e = ERR_INIT;

	if (s->map.data || !fs_exists(path) || fs_is_dir(path) || !fs_map(&s->map, path, &e))
		return false;
	if (usage_regions_of_map(&s->regions, s->map.data, s->map.size)) {
		s->map_path = xstrdup(path);
		s->regions_of = s->map_path;
		return true;
	}
	fs_unmap(&s->map);
	s->map = (struct fs_map){ 0 };
	return false;
}

/* firmware.map, firmware.elf.map; esp32's own name for it beside a file that was renamed. */
static void find_map(struct size_side *s)
{
	const char *ext = path_ext(s->path);
	size_t stem = strlen(s->path) - strlen(ext) - (*ext ? 1 : 0);
	AUTO_ARENA arena = ARENA_INIT;
	const char *dir = path_dir(&arena, s->path);

	if (open_map(s, arena_printf(&arena, "%.*s.map", (int)stem, s->path)) ||
	    open_map(s, arena_printf(&arena, "%s.map", s->path)))
		return;
	if (strncmp(path_base(s->path), "firmware.", 9) == 0)
		open_map(s, path_join(&arena, dir, "micropython.map"));
}

static bool side_open(struct size_side *s, const char *path, const struct image_options *opt,
		      struct err *e)
{
	s->path = path;
	if (!image_file_open(&s->file, path, opt, e))
		return false;
	s->is_elf = s->file.format == image_format_by_name("elf");
	if (s->is_elf && (!sections_read(&s->sections, s->file.map.data, s->file.map.size, e) ||
			  !symbols_read(&s->symbols, s->file.map.data, s->file.map.size, e)))
		return err_wrap(e, "%s", path);
	/* Stripped of its sections, it is as good as any other format. */
	s->is_elf = s->is_elf && s->sections.count;
	if (s->is_elf)
		find_map(s);
	return true;
}

static void side_close(struct size_side *s)
{
	sections_free(&s->sections);
	symbols_free(&s->symbols);
	usage_regions_free(&s->regions);
	fs_unmap(&s->map);
	free(s->map_path);
	if (s->path)
		image_file_close(&s->file);
}

/* The regions' sizes, where no map said them: of the other build's map, else of the chip. */
static void find_regions(struct size_side *s, const struct size_side *other,
			 const struct chip *chip)
{
	bool certain = true;

	if (s->regions_of)
		return;
	if (other && other->map_path) {
		usage_regions_of_map(&s->regions, other->map.data, other->map.size);
		s->regions_of = other->map_path;
		return;
	}
	if (!chip)
		chip = chip_of_image(&s->file.image, &certain);
	if (!chip || !certain)
		return;
	usage_regions_of_chip(&s->regions, chip);
	if (s->regions.count)
		s->regions_of = chip->title;
}

/* Sections of one and segments of the other have nothing in common: then both are segments. */
static void count_sides(struct size_side *a, struct size_side *b, const struct chip *chip)
{
	bool by_section = a->is_elf && (!b || b->is_elf);
	struct size_side *const sides[] = { a, b };

	for (size_t i = 0; i < 2 && sides[i]; i++) {
		struct size_side *s = sides[i];

		if (by_section)
			find_regions(s, i ? a : b, chip);
	}
	for (size_t i = 0; i < 2 && sides[i]; i++) {
		struct size_side *s = sides[i];

		s->is_elf = by_section;
		if (by_section) {
			usage_count(&s->regions, &s->sections);
			continue;
		}
		sections_free(&s->sections);
		symbols_free(&s->symbols);
		s->regions.count = 0;
		s->regions_of = NULL;
		sections_of_image(&s->sections, &s->file.image);
	}
}

struct request {
	const char *from, *base, *chip;
	int symbols;
	bool json;
};

static bool find_chip(const char *name, const struct chip **chip, struct err *e)
{
	*chip = name ? chip_by_name(name) : NULL;
	if (*chip || !name)
		return true;
	err_usage(e, "there is no chip '%s'", name);
	return err_hint(e, "a chip's name is like stm32f4, rp2040 or nrf52840");
}

static bool show(const struct strv *paths, const struct request *r, struct err *e)
{
	struct size_side a = { 0 }, b = { 0 };
	struct image_options opt = { .format = r->from };
	bool two = paths->count == 2, good;
	const struct chip *chip;

	good = find_chip(r->chip, &chip, e) &&
	       (!r->base || image_option_set(&opt, "base", r->base, e)) &&
	       side_open(&a, paths->items[0], &opt, e) &&
	       (!two || side_open(&b, paths->items[1], &opt, e));
	if (good) {
		count_sides(&a, two ? &b : NULL, chip);
		if (two)
			(r->json ? size_print_changes_json
				 : size_print_changes)(&a, &b, (size_t)r->symbols);
		else
			(r->json ? size_print_json : size_print_text)(&a, (size_t)r->symbols);
	}
	side_close(&a);
	side_close(&b);
	return good;
}

static bool run(int argc, char **argv, struct err *e)
{
	struct request r = { 0 };
	const struct option table[] = {
		{ "json", 0, NULL, OPT_FLAG, NULL, "one JSON object", &r.json },
		{ "symbols", 0, NULL, OPT_INT, "N",
		  "the N largest symbols, or those that changed most", &r.symbols },
		{ "chip", 0, NULL, OPT_STRING, "NAME",
		  "whose memory it is, as in stm32f4 (default: found in FILE)", &r.chip },
		{ "from", 0, NULL, OPT_STRING, "FORMAT",
		  "format of the files (default: found in their content, else by their names)",
		  &r.from },
		{ "base", 0, NULL, OPT_STRING, "ADDRESS",
		  "address of the first byte of a .bin, as in 0x08000000", &r.base },
		{ 0 },
	};
	struct parsed p = { 0 };
	bool good = options_parse(table, argc, argv, &p, e);

	if (good && p.help) {
		options_print_help(&size_command, help, table);
	} else if (good && (p.words.count < 1 || p.words.count > 2 || p.rest.count)) {
		good = err_usage(e, "size takes one file or two, not %zu",
				 p.words.count + p.rest.count);
		err_hint(e, "usage: mpflash %s", usage);
	} else if (good) {
		good = show(&p.words, &r, e);
	}
	parsed_free(&p);
	return good;
}

const struct command size_command = {
	.name = "size",
	.usage = usage,
	.summary = "show what of a firmware takes how much room",
	.examples = "mpflash size firmware.elf --symbols 20  # the largest symbols\n"
		    "mpflash size old.elf new.elf            # what grew\n",
	.words = WORDS_FILES,
	.run = run,
};
