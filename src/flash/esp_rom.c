/* SPDX-License-Identifier: MIT
 *
 * The table of ROM loaders and the questions that find a chip in it. Chips whose flash needs more than the table says (ESP32-P4 3.1, which
 * powers its flash by registers) are refused: esptool can do them.
 */
#include "flash/esp_rom.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/xalloc.h"
#include "image/le.h"

enum { FAST = 921600, USUAL = 460800, SECURE_BOOT = 1, SECURE_DOWNLOAD = 4 };

static const struct esp_spi_layout esp8266_spi = { 0x1c, 0x20, 0x24, 0x40, 0, 0 };
static const struct esp_spi_layout esp32_spi = { 0x1c, 0x20, 0x24, 0x80, 0x28, 0x2c };
static const struct esp_spi_layout new_spi = { 0x18, 0x1c, 0x20, 0x58, 0x24, 0x28 };

#define WATCHDOG_KEY UINT32_C(0x50d83aa1)
#define SUPER_KEY UINT32_C(0x8f1d312a)
#define FEED UINT32_C(0x80000000)   /* the super watchdog feeds itself */
#define FEED_LP (UINT32_C(1) << 18) /* the same where it is in the low power domain */

static const struct esp_rom roms[] = {
	{ .id = ESP8266_ID,
	  .magic = 0xfff0c101,
	  .baud = USUAL,
	  .spi = 0x60000200,
	  .layout = &esp8266_spi,
	  .four_words = true },
	/* revision and crystal: read_esp32 and esp_told_baud */
	{ .id = 0,
	  .magic = 0x00f01d83,
	  .baud = FAST,
	  .spi = 0x3ff42000,
	  .mac = 0x3ff5a004,
	  .layout = &esp32_spi,
	  .four_words = true },
	{ .id = 2,
	  .magic = 0x000007c6,
	  .baud = USUAL,
	  .spi = 0x3f402000,
	  .mac = 0x3f41a044,
	  .layout = &new_spi,
	  .major = { 0x3f41a050, 18, 2 },
	  .minor_high = { 0x3f41a050, 20, 1 },
	  .minor = { 0x3f41a054, 4, 3 } },
	{ .id = 5,
	  .baud = FAST,
	  .spi = 0x60002000,
	  .layout = &new_spi,
	  .mac = 0x60008844,
	  .major = { 0x60008858, 24, 2 },
	  .minor_high = { 0x60008858, 23, 1 },
	  .minor = { 0x60008850, 18, 3 },
	  .watchdogs = { { 0x60008090, 0x600080a8, WATCHDOG_KEY, 0 },
			 { 0x600080ac, 0x600080b0, SUPER_KEY, FEED } } },
	{ .id = 9,
	  .baud = FAST,
	  .spi = 0x60002000,
	  .layout = &new_spi,
	  .mac = 0x60007044,
	  .major = { 0x60007058, 24, 2 },
	  .minor_high = { 0x60007058, 23, 1 },
	  .minor = { 0x60007050, 18, 3 },
	  .watchdogs = { { 0x60008098, 0x600080b0, WATCHDOG_KEY, 0 },
			 { 0x600080b4, 0x600080b8, SUPER_KEY, FEED } } },
	{ .id = 12,
	  .baud = FAST,
	  .spi = 0x60002000,
	  .layout = &new_spi,
	  .mac = 0x60008840,
	  .major = { 0x60008844, 20, 2 },
	  .minor = { 0x60008844, 16, 4 },
	  .clock = 0x60000014,
	  .believes = 40 },
	{ .id = 13,
	  .baud = USUAL,
	  .spi = 0x60003000,
	  .layout = &new_spi,
	  .mac = 0x600b0844,
	  .major = { 0x600b0850, 22, 2 },
	  .minor = { 0x600b0850, 18, 4 },
	  .watchdogs = { { 0x600b1c00, 0x600b1c18, WATCHDOG_KEY, 0 },
			 { 0x600b1c1c, 0x600b1c20, WATCHDOG_KEY, FEED_LP } } },
	{ .id = 16,
	  .baud = FAST,
	  .spi = 0x60003000,
	  .layout = &new_spi,
	  .mac = 0x600b0844,
	  .major = { 0x600b0850, 21, 2 },
	  .minor = { 0x600b0850, 18, 3 },
	  .watchdogs = { { 0x600b1c00, 0x600b1c1c, WATCHDOG_KEY, 0 },
			 { 0x600b1c20, 0x600b1c24, WATCHDOG_KEY, FEED_LP } } },
	{ .id = 18,
	  .baud = FAST,
	  .spi = 0x5008d000,
	  .layout = &new_spi,
	  .mac = 0x5012d044,
	  .major = { 0x5012d04c, 4, 2 },
	  .minor = { 0x5012d04c, 0, 4 },
	  .watchdogs = { { 0x50116000, 0x50116018, WATCHDOG_KEY, 0 },
			 { 0x5011601c, 0x50116020, WATCHDOG_KEY, FEED_LP } } },
	{ .id = 20,
	  .baud = FAST,
	  .spi = 0x60003000,
	  .layout = &new_spi,
	  .mac = 0x600b4844,
	  .major = { 0x600b484c, 4, 2 },
	  .minor = { 0x600b484c, 0, 4 },
	  .watchdogs = { { 0x600b1c00, 0x600b1c18, WATCHDOG_KEY, 0 },
			 { 0x600b1c1c, 0x600b1c20, WATCHDOG_KEY, FEED_LP } } },
	{ .id = 23,
	  .baud = FAST,
	  .spi = 0x60003000,
	  .layout = &new_spi,
	  .mac = 0x600b4844,
	  .major = { 0x600b484c, 4, 2 },
	  .minor = { 0x600b484c, 0, 4 },
	  .watchdogs = { { 0x600b1c00, 0x600b1c18, WATCHDOG_KEY, 0 },
			 { 0x600b1c1c, 0x600b1c20, WATCHDOG_KEY, FEED_LP } },
	  .clock = 0x60000014,
	  .belief = { 0x60096110, 24, 7 } },
};

