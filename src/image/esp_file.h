/* SPDX-License-Identifier: MIT
 *
 * What is where in a file for an ESP board: the boot image, the partition table, the apps, and other data between them.
 */
#ifndef IMAGE_ESP_FILE_H
#define IMAGE_ESP_FILE_H

#include "image/esp.h"
#include "image/esp_partitions.h"
#include "image/image.h"

enum { ESP_APP_OFFSET = 0x10000 }; /* flash offset of an app when no table says another */

struct esp_extent {
	size_t offset, size; /* in the file */
};

struct esp_file {
	uint32_t base; /* flash offset of the file's first byte */
	struct {
		struct esp_image *
			items; /* the boot image first, if there is one; never none but for a lone table */
		size_t count, cap;
	} images;
	bool has_table;
	size_t table_offset; /* in the file */
	struct esp_partitions table;
	bool has_md5; /* an ESP8266's firmware with the MD5 that MicroPython's makeimg.py adds; it is right */
	struct {
		struct esp_extent *items; /* sorted, disjoint: what the above take up */
		size_t count, cap;
	} extents;
};

#define ESP_FILE_INIT \
	{             \
		0     \
	}
#define AUTO_ESP_FILE __attribute__((cleanup(esp_file_free))) struct esp_file

/* True when the file starts as one of these do. */
bool esp_file_probe(const uint8_t *data, size_t size);

/*
 * Reads and verifies all of it: boot image and apps (checksum, SHA-256), the table (MD5), that each app fits in its
 * partition and is for the boot image's chip. What is damaged or does not fit is an error with its offset.
 */
bool esp_file_parse(struct esp_file *f, const uint8_t *data, size_t size,
		    const struct image_options *opt, struct err *e);
void esp_file_free(struct esp_file *f);

#endif
