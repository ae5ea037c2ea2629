/* SPDX-License-Identifier: MIT
 *
 * The bytes of a file that is read as a whole: mapped, or collected from standard input.
 */
#ifndef IMAGE_INPUT_H
#define IMAGE_INPUT_H

#include "base/err.h"
#include "base/strbuf.h"
#include "os/fs.h"

struct image_input {
	const char *name; /* for messages: the path, or "standard input" */
	struct fs_map map;
	struct strbuf bytes; /* where the map's data is when it is not mapped */
};

bool image_input_open(struct image_input *in, const char *path, struct err *e); /* "-": stdin */
void image_input_close(struct image_input *in); /* takes one that failed to open too */

#endif
