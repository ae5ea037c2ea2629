/* SPDX-License-Identifier: MIT
 *
 * How the flash chip is read: mode, size and frequency in the header of a boot image, by names, and changing them.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/xalloc.h"
#include "image/esp.h"
#include "os/crypto.h"

static const char *const modes[] = { "qio", "qout", "dio", "dout", "fast-read", "slow-read" };
static const char *const sizes[] = { "1MB", "2MB", "4MB", "8MB", "16MB", "32MB", "64MB", "128MB" };
static const char *const sizes_8266[] = { "512KB",  "256KB",  "1MB", "2MB", "4MB",
					  "2MB-c1", "4MB-c1", NULL,  "8MB", "16MB" };

const char *esp_mode_name(uint8_t code)
{
	return code < ARRAY_SIZE(modes) ? modes[code] : NULL;
}

static const char *const *size_names(const struct esp_chip *chip, size_t *count)
{
	bool old = chip->id == ESP8266_ID;

	*count = old ? ARRAY_SIZE(sizes_8266) : ARRAY_SIZE(sizes);
	return old ? sizes_8266 : sizes;
}

const char *esp_flash_size_name(const struct esp_chip *chip, uint8_t code)
{
	size_t count;
	const char *const *names = size_names(chip, &count);

	return code < count ? names[code] : NULL;
}

uint32_t esp_flash_size_bytes(const struct esp_chip *chip, uint8_t code)
{
	const char *name = esp_flash_size_name(chip, code);
	char *unit = NULL;
	unsigned long n = name ? strtoul(name, &unit, 10) : 0;

	return (uint32_t)(n << (n && *unit == 'K' ? 10 : 20));
}

static bool given(const char *text)
{
	return text && strcasecmp(text, "keep") != 0;
}

static bool parse_mode(struct esp_flash_params *p, const char *text, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (strcasecmp(modes[i], text) == 0)
			p->mode = (int)i;
	if (p->mode >= 0)
		return true;
	err_usage(e, "there is no flash mode '%s'", text);
	return err_hint(e, "the modes are qio, qout, dio and dout");
}

static bool parse_size(struct esp_flash_params *p, const struct esp_chip *chip, const char *text,
		       struct err *e)
{
	size_t count;
	const char *const *names = size_names(chip, &count);

	for (size_t i = 0; i < count; i++)
		if (names[i] && strcasecmp(names[i], text) == 0)
			p->size = (int)i;
	if (p->size >= 0)
		return true;
	err_usage(e, "an %s has no flash of the size '%s'", chip->title, text);
	return err_hint(e, "a size looks like 4MB");
}

static bool parse_frequency(struct esp_flash_params *p, const struct esp_chip *chip,
			    const char *text, struct err *e)
{
	char *end;
	unsigned long mhz = strtoul(text, &end, 10);

	/* The ESP32-C6 has one code for both: its ROM divides its clock wrongly. */
	if (mhz == 40 && chip->mhz[0] == 80)
		mhz = 80;
	for (int i = 0; i < 16 && mhz; i++)
		if (chip->mhz[i] == mhz && (strcasecmp(end, "m") == 0 || !*end))
			p->frequency = i;
	if (p->frequency >= 0)
		return true;
	err_usage(e, "an %s has no flash frequency '%s'", chip->title, text);
	return err_hint(e, "a frequency looks like %um", chip->mhz[0]);
}

bool esp_flash_params_parse(struct esp_flash_params *p, const struct esp_chip *chip,
			    const char *mode, const char *size, const char *frequency,
			    struct err *e)
{
	*p = (struct esp_flash_params){ -1, -1, -1 };
	return (!given(mode) || parse_mode(p, mode, e)) &&
	       (!given(size) || parse_size(p, chip, size, e)) &&
	       (!given(frequency) || parse_frequency(p, chip, frequency, e));
}

bool esp_image_patch(uint8_t *data, size_t size, const struct esp_flash_params *p, struct err *e)
{
	uint8_t sha256[CRYPTO_SHA256], header[4];
	struct esp_image img;
	size_t end;

	if (!esp_image_parse(&img, data, size, 0, e) || !esp_image_verify(&img, data, e))
		return false;
	if (img.kind != ESP_BOOT) {
		err_set(e, "the image at offset 0 is an app, not a boot image");
		return err_hint(e, "flash mode, size and frequency are the boot image's to say");
	}
	memcpy(header, data, sizeof(header));
	if (p->mode >= 0)
		data[2] = (uint8_t)p->mode;
	if (p->size >= 0)
		data[3] = (uint8_t)((data[3] & 0x0f) | p->size << 4);
	if (p->frequency >= 0)
		data[3] = (uint8_t)((data[3] & 0xf0) | p->frequency);
	if (!img.has_sha256)
		return true;
	end = img.checksum + 1;
	if (!crypto_sha256(data, end, sha256, e)) {
		memcpy(data, header, sizeof(header));
		return false;
	}
	memcpy(data + end, sha256, sizeof(sha256));
	return true;
}
