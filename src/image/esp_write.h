/* SPDX-License-Identifier: MIT
 *
 * Writing ESP firmware.
 */
#ifndef IMAGE_ESP_WRITE_H
#define IMAGE_ESP_WRITE_H

#include "image/image.h"

/* struct image_format's write. */
bool esp_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
	       struct err *e);

#endif
