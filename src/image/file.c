/* SPDX-License-Identifier: MIT
 *
 * A firmware file, opened: mapped (or read from a pipe), its format found, its image read.
 */
#include "image/image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool read_stdin(struct image_file *f, struct err *e)
{
	static const size_t chunk = 64 * 1024;

	do {
		strbuf_reserve(&f->input, chunk);
		f->input.len += fread(f->input.buf + f->input.len, 1, chunk, stdin);
		if (f->input.len > 4 * (size_t)IMAGE_MAX_SIZE)
			return err_set(e, "standard input: more bytes than any firmware file has");
	} while (!feof(stdin) && !ferror(stdin));
	if (ferror(stdin))
		return err_sys(e, errno, "standard input");
	f->map.data = (const uint8_t *)f->input.buf;
	f->map.size = f->input.len;
	return true;
}

static const struct image_format *choose(const struct image_file *f, const char *name,
					 const struct image_options *opt, struct err *e)
{
	const struct image_format *format;
	AUTO_STRBUF names = STRBUF_INIT;

	format = opt->format ? image_format_by_name(opt->format)
			     : image_format_detect(f->map.data, f->map.size, name);
	if (format && format->read)
		return format;
	image_format_names(&names, false);
	if (opt->format)
		err_usage(e, "there is no format '%s' to read", opt->format);
	else
		err_set(e, "%s: neither the content nor the name says which format it is", name);
	err_hint(e, "give its format: --from with one of %s", names.buf);
	return NULL;
}

bool image_file_open(struct image_file *f, const char *path, const struct image_options *opt,
		     struct err *e)
{
	static const struct image_options defaults;
	bool is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;

	*f = (struct image_file){ .image = IMAGE_INIT, .input = STRBUF_INIT };
	if (!opt)
		opt = &defaults;
	if (!(is_stdin ? read_stdin(f, e) : fs_map(&f->map, path, e)))
		return false;
	f->format = choose(f, name, opt, e);
	if (!f->format)
		return false;
	if (!f->map.size)
		return err_set(e, "%s: the file is empty", name);
	if (!f->format->read(&f->image, f->map.data, f->map.size, opt, e))
		return err_wrap(e, "%s (%s)", name, f->format->title);
	return true;
}

void image_file_close(struct image_file *f)
{
	image_free(&f->image);
	if (f->input.cap)
		f->map = (struct fs_map){ 0 };
	fs_unmap(&f->map);
	strbuf_free(&f->input);
}
