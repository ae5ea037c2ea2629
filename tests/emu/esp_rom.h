/* SPDX-License-Identifier: MIT
 *
 * The loader in the ROM of Espressif's chips, and the stub that esptool runs in its place: what each answers to a request, and what
 * that does to the flash. (esptool's documentation, "Serial Protocol"; esptool's loader.py for what it does not say.)
 */
#ifndef EMU_ESP_ROM_H
#define EMU_ESP_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <zlib.h>

struct esp_model_chip {
	const char *name;
	int id;         /* in security info; -1: it has none there */
	uint32_t magic; /* at 0x40001000 */
	uint32_t boot;  /* offset of the image that its ROM starts */
	uint32_t spi;   /* SPI controller; registers at: */
	uint8_t usr, usr1, usr2, mosi_len, miso_len, w0; /* mosi_len 0: lengths are in USR1 */
	uint8_t status;                                  /* bytes at the end of an answer */
	uint8_t security; /* bytes of security info; 0: unknown request */
	bool extended;    /* BEGIN has five words */
	uint32_t clkdiv;  /* register of the UART's divider */
	uint8_t clkdiv_by, crystal;
	uint32_t usb_cell; /* address where the ROM keeps which UART it listens to; 0: none */
	uint32_t mac;      /* register of the low word of its MAC address; 0: it has none there */
};

const struct esp_model_chip *esp_model_chip(const char *name); /* NULL: none */

enum { ESP_REGISTERS = 64 };

struct esp_rom {
	/* the caller's */
	const struct esp_model_chip *chip;
	uint8_t *flash;
	size_t flash_size;
	uint32_t flash_id; /* as RDID gives it */
	FILE *log;         /* NULL: none */
	bool secure_boot, encrypted, secure_download, usb_jtag;
	unsigned revision, crystal;
	uint64_t mac;               /* 48 bits */
	unsigned baud;              /* of the line now */
	int64_t erase_us, write_us; /* of a sector, of 1 KiB */
	uint64_t programmed;        /* bytes since power-on */
	unsigned data_blocks;       /* flash data requests since power-on */
	void (*say)(const void *frame, size_t len);
	void (*work)(int64_t us); /* the flash chip is busy for so long */
	void (*set_baud)(
		unsigned baud);         /* what CHANGE_BAUD asked for, as this ROM understands it */
	void (*told)(const char *what); /* "stub" */
	/* true: the fault has answered instead */
	bool (*fault)(uint8_t op);

	/* its own */
	bool stub, left; /* left: it runs what was loaded, and listens no more */
	bool attached;
	uint32_t chip_size; /* of SPI_SET_PARAMS */
	bool writing, deflated;
	uint32_t at, end, block, sequence, erased_to;
	z_stream inflate;
	bool inflating;
	struct {
		uint32_t address, value;
	} registers[ESP_REGISTERS];
	size_t register_count;
};

void esp_rom_reset(struct esp_rom *r);
void esp_rom_request(struct esp_rom *r, const uint8_t *frame, size_t len);
/* An answer: `data`, then status bytes (code 0: fine). */
void esp_rom_answer(struct esp_rom *r, uint8_t op, uint32_t value, const void *data, size_t len,
		    uint8_t code);

#endif
