/* SPDX-License-Identifier: MIT
 *
 * The firmwares in a file, one after another: a plain file has one; an archive or a UF2 container one a member that is
 * firmware; a file of several UF2 families, DfuSe alternate settings or generations of micro:bit one a choice.
 */
#ifndef IMAGE_FILES_H
#define IMAGE_FILES_H

#include "image/image.h"

struct image_files;

/*
 * Opens a file ("-": standard input), without reading firmware yet. What the options choose (member, family, alt) is all
 * that comes. `path` and `opt` (NULL: defaults) must outlive the iterator. NULL: an error that names the path.
 */
struct image_files *image_files_open(const char *path, const struct image_options *opt,
				     struct err *e);

/*
 * The next firmware in *file, which lives until the next call; the caller may change its image (image_find_version).
 * True with NULL at the end. False: one firmware that cannot be read, named in the error; the ones behind it can still be
 * had, and what ends an archive early ends the iteration. An archive that had no firmware at all is an error at its end.
 */
bool image_files_next(struct image_files *it, struct image_file **file, struct err *e);

void image_files_close(struct image_files *it); /* takes NULL */

#endif
