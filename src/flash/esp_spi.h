/* SPDX-License-Identifier: MIT
 *
 * Commands to the flash chip itself, through the registers of the SPI controller: what a ROM has no request for.
 */
#ifndef FLASH_ESP_SPI_H
#define FLASH_ESP_SPI_H

#include "flash/esp_rom.h"

/* The size that the flash chip states (RDID). A chip that does not answer, or states none, is an error. */
bool esp_spi_size(struct esp_wire *w, const struct esp_rom *rom, uint32_t *size, struct err *e);

/* Erases one sector. */
bool esp_spi_erase(struct esp_wire *w, const struct esp_rom *rom, uint32_t address, struct err *e);

/* Reads at most ESP_READ_MAX bytes: some twenty requests, so it is for a few of them. */
bool esp_spi_read(struct esp_wire *w, const struct esp_rom *rom, uint32_t address, void *buf,
		  size_t size, struct err *e);

#endif
