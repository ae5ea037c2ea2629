/* SPDX-License-Identifier: MIT
 *
 * Where a conversion goes.
 */
#include "cmd/convert_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

const struct image_format *convert_output_format(const char *path, const char *to, struct err *e)
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

/* The file that is to be replaced: of a link (/dev/stdout is one) what it points to. NULL: an error. */
static char *real_path(const char *path, struct err *e)
{
	AUTO_FREE char *real = NULL;
	struct fs_stat st;

	if (!fs_lstat(path, &st))
		return xstrdup(path); /* a new file */
	if (st.type == FS_LINK)
		real = fs_realpath(path);
	else
		real = xstrdup(path);
	if (real && fs_lstat(real, &st) && st.type == FS_FILE) {
		char *file = real;

		real = NULL;
		return file;
	}
	err_set(e, "%s is not a file", path);
	err_hint(e, "write to - and redirect it");
	return NULL;
}

bool convert_output_write(const char *path, const void *data, size_t size, struct err *e)
{
	AUTO_FREE char *real = NULL;

	if (strcmp(path, "-") == 0) {
		/* What standard output does not take is reported by main, for all commands alike. */
		fwrite(data, 1, size, stdout);
		return true;
	}
	real = real_path(path, e);
	/* The disk is not waited for: what is lost with the power can be converted again. */
	return real && fs_write_lazy(real, data, size, fs_user_mode(real), e);
}

bool convert_output_split(const char *path, const struct image *img, struct err *e)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		AUTO_STRBUF name = STRBUF_INIT;

		image_split_name(path, i, &name);
		if (!convert_output_write(name.buf, s->data, s->size, e))
			return false;
		printf("%s  0x%08" PRIx32 "  %" PRIu32 "\n", name.buf, s->address, s->size);
	}
	return true;
}
