/* SPDX-License-Identifier: MIT
 *
 * Several images as one: a boot loader, a partition table and an application, each from its own file.
 */
#ifndef IMAGE_MERGE_H
#define IMAGE_MERGE_H

#include "image/image.h"

struct image_source {
	const char *name; /* for messages */
	struct image image;
	bool is_choice; /* one of several firmwares in its file: what it does not state is not stated on purpose */
};

/*
 * Merges images into an empty one. Bytes are not copied but where images touch: the sources must outlive the result.
 * Overlap is an error that names both sources and both ranges. Hints are taken over, of those that only one image can have
 * (entry, USB ids, board, version) the first; chips, UF2 families and alternate settings that differ are an error.
 */
bool image_merge(struct image *out, const struct image_source *const *sources, size_t count,
		 struct err *e);

/*
 * Gives each source the number of the image that it goes into (group[i]) when written in a format: with write_several, sources
 * whose hint differs (family, alt) stay apart, unless the options state it for all. One that states no family joins the
 * others when they are of one; of several, it is an error. Returns how many; 0: an error.
 */
size_t image_group(const struct image_source *sources, size_t count,
		   const struct image_format *format, const struct image_options *opt,
		   size_t *group, struct err *e);

#endif
