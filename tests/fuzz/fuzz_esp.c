/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: ESP firmware, and app images made from ELF files. Sealed, the first image's checksum and the table's MD5 entry are right, and no SHA-256 is
 * asked for.
 */
#include "format.h"

#include "image/esp_elf.h"
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

/* What is made of an ELF file is an image that is right. */
static void try_elf(const uint8_t *data, size_t size, const char *chip)
{
	const struct esp_elf_options opt = { .chip = esp_chip_by_name(chip),
					     .params = { -1, -1, -1 } };
	AUTO_STRBUF out = STRBUF_INIT;
	struct esp_image img;
	AUTO_ERR e = ERR_INIT;

	if (!esp_elf_image(&out, data, size, &opt, &e)) {
		if (!e.msg || !e.hint || out.len)
			fuzz_fail("elf", chip, "an error without a message or a hint");
		fuzz_check_text("elf", e.msg);
		return;
	}
	/* padding: two pages a segment at most */
	if (out.len > size + (size_t)ESP_MAX_SEGMENTS * 2 * (256 << 10))
		fuzz_fail("elf", chip, "longer than it may be");
	if (!esp_image_parse(&img, (const uint8_t *)out.buf, out.len, 0, &e) ||
	    !esp_image_verify(&img, (const uint8_t *)out.buf, &e))
		fuzz_fail("elf", chip, e.msg);
	if (img.size != out.len)
		fuzz_fail("elf", chip, "another size than its header says");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool loaded;

	if (!loaded)
		load_crypto();
	loaded = true;
	try_elf(data, size, "esp32");
	try_elf(data, size, "esp32c3");
	try_elf(data, size, "esp32c6");
	fuzz_format("esp", data, size, seal);
	return 0;
}
