/* SPDX-License-Identifier: MIT
 *
 * One ESP image: its header, segments and safeguards. Nothing in it is believed before it was checked.
 */
#include "image/esp.h"

#include <inttypes.h>
#include <string.h>

#include "image/le.h"
#include "os/crypto.h"

enum { APP_MAGIC_SIZE = 4, APP_SIZE = 256, BOOT_SIZE = 80, BOOT_MAGIC = 0x50 };

/* Where the header has what (esp_image_header_t). */
enum { COUNT = 1, MODE = 2, SIZE_FREQUENCY = 3, ENTRY = 4, CHIP = 12, MIN_REV = 15, MAX_REV = 17 };
enum { HAS_SHA256 = 23, MODES = 6 };

bool esp_is_erased(const uint8_t *data, size_t size)
{
	return !size || (data[0] == 0xff && memcmp(data, data + 1, size - 1) == 0);
}

static bool is_ram(const struct esp_chip *chip, uint32_t address, enum esp_memory memory)
{
	const struct esp_region *r = esp_region_of(chip, address);

	return r && r->memory == memory;
}

/*
 * An ESP8266 has the first segment where other chips have bytes 8-23 of the header, which begin with the pin that write
 * protects the flash, a small number.
 */
static bool is_esp8266(const uint8_t *h)
{
	const struct esp_chip *chip = esp_chip_by_id(ESP8266_ID);
	uint32_t first = get_le32(h + ESP8266_HEADER);

	return is_ram(chip, get_le32(h + ENTRY), ESP_IRAM) &&
	       (is_ram(chip, first, ESP_IRAM) || is_ram(chip, first, ESP_DRAM));
}

const struct esp_chip *esp_image_probe(const uint8_t *data, size_t size)
{
	if (size < ESP_HEADER || data[0] != ESP_MAGIC || !data[COUNT] ||
	    data[COUNT] > ESP_MAX_SEGMENTS || data[MODE] >= MODES)
		return NULL;
	if (is_esp8266(data))
		return esp_chip_by_id(ESP8266_ID);
	return data[HAS_SHA256] <= 1 ? esp_chip_by_id(get_le16(data + CHIP)) : NULL;
}

/* --- header and segments ----------------------------------------------------------------------------------- */

static bool check_header(const uint8_t *h, size_t size, size_t offset, struct err *e)
{
	if (size - offset < ESP_HEADER) {
		err_set(e, "offset 0x%zx: the file ends inside of the image's header", offset);
		return err_hint(e, "the file is cut off: build or copy it again");
	}
	if (h[0] != ESP_MAGIC)
		return err_set(e, "offset 0x%zx: no ESP image starts here (0x%02x, not 0x%02x)",
			       offset, h[0], ESP_MAGIC);
	if (!h[COUNT] || h[COUNT] > ESP_MAX_SEGMENTS)
		return err_set(e, "offset 0x%zx: %u segments; an image has 1 to %d", offset + COUNT,
			       h[COUNT], ESP_MAX_SEGMENTS);
	return true;
}

static bool read_header(struct esp_image *img, const uint8_t *h, struct err *e)
{
	img->mode = h[MODE];
	img->flash_size = h[SIZE_FREQUENCY] >> 4;
	img->frequency = h[SIZE_FREQUENCY] & 15;
	img->entry = get_le32(h + ENTRY);
	img->segment_count = h[COUNT];
	if (is_esp8266(h)) {
		img->chip = esp_chip_by_id(ESP8266_ID);
		return true;
	}
	img->chip = esp_chip_by_id(get_le16(h + CHIP));
	if (!img->chip) {
		err_set(e, "offset 0x%zx: there is no chip with the id %u", img->offset + CHIP,
			get_le16(h + CHIP));
		return err_hint(e, "--from bin takes the bytes as they are");
	}
	if (h[HAS_SHA256] > 1)
		return err_set(e, "offset 0x%zx: %u, where 0 or 1 says whether a SHA-256 follows",
			       img->offset + HAS_SHA256, h[HAS_SHA256]);
	img->has_sha256 = h[HAS_SHA256];
	img->min_revision = get_le16(h + MIN_REV);
	img->max_revision = get_le16(h + MAX_REV);
	return true;
}

static bool cut_off(size_t offset, const char *what, size_t number, uint32_t bytes, size_t size,
		    struct err *e)
{
	err_set(e,
		"offset 0x%zx: %s %zu has %" PRIu32 " bytes, which run past the end of the file "
		"(%zu bytes)",
		offset, what, number, bytes, size);
	return err_hint(e, "the file is cut off: build or copy it again");
}

/* One segment; *at is moved behind it. */
static bool read_segment(struct esp_image *img, const uint8_t *data, size_t size, size_t number,
			 size_t *at, struct err *e)
{
	struct esp_segment *s = &img->segments[number];
	const struct esp_region *region;

	if (size - *at < ESP_SEGMENT_HEADER)
		return cut_off(*at, "the header of segment", number, ESP_SEGMENT_HEADER, size, e);
	s->address = get_le32(data + *at);
	s->size = get_le32(data + *at + 4);
	s->offset = *at + ESP_SEGMENT_HEADER;
	if (s->size % 4)
		return err_set(e,
			       "offset 0x%zx: segment %zu has %" PRIu32
			       " bytes, which is not a multiple of 4",
			       *at + 4, number, s->size);
	if (s->size > size - s->offset)
		return cut_off(*at + 4, "segment", number, s->size, size, e);
	if (s->address && s->size > UINT64_C(0x100000000) - s->address)
		return err_set(e,
			       "offset 0x%zx: segment %zu runs past the end of the address space",
			       *at, number);
	region = s->address ? esp_region_of(img->chip, s->address) : NULL;
	s->memory = region ? region->memory : ESP_NOWHERE;
	*at = s->offset + s->size;
	return true;
}

