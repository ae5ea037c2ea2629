/* SPDX-License-Identifier: MIT
 *
 * The SPI controller's "user command": a command byte, 24 bits of address, and bits that come back. (ESP32 Technical Reference Manual,
 * "SPI Controller"; esptool's run_spiflash_command.)
 */
#include "flash/esp_spi.h"

#include <inttypes.h>
#include <string.h>

#include "image/le.h"
#include "os/clock.h"

enum {
	CMD_REG = 0,
	ADDR_REG = 4,
	START = 1 << 18, /* of CMD_REG */
	ADDRESS_BITS = 24,
	LOOKS = 10,
	ERASE_MS = 3000, /* of a sector: data sheets say 400 at most */
};

/* of USR */
#define USE_COMMAND (UINT32_C(1) << 31)
#define USE_ADDRESS (UINT32_C(1) << 30)
#define USE_MISO (UINT32_C(1) << 28)

enum { READ = 0x03, READ_STATUS = 0x05, WRITE_ENABLE = 0x06, ERASE_SECTOR = 0x20, READ_ID = 0x9f };

struct command {
	uint8_t code;
	bool has_address;
	uint32_t address;
	size_t bytes; /* that come back, into `words` */
	uint32_t *words;
};

static bool set_lengths(struct esp_wire *w, const struct esp_rom *rom, const struct command *c,
			struct err *e)
{
	const struct esp_spi_layout *l = rom->layout;
	uint32_t bits = c->bytes ? (uint32_t)c->bytes * 8 - 1 : 0;
	uint32_t usr1 = c->has_address ? (uint32_t)(ADDRESS_BITS - 1) << 26 : 0;

	if (!l->mosi_len)
		return esp_write_reg(w, rom->spi + l->usr1, usr1 | bits << 8, e);
	return (!c->bytes || esp_write_reg(w, rom->spi + l->miso_len, bits, e)) &&
	       (!usr1 || esp_write_reg(w, rom->spi + l->usr1, usr1, e));
}

static bool start(struct esp_wire *w, const struct esp_rom *rom, struct err *e)
{
	uint32_t value;

	if (!esp_write_reg(w, rom->spi + CMD_REG, START, e))
		return false;
	for (int i = 0; i < LOOKS; i++) {
		if (!esp_read_reg(w, rom->spi + CMD_REG, &value, e))
			return false;
		if (!(value & START))
			return true;
	}
	return err_set(e, "the chip's SPI controller does not finish a command");
}

static bool run(struct esp_wire *w, const struct esp_rom *rom, const struct command *c,
		struct err *e)
{
	const struct esp_spi_layout *l = rom->layout;
	uint32_t usr = USE_COMMAND;

	if (c->bytes)
		usr |= USE_MISO;
	if (c->has_address)
		usr |= USE_ADDRESS;
	if (!set_lengths(w, rom, c, e) || !esp_write_reg(w, rom->spi + l->usr, usr, e) ||
	    !esp_write_reg(w, rom->spi + l->usr2, UINT32_C(7) << 28 | c->code, e) ||
	    (c->has_address &&
	     !esp_write_reg(w, rom->spi + ADDR_REG, c->address << (32 - ADDRESS_BITS), e)) ||
	    (c->bytes && !esp_write_reg(w, rom->spi + l->w0, 0, e)) || !start(w, rom, e))
		return false;
	for (uint32_t i = 0; i < (c->bytes + 3) / 4; i++)
		if (!esp_read_reg(w, rom->spi + l->w0 + 4 * i, &c->words[i], e))
			return false;
	return true;
}

/* With the registers as the ROM left them afterwards. */
static bool command(struct esp_wire *w, const struct esp_rom *rom, const struct command *c,
		    struct err *e)
{
	uint32_t usr_reg = rom->spi + rom->layout->usr, usr2_reg = rom->spi + rom->layout->usr2;
	uint32_t usr, usr2;

	return esp_read_reg(w, usr_reg, &usr, e) && esp_read_reg(w, usr2_reg, &usr2, e) &&
	       run(w, rom, c, e) && esp_write_reg(w, usr_reg, usr, e) &&
	       esp_write_reg(w, usr2_reg, usr2, e);
}

/* The third byte of the id: a power of two in most chips (esptool: DETECTED_FLASH_SIZES). */
static uint32_t size_of(uint32_t id)
{
	enum { ADESTO = 0x1f };
	uint8_t code = (uint8_t)(id >> 16);

	if ((id & 0xff) == ADESTO) {
		code = id >> 8 & 0x1f;
		return code >= 0x04 && code <= 0x09 ? UINT32_C(512 << 10) << (code - 0x04) : 0;
	}
	if (code >= 0x12 && code <= 0x1c)
		return UINT32_C(1) << code;
	if (code >= 0x20 && code <= 0x22)
		return UINT32_C(64 << 20) << (code - 0x20);
	return code >= 0x32 && code <= 0x3a ? UINT32_C(256 << 10) << (code - 0x32) : 0;
}

bool esp_spi_size(struct esp_wire *w, const struct esp_rom *rom, uint32_t *size, struct err *e)
{
	uint32_t id = 0;
	const struct command c = { .code = READ_ID, .bytes = 3, .words = &id };

	if (!command(w, rom, &c, e))
		return false;
	id &= 0xffffff;
	if (id == 0 || id == 0xffffff) {
		err_set(e, "the chip finds no flash (its id is %06" PRIx32 ")", id);
		return err_hint(e, "something else on the board may hold the flash chip's pins");
	}
	*size = size_of(id);
	return *size || err_set(e, "the flash chip states no size (its id is %06" PRIx32 ")", id);
}

bool esp_spi_erase(struct esp_wire *w, const struct esp_rom *rom, uint32_t address, struct err *e)
{
	const struct command enable = { .code = WRITE_ENABLE };
	const struct command erase = { .code = ERASE_SECTOR,
				       .has_address = true,
				       .address = address };
	int64_t deadline = stream_deadline(ERASE_MS);
	uint32_t status = 1;
	const struct command ask = { .code = READ_STATUS, .bytes = 1, .words = &status };

	if (!command(w, rom, &enable, e) || !command(w, rom, &erase, e))
		return false;
	do {
		if (!command(w, rom, &ask, e))
			return false;
		if (!(status & 1))
			return true;
		clock_sleep_ms(5);
	} while (stream_left(deadline));
	return err_set(e, "the flash chip does not finish its erase");
}

bool esp_spi_read(struct esp_wire *w, const struct esp_rom *rom, uint32_t address, void *buf,
		  size_t size, struct err *e)
{
	uint32_t words[ESP_READ_MAX / 4] = { 0 };
	uint8_t bytes[ESP_READ_MAX];
	const struct command c = {
		.code = READ, .has_address = true, .address = address, .bytes = size, .words = words
	};

	if (!command(w, rom, &c, e))
		return false;
	for (size_t i = 0; i < ESP_READ_MAX / 4; i++)
		put_le32(bytes + 4 * i, words[i]);
	memcpy(buf, bytes, size);
	return true;
}
