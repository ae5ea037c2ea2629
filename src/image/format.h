/* SPDX-License-Identifier: MIT
 *
 * The formats that image_formats[] lists, one file each.
 */
#ifndef IMAGE_FORMAT_H
#define IMAGE_FORMAT_H

#include "image/image.h"

extern const struct image_format bin_format, dfu_format, dfu11_format, elf_format, esp_format,
	hex_format, srec_format, uf2_format;

#endif