static bool has_app_magic(const struct esp_image *img, const uint8_t *data)
{
	const struct esp_segment *s = img->segments;

	return s->size >= APP_SIZE && get_le32(data + s->offset) == ESP_APP_MAGIC;
}

static enum esp_kind kind_of(const struct esp_image *img, const uint8_t *data)
{
	if (img->chip->id == ESP8266_ID)
		return ESP_BOOT;
	if (has_app_magic(img, data))
		return ESP_APP;
	for (size_t i = 0; i < img->segment_count; i++)
		if (esp_memory_is_flash(img->segments[i].memory))
			return ESP_APP;
	return ESP_BOOT;
}

bool esp_image_parse(struct esp_image *img, const uint8_t *data, size_t size, size_t offset,
		     struct err *e)
{
	size_t at;

	*img = (struct esp_image){ .offset = offset };
	if (!check_header(data + offset, size, offset, e) || !read_header(img, data + offset, e))
		return false;
	at = offset + (img->chip->id == ESP8266_ID ? ESP8266_HEADER : ESP_HEADER);
	for (size_t i = 0; i < img->segment_count; i++)
		if (!read_segment(img, data, size, i, &at, e))
			return false;
	/* The checksum is the last byte of 16. */
	img->checksum = offset + ((at - offset) | 15);
	img->size = img->checksum + 1 - offset + (img->has_sha256 ? ESP_SHA256 : 0);
	if (img->size > size - offset) {
		err_set(e, "offset 0x%zx: the file ends before the image's checksum and SHA-256",
			size);
		return err_hint(e, "the file is cut off: build or copy it again");
	}
	img->kind = kind_of(img, data);
	return true;
}

/* --- safeguards -------------------------------------------------------------------------------------------- */

uint8_t esp_checksum(uint8_t sum, const uint8_t *data, size_t size)
{
	uint64_t wide = 0, word;
	size_t i = 0;

	for (; i + sizeof(word) <= size; i += sizeof(word)) {
		memcpy(&word, data + i, sizeof(word));
		wide ^= word;
	}
	for (; i < size; i++)
		sum ^= data[i];
	for (; wide; wide >>= 8)
		sum ^= (uint8_t)wide;
	return sum;
}

static bool damaged(struct err *e)
{
	return err_hint(e, "the file is damaged: build or download it again");
}

bool esp_image_verify(const struct esp_image *img, const uint8_t *data, struct err *e)
{
	uint8_t sum = ESP_CHECKSUM_START, sha256[ESP_SHA256];
	size_t end = img->checksum + 1;

	for (size_t i = 0; i < img->segment_count; i++)
		sum = esp_checksum(sum, data + img->segments[i].offset, img->segments[i].size);
	if (sum != data[img->checksum]) {
		err_set(e, "offset 0x%zx: the checksum of the image at 0x%zx is %02x, not %02x",
			img->checksum, img->offset, data[img->checksum], sum);
		return damaged(e);
	}
	if (!img->has_sha256)
		return true;
	if (!crypto_sha256(data + img->offset, end - img->offset, sha256, e))
		return false;
	if (memcmp(sha256, data + end, sizeof(sha256)) == 0)
		return true;
	err_set(e, "offset 0x%zx: the SHA-256 of the image at 0x%zx is wrong", end, img->offset);
	return damaged(e);
}

/* --- descriptions ------------------------------------------------------------------------------------------ */

/* A text of up to `size` bytes from an untrusted file; what is not printable becomes '?'. */
static void take_text(char *to, const uint8_t *from, size_t size)
{
	size_t n = 0;

	for (; n < size && from[n]; n++)
		to[n] = from[n] >= ' ' && from[n] < 0x7f ? (char)from[n] : '?';
	to[n] = '\0';
}

bool esp_image_app(const struct esp_image *img, const uint8_t *data, struct esp_app *app)
{
	const uint8_t *p = data + img->segments[0].offset;

	if (!has_app_magic(img, data))
		return false;
	take_text(app->version, p + 16, 32);
	take_text(app->project, p + 48, 32);
	take_text(app->time, p + 80, 16);
	take_text(app->date, p + 96, 16);
	take_text(app->idf, p + 112, 32);
	return true;
}

bool esp_image_boot_idf(const struct esp_image *img, const uint8_t *data, char idf[static 33])
{
	const struct esp_segment *s = img->segments;

	if (img->kind != ESP_BOOT || s->size < BOOT_SIZE || data[s->offset] != BOOT_MAGIC)
		return false;
	take_text(idf, data + s->offset + 8, 32);
	return idf[0] && !strchr(idf, '?');
}
