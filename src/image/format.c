/* SPDX-License-Identifier: MIT
 *
 * The table of file formats, and which of them a file is: adding one is a file and a line here.
 */
#include "image/format.h"

#include <string.h>
#include <strings.h>

#include "base/path.h"
#include "base/vec.h"
#include "base/xalloc.h"

/* Sorted by name. */
const struct image_format *const image_formats[] = {
	&bin_format, &dfu_format,  &dfu11_format, &elf_format, &esp_format,
	&hex_format, &srec_format, &uf2_format,   NULL,
};

/* Other extensions that toolchains give the same bytes. */
static const struct {
	const char *ext, *name;
} aliases[] = {
	{ "axf", "elf" }, { "ihex", "hex" }, { "ihx", "hex" },  { "mot", "srec" }, { "out", "elf" },
	{ "s", "srec" },  { "s19", "srec" }, { "s28", "srec" }, { "s37", "srec" },
};

const struct image_format *image_format_by_name(const char *name)
{
	for (size_t i = 0; image_formats[i]; i++)
		if (strcasecmp(image_formats[i]->name, name) == 0)
			return image_formats[i];
	return NULL;
}

static const struct image_format *by_extension(const char *path)
{
	const char *ext = path_ext(path);

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcasecmp(aliases[i].ext, ext) == 0)
			ext = aliases[i].name;
	return image_format_by_name(ext);
}

const struct image_format *image_format_detect(const uint8_t *data, size_t size, const char *path)
{
	for (size_t i = 0; image_formats[i]; i++)
		if (image_formats[i]->probe && image_formats[i]->probe(data, size))
			return image_formats[i];
	return path ? by_extension(path) : NULL;
}

void image_format_names(struct strbuf *out, bool writable)
{
	const char *comma = "";

	for (size_t i = 0; image_formats[i]; i++) {
		const struct image_format *f = image_formats[i];

		if (writable ? !f->write : !f->read)
			continue;
		strbuf_addf(out, "%s%s", comma, f->name);
		comma = ", ";
	}
}

bool image_write(const struct image *img, const struct image_format *format,
		 const struct image_options *opt, struct strbuf *out, struct err *e)
{
	static const struct image_options defaults;

	if (!format->write) {
		AUTO_STRBUF names = STRBUF_INIT;

		image_format_names(&names, true);
		err_set(e, "%s can be read but not written", format->title);
		return err_hint(e, "formats that can be written: %s", names.buf);
	}
	if (!img->count)
		return err_set(e, "the image is empty: there is nothing to write");
	return format->write(img, out, opt ? opt : &defaults, e);
}

void image_choices_free(struct image_choices *c)
{
	vec_free(c);
}
