/* SPDX-License-Identifier: MIT
 *
 * Espressif's chips as their images need them: ids, boot offsets, flash frequencies, where memory is. From the chips'
 * technical reference manuals ("System and Memory") and esptool's target definitions, version 5. The H4 is left out: its boot offset is told in two ways.
 */
#include <string.h>
#include <strings.h>

#include "image/esp.h"

enum { XTENSA = 94, RISCV = 243 };

#define MHZ_80_40_26_20                                 \
	{                                               \
		[0] = 40, [1] = 26, [2] = 20, [15] = 80 \
	}
#define MHZ_80_40_20                          \
	{                                     \
		[0] = 40, [2] = 20, [15] = 80 \
	}
#define MHZ_48_24_16_12                                 \
	{                                               \
		[0] = 24, [1] = 16, [2] = 12, [15] = 48 \
	}

/* Regions that touch are told apart where a segment must not run from one into the other. */
const struct esp_chip esp_chips[] = {
	{ ESP8266_ID,
	  "esp8266",
	  "ESP8266",
	  0,
	  XTENSA,
	  MHZ_80_40_26_20,
	  { { 0x3ffe8000, 0x40000000, ESP_DRAM },
	    { 0x40100000, 0x40108000, ESP_IRAM },
	    { 0x40200000, 0x40300000, ESP_IROM } } },
	{ 0,
	  "esp32",
	  "ESP32",
	  0x1000,
	  XTENSA,
	  MHZ_80_40_26_20,
	  { { 0x3f400000, 0x3f800000, ESP_DROM },
	    { 0x3f800000, 0x3fc00000, ESP_PSRAM },
	    { 0x3ff80000, 0x3ff82000, ESP_RTC },
	    { 0x3ffae000, 0x40000000, ESP_DRAM },
	    { 0x40070000, 0x400c0000, ESP_IRAM },
	    { 0x400c0000, 0x400c2000, ESP_RTC },
	    { 0x400d0000, 0x40400000, ESP_IROM },
	    { 0x50000000, 0x50002000, ESP_RTC } } },
	{ 2,
	  "esp32s2",
	  "ESP32-S2",
	  0x1000,
	  XTENSA,
	  MHZ_80_40_26_20,
	  { { 0x3f000000, 0x3f3f0000, ESP_DROM },
	    { 0x3f500000, 0x3ff80000, ESP_PSRAM },
	    { 0x3ff9e000, 0x3ffa0000, ESP_RTC },
	    { 0x3ffb0000, 0x40000000, ESP_DRAM },
	    { 0x40020000, 0x40070000, ESP_IRAM },
	    { 0x40070000, 0x40072000, ESP_RTC },
	    { 0x40080000, 0x40b80000, ESP_IROM },
	    { 0x50000000, 0x50002000, ESP_RTC } } },
	{ 5,
	  "esp32c3",
	  "ESP32-C3",
	  0,
	  RISCV,
	  MHZ_80_40_26_20,
	  { { 0x3c000000, 0x3c800000, ESP_DROM },
	    { 0x3fc80000, 0x3fd00000, ESP_DRAM },
	    { 0x4037c000, 0x403e0000, ESP_IRAM },
	    { 0x42000000, 0x42800000, ESP_IROM },
	    { 0x50000000, 0x50002000, ESP_RTC } } },
	{ 9,
	  "esp32s3",
	  "ESP32-S3",
	  0,
	  XTENSA,
	  MHZ_80_40_26_20,
	  { { 0x3c000000, 0x3e000000, ESP_DROM },
	    { 0x3fc88000, 0x3fd00000, ESP_DRAM },
	    { 0x40370000, 0x403e0000, ESP_IRAM },
	    { 0x42000000, 0x44000000, ESP_IROM },
	    { 0x50000000, 0x50002000, ESP_RTC },
	    { 0x600fe000, 0x60100000, ESP_RTC } } },
	{ 12,
	  "esp32c2",
	  "ESP32-C2",
	  0,
	  RISCV,
	  { [0] = 30, [1] = 20, [2] = 15, [15] = 60 },
	  { { 0x3c000000, 0x3c400000, ESP_DROM },
	    { 0x3fca0000, 0x3fd00000, ESP_DRAM },
	    { 0x4037c000, 0x403c0000, ESP_IRAM },
	    { 0x42000000, 0x42400000, ESP_IROM } } },
	/* 80 MHz shares its code with 40: a work-around for the ROM's clock divider. */
	{ 13,
	  "esp32c6",
	  "ESP32-C6",
	  0,
	  RISCV,
	  { [0] = 80, [2] = 20 },
	  { { 0x40800000, 0x40880000, ESP_RAM },
	    { 0x42000000, 0x43000000, ESP_FLASH },
	    { 0x50000000, 0x50004000, ESP_RTC } } },
	{ 16,
	  "esp32h2",
	  "ESP32-H2",
	  0,
	  RISCV,
	  MHZ_48_24_16_12,
	  { { 0x40800000, 0x40850000, ESP_RAM },
	    { 0x42000000, 0x43000000, ESP_FLASH },
	    { 0x50000000, 0x50001000, ESP_RTC } } },
	{ 18,
	  "esp32p4",
	  "ESP32-P4",
	  0x2000,
	  RISCV,
	  MHZ_80_40_26_20,
	  { { 0x40000000, 0x4c000000, ESP_FLASH },
	    { 0x4ff00000, 0x4ffa0000, ESP_RAM },
	    { 0x50108000, 0x50110000, ESP_RTC } } },
	{ 20,
	  "esp32c61",
	  "ESP32-C61",
	  0,
	  RISCV,
	  MHZ_80_40_20,
	  { { 0x40800000, 0x40860000, ESP_RAM },
	    { 0x42000000, 0x44000000, ESP_FLASH },
	    { 0x50000000, 0x50004000, ESP_RTC } } },
	{ 23,
	  "esp32c5",
	  "ESP32-C5",
	  0x2000,
	  RISCV,
	  MHZ_80_40_20,
	  { { 0x40800000, 0x40860000, ESP_RAM },
	    { 0x42000000, 0x44000000, ESP_FLASH },
	    { 0x50000000, 0x50004000, ESP_RTC } } },
	{ 25,
	  "esp32h21",
	  "ESP32-H21",
	  0,
	  RISCV,
	  { [0] = 24, [15] = 48 },
	  { { 0x40800000, 0x40850000, ESP_RAM },
	    { 0x42000000, 0x43000000, ESP_FLASH },
	    { 0x50000000, 0x50001000, ESP_RTC } } },
	{ 32,
	  "esp32s31",
	  "ESP32-S31",
	  0x2000,
	  RISCV,
	  MHZ_80_40_20,
	  { { 0x2e000000, 0x2e008000, ESP_RTC },
	    { 0x2f000000, 0x2f080000, ESP_RAM },
	    { 0x40000000, 0x54000000, ESP_FLASH } } },
	{ .name = NULL },
};

const struct esp_chip *esp_chip_by_id(int id)
{
	for (const struct esp_chip *c = esp_chips; c->name; c++)
		if (c->id == id)
			return c;
	return NULL;
}

const struct esp_chip *esp_chip_by_name(const char *name)
{
	for (const struct esp_chip *c = esp_chips; c->name; c++)
		if (strcasecmp(c->name, name) == 0)
			return c;
	return NULL;
}

const struct esp_region *esp_region_of(const struct esp_chip *chip, uint32_t address)
{
	for (size_t i = 0; i < sizeof(chip->memory) / sizeof(*chip->memory); i++)
		if (address >= chip->memory[i].start && address < chip->memory[i].end)
			return &chip->memory[i];
	return NULL;
}

bool esp_memory_is_flash(enum esp_memory memory)
{
	return memory == ESP_DROM || memory == ESP_IROM || memory == ESP_FLASH;
}

const char *esp_memory_name(enum esp_memory memory)
{
	static const char *const names[] = { "-",    "DROM", "IROM", "FLASH", "DRAM",
					     "IRAM", "RAM",  "RTC",  "PSRAM" };

	return names[memory];
}
