/* SPDX-License-Identifier: MIT
 *
 * mpflash convert: firmware files into another format, several into one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/convert_input.h"
#include "cmd/convert_output.h"
#include "cmd/options.h"
#include "image/range.h"

static const char usage[] = "convert [options] IN[@ADDRESS]... OUT";

static const char help[] =
	"Several inputs are merged. IN@ADDRESS gives a raw file its address; - is standard input or\n"
	"output; of an archive (.zip, .tar.gz, .gz, ...) the firmware in it is taken.\n";

struct convert {
	const char *from, *to, *member;
	const char *base, *fill, *family, *id, *dfu_name, *alt, *entry, *chip;
	const char *flash_mode, *flash_size, *flash_freq;
	struct strv crop, exclude;
	bool split, e10, verbose;
};

static bool image_options(const struct convert *c, struct image_options *opt, struct err *e)
{
	const struct {
		const char *name, *value;
	} given[] = {
		{ "base", c->base },
		{ "fill", c->fill },
		{ "family", c->family },
		{ "dfu.id", c->id },
		{ "dfu.name", c->dfu_name },
		{ "alt", c->alt },
		{ "chip", c->chip },
		{ "entry", c->entry },
		{ "flash.mode", c->flash_mode },
		{ "flash.size", c->flash_size },
		{ "flash.freq", c->flash_freq },
	};

	*opt = (struct image_options){ .format = c->from, .member = c->member, .uf2_e10 = c->e10 };
	for (size_t i = 0; i < ARRAY_SIZE(given); i++)
		if (given[i].value && !image_option_set(opt, given[i].name, given[i].value, e))
			return false;
	return true;
}

struct ranges {
	struct image_range *items;
	size_t count;
};

/* To be freed, also after an error. */
static bool parse_ranges(const struct strv *words, struct ranges *out, struct err *e)
{
	out->items = xcalloc(words->count, sizeof(*out->items));
	for (out->count = 0; out->count < words->count; out->count++)
		if (!image_range_parse(words->items[out->count], &out->items[out->count], e))
			return false;
	return true;
}

static void cut(struct image *img, const struct ranges *crop, const struct ranges *exclude)
{
	if (crop->count)
		image_crop(img, crop->items, crop->count);
	for (size_t i = 0; i < exclude->count; i++)
		image_exclude(img, &exclude->items[i]);
}

static bool cut_all(struct convert_inputs *in, const struct convert *c, struct err *e)
{
	struct ranges crop = { 0 }, exclude = { 0 };
	bool good = parse_ranges(&c->crop, &crop, e) && parse_ranges(&c->exclude, &exclude, e);
	uint64_t left = 0;

	for (size_t i = 0; i < in->sources.count && good; i++) {
		cut(&in->sources.items[i].image, &crop, &exclude);
		left += image_size(&in->sources.items[i].image);
	}
	free(crop.items);
	free(exclude.items);
	if (!good || left || !(c->crop.count || c->exclude.count))
		return good;
	return err_set(e, "--crop and --exclude leave nothing to write");
}

/* Merges the sources of group `g`; the only one stays as it is. */
static bool merge_group(const struct convert_inputs *in, const size_t *group, size_t g,
			struct image *out, struct err *e)
{
	AUTO_FREE const struct image_source **list = xcalloc(in->sources.count, sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < in->sources.count; i++)
		if (group[i] == g)
			list[count++] = &in->sources.items[i];
	return image_merge(out, list, count, e);
}

/* Of several images, the ones that cutting has left nothing of do not come. */
static size_t drop_empty(struct image *images, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct image img = images[i];

		images[i] = images[kept];
		images[kept] = img;
		kept += img.count != 0;
	}
	return kept ? kept : 1;
}

