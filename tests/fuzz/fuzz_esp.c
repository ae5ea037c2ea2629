/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: ESP firmware. Sealed, the first image's checksum and the table's MD5 entry are right, and no SHA-256 is
 * asked for.
 */
#include "format.h"

#include "image/esp_file.h"
#include "os/crypto.h"

/* Makes the checksum of the image at `offset` right. */
static void seal_image(uint8_t *data, size_t size, size_t offset)
{
	uint8_t sum = ESP_CHECKSUM_START;
	struct esp_image img;
	AUTO_ERR e = ERR_INIT;

	if (size - offset > ESP_HEADER && data[offset] == ESP_MAGIC)
		data[offset + ESP_HEADER - 1] = 0;
	if (!esp_image_parse(&img, data, size, offset, &e))
		return;
	for (size_t i = 0; i < img.segment_count; i++)
		sum = esp_checksum(sum, data + img.segments[i].offset, img.segments[i].size);
	data[img.checksum] = sum;
}

static void seal_table(uint8_t *data, size_t size, size_t offset)
{
	AUTO_ERR e = ERR_INIT;

	for (size_t at = offset; at + ESP_TABLE_ENTRY <= size; at += ESP_TABLE_ENTRY) {
		if (data[at] == 0xaa)
			continue;
		if (data[at] == 0xeb)
			crypto_md5(data + offset, at - offset, data + at + 16, &e);
		return;
	}
}

static void seal(uint8_t *data, size_t size)
{
	seal_image(data, size, 0);
	seal_table(data, size, 0);
	for (size_t boot = 0; boot <= 0x2000; boot += 0x1000)
		if (size > ESP_TABLE - boot)
			seal_table(data, size, ESP_TABLE - boot);
	for (size_t at = 0x1000; at < size; at += 0x1000)
		if (data[at] == ESP_MAGIC)
			seal_image(data, size, at);
}

/* What the library allocates when it is loaded is not the reader's. */
static void load_crypto(void)
{
	uint8_t digest[CRYPTO_SHA256];
	AUTO_ERR e = ERR_INIT;

	if (!crypto_sha256("", 0, digest, &e) || !crypto_md5("", 0, digest, &e))
		fuzz_fail("esp", "libcrypto", e.msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool loaded;

	if (!loaded)
		load_crypto();
	loaded = true;
	fuzz_format("esp", data, size, seal);
	return 0;
}
