/* SPDX-License-Identifier: MIT
 *
 * ESP images as the ROM and the boot loader of Espressif's chips take them: a header, segments with the address that each
 * is loaded to, a checksum, a SHA-256. (ESP-IDF, "App Image Format"; esptool, "Firmware Image Format".)
 */
#ifndef IMAGE_ESP_H
#define IMAGE_ESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
	ESP_MAGIC = 0xe9,       /* first byte of an image */
	ESP_MAX_SEGMENTS = 16,  /* ESP_IMAGE_MAX_SEGMENTS of ESP-IDF's boot loader */
	ESP_HEADER = 24,        /* bytes before the first segment's header */
	ESP8266_HEADER = 8,     /* the same of an ESP8266, which has no chip id */
	ESP_SEGMENT_HEADER = 8, /* load address, size */
	ESP_SECTOR = 4096,      /* flash is erased by it */
	ESP_SHA256 = 32,
	ESP8266_ID = -1, /* stands for the chip id that it does not have */
};

/* Where a segment goes. Newer chips have one bus for code and data: FLASH, RAM. */
enum esp_memory {
	ESP_NOWHERE, /* padding (address 0), or no memory of this chip */
	ESP_DROM,    /* flash, mapped for data */
	ESP_IROM,    /* flash, mapped for code */
	ESP_FLASH,   /* flash, mapped for both */
	ESP_DRAM,
	ESP_IRAM,
	ESP_RAM,
	ESP_RTC,
	ESP_PSRAM,
};

#define ESP_APP_MAGIC UINT32_C(0xabcd5432) /* begins an app's description */

struct esp_region {
	uint32_t start, end; /* one past the last; both 0: none */
	enum esp_memory memory;
};

/* What images of one chip need to be read and made. */
struct esp_chip {
	int id; /* in the header; ESP8266_ID */
	const char *
		name; /* as in chips[] (image/chip.h), which needs not have all that esptool knows */
	const char *title;
	uint32_t boot;               /* flash offset where the ROM looks for the boot image */
	uint16_t machine;            /* ELF's e_machine */
	uint8_t mhz[16];             /* flash frequency by its code; 0: none such */
	struct esp_region memory[8]; /* sorted; ends with an empty one unless full */
};

extern const struct esp_chip esp_chips[]; /* ends with a NULL name */

const struct esp_chip *esp_chip_by_id(int id); /* NULL: not known */
const struct esp_chip *esp_chip_by_name(const char *name);
const struct esp_region *esp_region_of(const struct esp_chip *chip,
				       uint32_t address); /* NULL: no memory */
bool esp_memory_is_flash(enum esp_memory memory);
const char *esp_memory_name(enum esp_memory memory); /* "DROM" */

struct esp_segment {
	uint32_t address; /* that it is loaded to or mapped at; 0: padding */
	uint32_t size;
	size_t offset; /* of its bytes in the file */
	enum esp_memory memory;
};

enum esp_kind {
	ESP_APP,  /* goes into an app partition */
	ESP_BOOT, /* the second stage boot loader, or all of an ESP8266's firmware */
};

struct esp_image {
	const struct esp_chip *chip;
	enum esp_kind kind;
	size_t offset;                       /* of the image in the file */
	size_t size;                         /* with checksum and SHA-256 */
	uint32_t entry;                      /* address of the first instruction */
	uint8_t mode, flash_size, frequency; /* codes, as in the header */
	uint16_t min_revision, max_revision; /* of the chip: 100 * major + minor */
	bool has_sha256;
	size_t checksum; /* its offset in the file */
	struct esp_segment segments[ESP_MAX_SEGMENTS];
	size_t segment_count;
};

bool esp_is_erased(const uint8_t *data, size_t size); /* nothing but 0xff */

/* The chip of the image that may start here; NULL when the header is none. */
const struct esp_chip *esp_image_probe(const uint8_t *data, size_t size);

/*
 * Reads the image that starts at `offset` of a file of `size` bytes: header and segments, all inside the file. Errors name
 * offsets in the file. What is an app: an image with an app description, or with bytes in mapped flash, which a boot loader
 * never has.
 */
bool esp_image_parse(struct esp_image *img, const uint8_t *data, size_t size, size_t offset,
		     struct err *e);

/*
 * True when its checksum is right, and its SHA-256, where it has one. A damaged image is an error: the chip would refuse to
 * start it.
 */
bool esp_image_verify(const struct esp_image *img, const uint8_t *data, struct err *e);

/* "dio", "4MB", "80m", as esptool calls them; NULL: no such code. */
const char *esp_mode_name(uint8_t code);
const char *esp_flash_size_name(const struct esp_chip *chip, uint8_t code);
uint32_t esp_flash_size_bytes(const struct esp_chip *chip, uint8_t code); /* 0: no such code */

/* What an app says of itself (esp_app_desc_t). Texts are printable ASCII, "" where there is none. */
struct esp_app {
	char version[33], project[33], time[17], date[17], idf[33];
};

/* False when the image has none. */
bool esp_image_app(const struct esp_image *img, const uint8_t *data, struct esp_app *app);

/* ESP-IDF's version in a boot loader (esp_bootloader_desc_t); false when the image says none. */
bool esp_image_boot_idf(const struct esp_image *img, const uint8_t *data, char idf[static 33]);

/* How the flash chip is read: what a boot image says in its header. -1: as it is. */
struct esp_flash_params {
	int mode, size, frequency; /* codes */
};

/* From texts as esptool takes them ("dio", "4MB", "80m"); NULL and "keep": as it is. */
bool esp_flash_params_parse(struct esp_flash_params *p, const struct esp_chip *chip,
			    const char *mode, const char *size, const char *frequency,
			    struct err *e);

/*
 * Writes them into the image at data[0] of `size` bytes (more may follow it) and renews its SHA-256. Only a boot image may
 * be changed so: an app is another's to sign, and its values do not count. What is not one is an error, and nothing is
 * changed.
 */
bool esp_image_patch(uint8_t *data, size_t size, const struct esp_flash_params *p, struct err *e);

/* The checksum of `size` bytes, going on from `sum`. */
enum { ESP_CHECKSUM_START = 0xef };
uint8_t esp_checksum(uint8_t sum, const uint8_t *data, size_t size);

#endif