static bool write_images(struct image *images, size_t count, const char *path,
			 const struct convert *c, const struct image_format *format,
			 const struct image_options *opt, struct err *e)
{
	AUTO_FREE const struct image **list = xcalloc(count, sizeof(*list));
	AUTO_STRBUF bytes = STRBUF_INIT;
	bool is_bin = strcmp(format->name, "bin") == 0, good = true;

	/* A .bin fills its holes while it is written. */
	for (size_t i = 0; i < count && good; i++) {
		list[i] = &images[i];
		if (opt->has_fill && !is_bin)
			good = image_fill(&images[i], opt->fill, e);
	}
	if (good && c->split && images->count)
		return convert_output_split(path, images, e);
	/* One part is the whole .bin: it goes from the input to the output without a copy. */
	if (good && is_bin && images->count == 1)
		return convert_output_write(path, images->segments->data, images->segments->size,
					    e);
	good = good && (count > 1 ? format->write_several(list, count, &bytes, opt, e)
				  : image_write(images, format, opt, &bytes, e));
	if (!good)
		return err_wrap(e, "%s", path);
	return convert_output_write(path, bytes.buf, bytes.len, e);
}

static bool convert_inputs(struct convert_inputs *in, const char *out, const struct convert *c,
			   const struct image_format *format, const struct image_options *opt,
			   struct err *e)
{
	size_t count = in->sources.count, groups;
	AUTO_FREE size_t *group = xcalloc(count, sizeof(*group));
	AUTO_FREE struct image *images = xcalloc(count, sizeof(*images));
	bool good = cut_all(in, c, e);

	groups = good ? image_group(in->sources.items, count, format, opt, group, e) : 0;
	good = groups > 0;
	for (size_t g = 0; g < groups && good; g++)
		good = merge_group(in, group, g, &images[g], e);
	good = good && write_images(images, drop_empty(images, groups), out, c, format, opt, e);
	if (good && c->verbose)
		fprintf(stderr, "%s -> %s\n", in->summary.buf, out);
	for (size_t g = 0; g < groups; g++)
		image_free(&images[g]);
	return good;
}

static bool check_split(const struct convert *c, const struct image_format *format, const char *out,
			struct err *e)
{
	if (!c->split)
		return true;
	if (strcmp(format->name, "bin") != 0)
		return err_usage(e, "--split is for the format bin, not for %s", format->name);
	if (strcmp(out, "-") == 0)
		return err_usage(e, "--split needs a file name to number, not standard output");
	return !c->fill || err_usage(e, "--split and --fill exclude each other");
}

