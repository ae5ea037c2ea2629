/* SPDX-License-Identifier: MIT
 *
 * Requests to the loader in the ROM of Espressif's chips, and their answers. (esptool's documentation, "Serial Protocol".)
 */
#ifndef FLASH_ESP_WIRE_H
#define FLASH_ESP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "flash/esp_slip.h"
#include "os/stream.h"

enum esp_op {
	ESP_FLASH_BEGIN = 0x02,
	ESP_FLASH_DATA = 0x03,
	ESP_FLASH_END = 0x04,
	ESP_SYNC = 0x08,
	ESP_WRITE_REG = 0x09,
	ESP_READ_REG = 0x0a,
	ESP_SPI_SET_PARAMS = 0x0b,
	ESP_SPI_ATTACH = 0x0d,
	ESP_READ_FLASH = 0x0e, /* at most ESP_READ_MAX bytes */
	ESP_CHANGE_BAUD = 0x0f,
	ESP_DEFL_BEGIN = 0x10,
	ESP_DEFL_DATA = 0x11,
	ESP_MD5 = 0x13,
	ESP_SECURITY_INFO = 0x14,
};

enum {
	ESP_READ_MAX = 64,
	/*
	 * Bytes of firmware in a DATA request. More is up to the chip: an ESP32 takes 4096 (espressif/esp-serial-flasher#54), a C3
	 * answers 2048 with an error (espressif/esptool#860). 1024 is what all ROMs take.
	 */
	ESP_BLOCK = 0x400,
	ESP_ROM_BAUD = 115200,
	ESP_MS = 3000, /* for an answer to what takes no time */
};

struct esp_wire {
	struct stream tty;
	struct slip slip;
	struct strbuf out;        /* the request on its way */
	unsigned char heard[512]; /* bytes that came and were not looked at yet */
	size_t heard_count, heard_next;
	unsigned baud;
	bool broken; /* the line failed: no answer, a wrong one, gone. Not: the ROM refused */
};
#define ESP_WIRE_INIT                                   \
	{                                               \
		.tty = STREAM_INIT, .out = STRBUF_INIT, \
	}
void esp_wire_close(struct esp_wire *w);

/* One request. Zeroed but for op: without data. */
struct esp_request {
	enum esp_op op;
	const uint32_t *words; /* little endian on the wire */
	size_t word_count;
	const void *data; /* behind the words; its checksum goes along */
	size_t len;
	int timeout_ms;   /* 0: ESP_MS */
	void *reply;      /* bytes that the answer has before its status; NULL: none wanted */
	size_t reply_len; /* so many must come */
	size_t reply_min; /* so many are enough; 0: all */
	size_t *got;      /* how many came; NULL: not wanted */
};

/*
 * Sends it and waits for its answer; answers of other requests are skipped. *value (NULL: not wanted) is the answer's. The error
 * says what the ROM refused with, or that it did not answer; `broken` tells them apart.
 */
bool esp_ask(struct esp_wire *w, const struct esp_request *r, uint32_t *value, struct err *e);

/*
 * A SYNC at the present speed. True when the ROM answered; *stub: it is esptool's stub that did. No answer is no error (false with
 * an empty `e`); a port that went away is.
 */
bool esp_sync(struct esp_wire *w, bool *stub, struct err *e);

bool esp_read_reg(struct esp_wire *w, uint32_t address, uint32_t *value, struct err *e);
bool esp_write_reg(struct esp_wire *w, uint32_t address, uint32_t value, struct err *e);

/* Forgets what came in. */
void esp_wire_drop(struct esp_wire *w);

#endif
