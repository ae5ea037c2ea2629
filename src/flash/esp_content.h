/* SPDX-License-Identifier: MIT
 *
 * Firmware for an ESP, seen by who writes it: what of a file goes to flash, for which chip and revision it is, what is changed in it
 * for the board at hand.
 */
#ifndef FLASH_ESP_CONTENT_H
#define FLASH_ESP_CONTENT_H

#include "flash/esp_rom.h"
#include "flash/method.h"
#include "image/image.h"

/*
 * The image without what only keeps things in place: a firmware.bin that was read as plain bytes is read again as what it is
 * (image/esp.c), so that its 0xff over nvs erases nothing. `out` is IMAGE_INIT; its bytes are `img`'s. What is no such file is
 * as it was.
 */
bool esp_content_view(const struct image *img, struct image *out, struct err *e);

/* Without a chip: is it firmware for an ESP at all, its boot image where the chip's ROM looks for it? */
bool esp_content_check(const struct image *img, struct err *e);

/* For this chip, its revision, its flash. */
bool esp_content_fits(const struct image *img, const struct esp_chip_found *found,
		      uint32_t flash_size, struct err *e);

struct esp_settings {
	const char *mode, *size,
		*frequency; /* esptool's words; NULL or "keep": as in the image; size "detect" */
};

/*
 * The image with the settings in its boot image (whose SHA-256 is renewed), and with the partition that says which of several apps
 * starts erased, when the image brings the first of them. `out` is IMAGE_INIT; its bytes are `img`'s and its own.
 */
bool esp_content_prepare(const struct image *img, const struct esp_chip_found *found,
			 uint32_t flash_size, const struct esp_settings *settings,
			 struct image *out, bool *changed, struct err *e);

#endif
