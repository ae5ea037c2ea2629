/* SPDX-License-Identifier: MIT
 *
 * The output of `mpflash convert`: a file, several with --split, or standard output.
 */
#ifndef CMD_CONVERT_OUTPUT_H
#define CMD_CONVERT_OUTPUT_H

#include "image/image.h"

/* The format of OUT: `to`, or that of its extension. NULL: a usage error. */
const struct image_format *convert_output_format(const char *path, const char *to, struct err *e);

/*
 * Gives the file its new content as a whole, or not at all; what a link points to is replaced, not the link. "-" is standard
 * output. A device is an error.
 */
bool convert_output_write(const char *path, const void *data, size_t size, struct err *e);

/* One file for each segment, its name and address told on standard output. */
bool convert_output_split(const char *path, const struct image *img, struct err *e);

#endif