/* What only some formats can state is refused for the others: better said than silently not done. */
static bool check_options(const struct convert *c, const struct image_format *format, struct err *e)
{
	const struct {
		bool given;
		const char *option, *first, *second;
	} options[] = {
		{ c->e10, "e10", "uf2", NULL },
		{ c->id != NULL, "id", "dfu", "dfu11" },
		{ c->dfu_name != NULL, "dfu-name", "dfu", NULL },
		{ c->flash_mode != NULL, "flash-mode", "esp", NULL },
		{ c->flash_size != NULL, "flash-size", "esp", NULL },
		{ c->flash_freq != NULL, "flash-freq", "esp", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *second = options[i].second;

		if (!options[i].given || strcmp(format->name, options[i].first) == 0 ||
		    (second && strcmp(format->name, second) == 0))
			continue;
		err_usage(e, "--%s is for the format %s, not for %s", options[i].option,
			  options[i].first, format->name);
		return err_hint(e, "leave it out, or give --to %s", options[i].first);
	}
	return true;
}

static bool convert_files(const struct strv *words, const struct convert *c, struct err *e)
{
	const char *out = words->items[words->count - 1];
	const struct image_format *format = convert_output_format(out, c->to, e);
	struct convert_inputs in;
	struct image_options opt;
	bool good;

	if (!format || !check_split(c, format, out, e) || !check_options(c, format, e) ||
	    !image_options(c, &opt, e))
		return false;
	good = convert_inputs_open(&in, words->items, words->count - 1, format, &opt, e) &&
	       convert_inputs(&in, out, c, format, &opt, e);
	convert_inputs_close(&in);
	return good;
}

static bool run(int argc, char **argv, struct err *e)
{
	struct convert c = { 0 };
	const struct option table[] = {
		{ "from", 0, NULL, OPT_STRING, "FORMAT",
		  "format of IN (default: found in its content, else by its name)", &c.from },
		{ "to", 0, NULL, OPT_STRING, "FORMAT", "format of OUT (default: by its name)",
		  &c.to },
		{ "base", 0, NULL, OPT_STRING, "ADDRESS",
		  "address of the first byte of a .bin, as in 0x08000000", &c.base },
		{ "fill", 0, NULL, OPT_STRING, "BYTE",
		  "fill all holes with it; in a .bin, a hole is an error else", &c.fill },
		{ "split", 0, NULL, OPT_FLAG, NULL,
		  "write a .bin for each part between holes: OUT0.bin, OUT1.bin, ...", &c.split },
		{ "crop", 0, NULL, OPT_LIST, "FROM-TO",
		  "keep only these addresses (or FROM+SIZE); may be given again", &c.crop },
		{ "exclude", 0, NULL, OPT_LIST, "FROM-TO",
		  "leave these addresses out (or FROM+SIZE); may be given again", &c.exclude },
		{ "family", 0, NULL, OPT_STRING, "NAME",
		  "UF2 family to write, or to read from several: a name, an id or none",
		  &c.family },
		{ "e10", 0, NULL, OPT_FLAG, NULL,
		  "begin a .uf2 for RP2350 with the block for its erratum E10", &c.e10 },
		{ "alt", 0, NULL, OPT_STRING, "NUMBER",
		  "alternate setting to write in a .dfu, or to read from several", &c.alt },
		{ "id", 0, "dfu-id", OPT_STRING, "VID:PID[:VERSION]",
		  "USB id in a .dfu (default: IN's, else 0483:df11)", &c.id },
		{ "dfu-name", 0, NULL, OPT_STRING, "NAME", "target name in a .dfu (default: ST...)",
		  &c.dfu_name },
		{ "entry", 0, NULL, OPT_STRING, "ADDRESS",
		  "address of the first instruction, in formats that keep one", &c.entry },
		{ "chip", 0, NULL, OPT_STRING, "NAME", "the chip, for formats that state one",
		  &c.chip },
		{ "flash-mode", 0, NULL, OPT_STRING, "MODE",
		  "ESP: how the boot image says that flash is read: qio, qout, dio or dout",
		  &c.flash_mode },
		{ "flash-size", 0, NULL, OPT_STRING, "SIZE",
		  "ESP: the size of flash that it says, as in 4MB", &c.flash_size },
		{ "flash-freq", 0, NULL, OPT_STRING, "FREQ",
		  "ESP: the frequency that it says, as in 80m", &c.flash_freq },
		{ "member", 0, NULL, OPT_STRING, "NAME",
		  "the file to take from an archive; a pattern like '*.bin' too", &c.member },
		{ "verbose", 'v', NULL, OPT_FLAG, NULL, "say what was converted", &c.verbose },
		{ 0 },
	};
	struct parsed p = { 0 };
	bool good = options_parse(table, argc, argv, &p, e);

	if (good && p.help) {
		options_print_help(&convert_command, help, table);
	} else if (good && (p.words.count < 2 || p.rest.count)) {
		good = err_usage(e, "convert takes files to read and one to write");
		err_hint(e, "usage: mpflash %s; - is standard input or output", usage);
	} else if (good) {
		good = convert_files(&p.words, &c, e);
	}
	vec_free(&c.crop);
	vec_free(&c.exclude);
	parsed_free(&p);
	return good;
}

const struct command convert_command = {
	.name = "convert",
	.usage = usage,
	.summary = "write firmware files in another format, several as one",
	.examples = "mpflash convert firmware.dfu firmware.hex\n"
		    "mpflash convert boot.bin@0x08000000 app.hex all.dfu\n"
		    "mpflash convert --to uf2 --family rp2040 firmware.elf -\n",
	.words = WORDS_FILES,
	.run = run,
};