bool esp_read_bits(struct esp_wire *w, const struct esp_bits *bits, uint32_t *value, struct err *e)
{
	*value = 0;
	if (!bits->address)
		return true;
	if (!esp_read_reg(w, bits->address, value, e))
		return false;
	*value = *value >> bits->shift & ((UINT32_C(1) << bits->width) - 1);
	return true;
}

static bool take(struct esp_chip_found *out, const struct esp_rom *rom)
{
	out->rom = rom;
	out->chip = esp_chip_by_id(rom->id);
	return out->chip != NULL;
}

static bool unknown(struct err *e, const char *what, uint32_t value)
{
	err_set(e, "this method does not know the chip that answers (%s 0x%" PRIx32 ")", what,
		value);
	return err_hint(e, "`--method esptool` may know it");
}

static bool take_id(struct esp_chip_found *out, uint32_t id, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(roms); i++)
		if (!roms[i].magic && (uint32_t)roms[i].id == id && take(out, &roms[i]))
			return true;
	return unknown(e, "id", id);
}

static bool take_magic(struct esp_wire *w, struct esp_chip_found *out, struct err *e)
{
	uint32_t magic;

	if (!esp_read_reg(w, ESP_MAGIC_REG, &magic, e))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(roms); i++)
		if (roms[i].magic == magic && magic && take(out, &roms[i]))
			return true;
	return unknown(e, "magic number", magic);
}

/* Bits of eFuse words 0 to 6, and one of a register of the APB (esptool: ESP32ROM). */
static bool read_esp32(struct esp_wire *w, struct esp_chip_found *out, struct err *e)
{
	static const uint8_t majors[8] = { 0, 1, 0, 2, 0, 0, 0, 3 };
	const uint32_t base = 0x3ff5a000;
	uint32_t fuse[7] = { 0 }, date, crypt;

	for (uint32_t i = 0; i < ARRAY_SIZE(fuse); i++)
		if (!esp_read_reg(w, base + 4 * i, &fuse[i], e))
			return false;
	if (!esp_read_reg(w, 0x3ff6607c, &date, e))
		return false;
	out->revision =
		100U * majors[(fuse[3] >> 15 & 1) | (fuse[5] >> 20 & 1) << 1 | date >> 31 << 2] +
		(fuse[5] >> 24 & 3);
	crypt = fuse[0] >> 20 & 0x7f;
	out->encrypted = __builtin_popcount(crypt) & 1; /* each change burns one more */
	out->secure_boot = fuse[6] & 1 << 4 || (out->revision >= 300 && fuse[6] & 1 << 5);
	return true;
}

static bool read_revision(struct esp_wire *w, struct esp_chip_found *out, struct err *e)
{
	const struct esp_rom *rom = out->rom;
	uint32_t major, high, minor;

	if (!esp_read_bits(w, &rom->major, &major, e) ||
	    !esp_read_bits(w, &rom->minor_high, &high, e) ||
	    !esp_read_bits(w, &rom->minor, &minor, e))
		return false;
	out->revision = 100 * major + (high << rom->minor.width) + minor;
	return true;
}

