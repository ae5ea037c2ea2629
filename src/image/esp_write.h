/* SPDX-License-Identifier: MIT
 *
 * Writing ESP firmware: a file for flash, or an app from an ELF.
 */
#ifndef IMAGE_ESP_WRITE_H
#define IMAGE_ESP_WRITE_H

#include "image/image.h"

/* struct image_format's write: see esp_write.c for what is written. */
bool esp_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
	       struct err *e);

#endif
