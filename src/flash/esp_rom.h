/* SPDX-License-Identifier: MIT
 *
 * What the loaders in ROM differ in from chip to chip, and which chip answers. The addresses are those of esptool 5's targets; what an
 * image of each chip looks like is in image/esp.h.
 */
#ifndef FLASH_ESP_ROM_H
#define FLASH_ESP_ROM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "flash/esp_wire.h"
#include "image/esp.h"

/* Registers of the SPI controller that the flash chip is at, by their offset. */
struct esp_spi_layout {
	uint8_t usr, usr1, usr2, w0;
	uint8_t mosi_len, miso_len; /* 0: lengths are in usr1 */
};

struct esp_bits {
	uint32_t address; /* 0: none */
	uint8_t shift, width;
};

/* A watchdog that a chip with a USB port of its own does not stop for its loader. */
struct esp_watchdog {
	uint32_t config, protect; /* 0: none */
	uint32_t key;             /* opens config */
	uint32_t set;             /* bits to set in config; 0: config becomes 0 */
};

struct esp_rom {
	int id;         /* chip id of images and of security info; ESP8266_ID */
	uint32_t magic; /* at ESP_MAGIC_REG, for those whose security info has no id; 0: it has */
	unsigned baud;  /* a speed that works with most boards */
	uint32_t spi;   /* base of the SPI controller */
	const struct esp_spi_layout *layout;
	uint32_t
		mac; /* register of its MAC address, two words from the end on; 0: it is not read */
	bool four_words;                          /* BEGIN has no word for encryption */
	struct esp_bits major, minor_high, minor; /* of the chip's revision */
	struct esp_watchdog watchdogs[2];
	uint32_t
		clock; /* register of the UART's divider, where the ROM may have the crystal wrong; 0: it does not */
	uint8_t believes; /* MHz that it takes the crystal for; 0: `belief` says */
	struct esp_bits belief;
};

enum { ESP_MAGIC_REG = 0x40001000 };

/* The chip behind the line. */
struct esp_chip_found {
	const struct esp_rom *rom;
	const struct esp_chip *chip; /* image/esp.h's */
	unsigned revision;           /* 100 * major + minor */
	bool secure_boot, encrypted;
};

/* Asks which it is. A chip that lets nothing be read any more (secure download), and one that is not known, are errors. */
bool esp_rom_find(struct esp_wire *w, struct esp_chip_found *out, struct err *e);

bool esp_read_bits(struct esp_wire *w, const struct esp_bits *bits, uint32_t *value, struct err *e);

/* In hex, as machine.unique_id() has it; "": its ROM's chip is not asked. */
bool esp_read_mac(struct esp_wire *w, const struct esp_rom *rom, char mac[13], struct err *e);

/* Stops what would reset the chip in the middle of a flash. */
bool esp_stop_watchdogs(struct esp_wire *w, const struct esp_rom *rom, struct err *e);

/* What CHANGE_BAUD must be told for the line to have `baud`: its ROM reckons with the crystal that it believes in. */
bool esp_told_baud(struct esp_wire *w, const struct esp_rom *rom, unsigned baud, uint32_t *told,
		   struct err *e);

#endif
