/* SPDX-License-Identifier: MIT
 *
 * ESP images and partition tables made byte by byte, for tests. Checksums are computed here, not by what is tested.
 */
#ifndef TESTS_UNIT_ESP_HELPERS_H
#define TESTS_UNIT_ESP_HELPERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum { ID_ESP32 = 0, ID_C3 = 5, ID_S3 = 9, ID_8266 = -1 };

/* Appends an image's header with a SHA-256 flag (chips with an id): flash dio, 4 MB, 40 MHz, entry in RAM. */
void esp_header(struct strbuf *out, int id, unsigned segments);

/* Appends a segment of `size` bytes of a pattern. */
void esp_segment(struct strbuf *out, uint32_t address, uint32_t size);

/* Appends an esp_app_desc_t as the beginning of a segment of `size` bytes. */
void esp_app_segment(struct strbuf *out, uint32_t address, uint32_t size);

/* Pads and appends the checksum, and the SHA-256 for chips with an id, of the image that starts at `start`. */
void esp_seal(struct strbuf *out, size_t start);

/* Whole images: a boot loader with two segments in RAM, an app with one more in flash. */
void esp_boot_image(struct strbuf *out, int id);
void esp_app_image(struct strbuf *out, int id, uint32_t size);

struct esp_entry {
	uint8_t type, subtype;
	uint32_t offset, size;
	const char *label;
};

/* Appends a partition table of 0xc00 bytes, with its MD5. */
void esp_table(struct strbuf *out, const struct esp_entry *entries, size_t count);

/* Appends bytes up to a length. */
void pad_to(struct strbuf *out, size_t len, uint8_t fill);
void add_le32(struct strbuf *out, uint32_t value);

#endif