/*
 * Newer ROMs say by security info who they are; the S2's has no id in it, those of ESP8266 and ESP32 do not know the
 * question. They are told by a word of their ROM.
 */
bool esp_rom_find(struct esp_wire *w, struct esp_chip_found *out, struct err *e)
{
	enum { FULL = 20, OLD = 12 };
	uint8_t info[FULL];
	size_t got = 0;
	const struct esp_request ask = { .op = ESP_SECURITY_INFO,
					 .reply = info,
					 .reply_len = FULL,
					 .reply_min = OLD,
					 .got = &got };
	AUTO_ERR none = ERR_INIT;
	uint32_t flags;

	*out = (struct esp_chip_found){ 0 };
	if (!esp_ask(w, &ask, NULL, &none) && (w->broken || none.kind == ERR_INTERRUPTED)) {
		err_move(e, &none);
		return false;
	}
	flags = got ? get_le32(info) : 0;
	if (flags & SECURE_DOWNLOAD) {
		err_set(e,
			"the chip's eFuses allow secure downloads only: nothing can be compared or read");
		return err_hint(e, "its firmware has to update itself");
	}
	if (!(got == FULL ? take_id(out, get_le32(info + 12), e) : take_magic(w, out, e)))
		return false;
	if (out->rom->id == 0)
		return read_esp32(w, out, e);
	out->secure_boot = flags & SECURE_BOOT;
	out->encrypted = got && __builtin_popcount(info[4]) & 1;
	if (!read_revision(w, out, e))
		return false;
	if (out->rom->id == 18 && (out->revision == 301 || out->revision == 302)) {
		err_set(e,
			"an ESP32-P4 of revision %u.%u powers its flash in a way that this method does not know",
			out->revision / 100, out->revision % 100);
		return err_hint(e, "`--method esptool` knows it");
	}
	return true;
}

bool esp_read_mac(struct esp_wire *w, const struct esp_rom *rom, char mac[13], struct err *e)
{
	uint32_t low, high;

	*mac = '\0';
	if (!rom->mac)
		return true;
	if (!esp_read_reg(w, rom->mac, &low, e) || !esp_read_reg(w, rom->mac + 4, &high, e))
		return false;
	snprintf(mac, 13, "%04" PRIx32 "%08" PRIx32, high & 0xffff, low);
	return true;
}

bool esp_stop_watchdogs(struct esp_wire *w, const struct esp_rom *rom, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(rom->watchdogs); i++) {
		const struct esp_watchdog *dog = &rom->watchdogs[i];
		uint32_t value = 0;

		if (!dog->config)
			continue;
		if ((dog->set && !esp_read_reg(w, dog->config, &value, e)) ||
		    !esp_write_reg(w, dog->protect, dog->key, e) ||
		    !esp_write_reg(w, dog->config, dog->set ? value | dog->set : 0, e) ||
		    !esp_write_reg(w, dog->protect, 0, e))
			return false;
	}
	return true;
}

/* ESP32's ROM measures its crystal with an oscillator that drifts, and reckons with what came of it. */
static bool esp32_told(struct esp_wire *w, unsigned baud, uint32_t *told, struct err *e)
{
	static const struct esp_bits ticks = { 0x3ff5f06c, 7, 25 }, clock = { 0x3ff5a010, 0, 8 };
	uint32_t count, fuse;
	uint64_t hz;

	if (!esp_read_bits(w, &ticks, &count, e) || !esp_read_bits(w, &clock, &fuse, e))
		return false;
	hz = (uint64_t)count * 15625 * fuse / 40;
	/* Nothing sensible there: as any other. */
	*told = hz < 20000000 || hz > 60000000
			? baud
			: (uint32_t)(baud * hz / (hz > 33000000 ? 40000000 : 26000000));
	return true;
}

bool esp_told_baud(struct esp_wire *w, const struct esp_rom *rom, unsigned baud, uint32_t *told,
		   struct err *e)
{
	uint32_t divider, believed = rom->believes;
	uint64_t hz;
	unsigned mhz;

	*told = baud;
	if (rom->id == 0)
		return esp32_told(w, baud, told, e);
	if (!rom->clock)
		return true;
	if (!esp_read_reg(w, rom->clock, &divider, e) ||
	    (!believed && !esp_read_bits(w, &rom->belief, &believed, e)))
		return false;
	hz = (uint64_t)w->baud * (divider & 0xfffff);
	mhz = hz > 45000000 ? 48 : hz > 33000000 ? 40 : 26;
	*told = (uint32_t)((uint64_t)baud * believed / mhz);
	return true;
}
