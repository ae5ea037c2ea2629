/* SPDX-License-Identifier: MIT
 *
 * An app image from an ELF file, as `esptool elf2image` makes it.
 */
#ifndef IMAGE_ESP_ELF_H
#define IMAGE_ESP_ELF_H

#include "base/strbuf.h"
#include "image/esp.h"

struct esp_elf_options {
	const struct esp_chip *chip; /* not the ESP8266, whose ROM wants two files */
	struct esp_flash_params
		params; /* -1: qio, the smallest flash, the chip's default frequency */
	bool has_entry;
	uint32_t entry; /* instead of the ELF's */
};

/*
 * Appends the image. The ELF's sections are what it is made of, not its program headers: their order and their names count
 * (.flash.appdesc, .dram0.bootdesc).
 */
bool esp_elf_image(struct strbuf *out, const uint8_t *elf, size_t size,
		   const struct esp_elf_options *opt, struct err *e);

#endif
