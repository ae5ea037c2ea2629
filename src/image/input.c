/* SPDX-License-Identifier: MIT
 *
 * Input files: a path or a pipe, as one run of bytes.
 */
#include "image/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "image/image.h"

static bool read_stdin(struct image_input *in, struct err *e)
{
	static const size_t chunk = 64 * 1024;

	do {
		strbuf_reserve(&in->bytes, chunk);
		in->bytes.len += fread(in->bytes.buf + in->bytes.len, 1, chunk, stdin);
		if (in->bytes.len > 4 * (size_t)IMAGE_MAX_SIZE)
			return err_set(e, "standard input: more bytes than any firmware file has");
	} while (!feof(stdin) && !ferror(stdin));
	if (ferror(stdin))
		return err_sys(e, errno, "standard input");
	in->map.data = (const uint8_t *)in->bytes.buf;
	in->map.size = in->bytes.len;
	return true;
}

bool image_input_open(struct image_input *in, const char *path, struct err *e)
{
	bool is_stdin = strcmp(path, "-") == 0;

	*in = (struct image_input){
		.name = is_stdin ? "standard input" : path,
		.bytes = STRBUF_INIT,
	};
	return is_stdin ? read_stdin(in, e) : fs_map(&in->map, path, e);
}

void image_input_close(struct image_input *in)
{
	if (in->bytes.cap)
		in->map = (struct fs_map){ 0 };
	fs_unmap(&in->map);
	strbuf_free(&in->bytes);
}
