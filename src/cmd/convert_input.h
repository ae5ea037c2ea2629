/* SPDX-License-Identifier: MIT
 *
 * The inputs of `mpflash convert`: files, each perhaps with an address, as images that are to be merged.
 */
#ifndef CMD_CONVERT_INPUT_H
#define CMD_CONVERT_INPUT_H

#include "image/merge.h"

struct convert_input {
	struct image_file file; /* its image has moved to the sources */
	char *path;             /* without the address */
	bool has_base;          /* IN@ADDRESS */
	uint32_t base;
};

struct convert_inputs {
	struct convert_input *items;
	struct {
		struct image_source *items;
		size_t count, cap;
	} sources;
	size_t count, raw; /* raw: sources that start where --base says */
	struct arena names;
	struct strbuf summary; /* "a.dfu (DfuSe, 2 segments, 378,863 bytes)", joined by " + " */
};

/*
 * Opens and reads all: of a file with several firmwares all of them, when the output's format is the same and can hold them;
 * else the one that the options choose. The options must outlive the inputs.
 */
bool convert_inputs_open(struct convert_inputs *in, const char *const *words, size_t count,
			 const struct image_format *to, const struct image_options *opt,
			 struct err *e);
void convert_inputs_close(struct convert_inputs *in); /* takes one that failed to open too */

#endif
