/* SPDX-License-Identifier: MIT
 *
 * mpflash convert: one firmware file into another format.
 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "image/image.h"
#include "os/fs.h"

static const char usage[] = "convert [options] IN OUT";

struct convert {
	const char *from, *to, *base, *fill, *family, *dfu_id, *dfu_name;
};

static bool image_options(const struct convert *c, struct image_options *opt, struct err *e)
{
	const struct {
		const char *name, *value;
	} given[] = {
		{ "base", c->base },     { "fill", c->fill },         { "family", c->family },
		{ "dfu.id", c->dfu_id }, { "dfu.name", c->dfu_name },
	};

	*opt = (struct image_options){ .format = c->from };
	for (size_t i = 0; i < ARRAY_SIZE(given); i++)
		if (given[i].value && !image_option_set(opt, given[i].name, given[i].value, e))
			return false;
	return true;
}

static const struct image_format *output_format(const char *path, const char *to, struct err *e)
{
	const struct image_format *format =
		to ? image_format_by_name(to) : image_format_detect((const uint8_t *)"", 0, path);
	AUTO_STRBUF names = STRBUF_INIT;

	if (format)
		return format;
	if (to)
		err_usage(e, "there is no format '%s'", to);
	else if (strcmp(path, "-") == 0)
		err_usage(e, "standard output has no extension that says which format to write");
	else
		err_usage(e, "%s: the extension is not that of a format", path);
	image_format_names(&names, true);
	err_hint(e, "give --to with one of %s", names.buf);
	return NULL;
}

static bool write_output(const char *path, const struct strbuf *out, struct err *e)
{
	struct fs_stat st;

	if (strcmp(path, "-") == 0) {
		/* What standard output does not take is reported by main, for all commands alike. */
		fwrite(out->buf, 1, out->len, stdout);
		return true;
	}
	/* The rename of an atomic write would put a file in the place of a device. */
	if (fs_lstat(path, &st) && st.type == FS_OTHER) {
		err_set(e, "%s is not a file", path);
		return err_hint(e, "write to - and redirect it");
	}
	/* The disk is not waited for: what is lost with the power can be converted again. */
	return fs_write_lazy(path, out->buf, out->len, 0644, e);
}

static bool convert_file(const char *in, const char *out, const struct convert *c, struct err *e)
{
	const struct image_format *format = output_format(out, c->to, e);
	AUTO_STRBUF bytes = STRBUF_INIT;
	struct image_options opt;
	struct image_file file;
	bool good;

	if (!format || !image_options(c, &opt, e))
		return false;
	good = image_file_open(&file, in, &opt, e);
	if (good && !image_write(&file.image, format, &opt, &bytes, e))
		good = err_wrap(e, "%s", out);
	good = good && write_output(out, &bytes, e);
	image_file_close(&file);
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
		  "fill the holes of a .bin with it; else a hole is an error", &c.fill },
		{ "family", 0, NULL, OPT_STRING, "NAME",
		  "UF2 family to write, or to read from several: a name or an id", &c.family },
		{ "dfu-id", 0, NULL, OPT_STRING, "VID:PID",
		  "USB id in a .dfu (default: IN's, else 0483:df11)", &c.dfu_id },
		{ "dfu-name", 0, NULL, OPT_STRING, "NAME", "target name in a .dfu (default: ST...)",
		  &c.dfu_name },
		{ 0 },
	};
	struct parsed p = { 0 };
	bool good = options_parse(table, argc, argv, &p, e);

	if (good && p.help) {
		options_print_help(&convert_command, NULL, table);
	} else if (good && (p.words.count != 2 || p.rest.count)) {
		good = err_usage(e, "convert takes two files, not %zu",
				 p.words.count + p.rest.count);
		err_hint(e, "usage: mpflash %s; - is standard input or output", usage);
	} else if (good) {
		good = convert_file(p.words.items[0], p.words.items[1], &c, e);
	}
	parsed_free(&p);
	return good;
}

const struct command convert_command = {
	.name = "convert",
	.usage = usage,
	.summary = "write a firmware file in another format",
	.run = run,
};
