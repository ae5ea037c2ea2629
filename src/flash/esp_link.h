/* SPDX-License-Identifier: MIT
 *
 * From a port to a loader that answers at a good speed: reset, SYNC, chip, watchdogs, speed, flash.
 */
#ifndef FLASH_ESP_LINK_H
#define FLASH_ESP_LINK_H

#include "board/esp_reset.h"
#include "flash/esp_rom.h"
#include "flash/method.h"

struct esp_link {
	struct esp_wire wire;
	enum esp_line line;
	struct esp_chip_found found;
	uint32_t flash_size; /* bytes */
};

/*
 * Opens `port` and brings it there. `baud`: the speed wanted, 0: what is usual for the chip; where the line does not carry it, it is
 * ESP_ROM_BAUD, with a note. The link is zeroed, and is closed by esp_link_close also after an error.
 */
bool esp_link_open(struct esp_link *l, const struct flash_target *t, const char *port,
		   enum esp_line line, unsigned baud, struct err *e);
void esp_link_close(struct esp_link *l);

/* Starts the firmware: by the lines, else by the ROM's own request. */
bool esp_link_run(struct esp_link *l, struct err *e);

/* The chip's name, for messages. */
const char *esp_link_chip(const struct esp_link *l);

#endif
