/* SPDX-License-Identifier: MIT
 *
 * The steps of opening a firmware file, for those who take several firmwares of one (image/files.h, convert). Bytes are in
 * f->map, options in f->options.
 */
#ifndef IMAGE_FILE_READ_H
#define IMAGE_FILE_READ_H

#include "image/image.h"

void image_file_init(struct image_file *f, const struct image_options *opt); /* opt may be NULL */

/*
 * All of image_file_open but the reading of the image; appends the name for messages. f is closed in any case.
 */
bool image_file_load(struct image_file *f, const char *path, const struct image_options *opt,
		     struct strbuf *name, struct err *e);

/* What there is to choose from: nothing when the file has one firmware, or when f->options choose. */
bool image_file_choices(const struct image_file *f, const char *name, struct image_choices *out,
			struct err *e);

/* Takes a member's bytes over, which leaves the buffer empty. */
void image_file_take(struct image_file *f, struct strbuf *bytes, const char *member);

/* Appends "PATH", or "PATH: MEMBER". */
void image_file_name(const struct image_file *f, const char *path, struct strbuf *out);

/* `name` is for messages, and its extension counts. An empty file is an error. */
bool image_file_find_format(struct image_file *f, const char *name, struct err *e);
bool image_file_read(struct image_file *f, const char *name, struct err *e);

#endif
