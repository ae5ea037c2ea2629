/* SPDX-License-Identifier: MIT
 *
 * Making ESP images.
 */
#include "esp_helpers.h"

#include "image_helpers.h"

#include "image/le.h"
#include "os/crypto.h"

void add_le32(struct strbuf *out, uint32_t value)
{
	uint8_t le[4];

	put_le32(le, value);
	strbuf_add(out, le, sizeof(le));
}

void pad_to(struct strbuf *out, size_t len, uint8_t fill)
{
	while (out->len < len)
		strbuf_addch(out, (char)fill);
}

void esp_header(struct strbuf *out, int id, unsigned segments)
{
	static const uint32_t entries[] = {
		[ID_ESP32] = 0x40080400, [ID_C3] = 0x4037c400, [ID_S3] = 0x40370400
	};
	uint8_t extended[16] = { 0xee, 0, 0, 0, (uint8_t)id, 0, 0, 3, 0, 199, 0, 0, 0, 0, 0, 1 };

	strbuf_addch(out, (char)0xe9);
	strbuf_addch(out, (char)segments);
	strbuf_addch(out, 2);
	strbuf_addch(out, id == ID_8266 ? 0x40 : 0x20);
	add_le32(out, id == ID_8266 ? 0x40100010 : entries[id]);
	if (id != ID_8266)
		strbuf_add(out, extended, sizeof(extended));
}

void esp_segment(struct strbuf *out, uint32_t address, uint32_t size)
{
	add_le32(out, address);
	add_le32(out, size);
	for (uint32_t i = 0; i < size; i++)
		strbuf_addch(out, (char)pattern_at(address + i));
}

void esp_app_segment(struct strbuf *out, uint32_t address, uint32_t size)
{
	size_t at = out->len + 8;

	esp_segment(out, address, size);
	memset(out->buf + at, 0, 256);
	put_le32((uint8_t *)out->buf + at, 0xabcd5432);
	memcpy(out->buf + at + 16, "v1.29.0", 7);
	memcpy(out->buf + at + 48, "micropython", 11);
	memcpy(out->buf + at + 80, "12:34:56", 8);
	memcpy(out->buf + at + 96, "Nov 22 2026", 11);
	memcpy(out->buf + at + 112, "v5.5.1\n", 7); /* the line end is not for a terminal */
}

void esp_seal(struct strbuf *out, size_t start)
{
	const uint8_t *p = (const uint8_t *)out->buf + start;
	bool old = p[7] == 0x40 && p[6] == 0x10; /* an ESP8266's entry, see esp_header */
	size_t at = old ? 8 : 24;
	uint8_t sum = 0xef, sha256[32];
	AUTO_ERR e = ERR_INIT;

	for (unsigned i = 0; i < p[1]; i++) {
		uint32_t size = get_le32(p + at + 4);

		for (uint32_t k = 0; k < size; k++)
			sum ^= p[at + 8 + k];
		at += 8 + size;
	}
	while ((out->len - start) % 16 != 15)
		strbuf_addch(out, 0);
	strbuf_addch(out, (char)sum);
	if (old)
		return;
	assert_true(crypto_sha256(out->buf + start, out->len - start, sha256, &e));
	strbuf_add(out, sha256, sizeof(sha256));
}

static const struct {
	uint32_t drom, irom, dram, iram;
} maps[] = {
	[ID_ESP32] = { 0x3f400020, 0x400d0020, 0x3ffb0000, 0x40080000 },
	[ID_C3] = { 0x3c000020, 0x42000020, 0x3fc90000, 0x4037c000 },
	[ID_S3] = { 0x3c000020, 0x42000020, 0x3fc90000, 0x40370000 },
};

void esp_boot_image(struct strbuf *out, int id)
{
	size_t start = out->len;

	esp_header(out, id, 2);
	esp_segment(out, maps[id].dram, 300);
	esp_segment(out, maps[id].iram, 1000);
	esp_seal(out, start);
}

void esp_app_image(struct strbuf *out, int id, uint32_t size)
{
	size_t start = out->len;

	esp_header(out, id, 3);
	esp_app_segment(out, maps[id].drom, size);
	esp_segment(out, maps[id].iram, 500);
	esp_segment(out, maps[id].dram, 40);
	esp_seal(out, start);
}

void esp_table(struct strbuf *out, const struct esp_entry *entries, size_t count)
{
	size_t start = out->len;
	uint8_t md5[16];
	AUTO_ERR e = ERR_INIT;

	for (size_t i = 0; i < count; i++) {
		char label[16] = { 0 };

		memcpy(label, entries[i].label, strlen(entries[i].label));
		strbuf_add(out, "\xaa\x50", 2);
		strbuf_addch(out, (char)entries[i].type);
		strbuf_addch(out, (char)entries[i].subtype);
		add_le32(out, entries[i].offset);
		add_le32(out, entries[i].size);
		strbuf_add(out, label, sizeof(label));
		add_le32(out, 0);
	}
	assert_true(crypto_md5(out->buf + start, out->len - start, md5, &e));
	strbuf_add(out, "\xeb\xeb", 2);
	pad_to(out, start + count * 32 + 16, 0xff);
	strbuf_add(out, md5, sizeof(md5));
	pad_to(out, start + 0xc00, 0xff);
}
