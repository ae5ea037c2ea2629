/* SPDX-License-Identifier: MIT
 *
 * UF2 family ids. Source: microsoft/uf2 utils/uf2families.json, pico-sdk boot/uf2.h, and uf2cfg.h of Adafruit's nRF52
 * bootloader (nrf-bootloader: its own update).
 */
#include "image/uf2_family.h"

#include <stddef.h>
#include <ctype.h>

#include "base/xalloc.h"

/* Sorted by name. */
static const struct {
	const char *name;
	uint32_t id;
} families[] = {
	{ "ch32v", 0x699b62ec },         { "cyw43-firmware", 0xe48bff55 },
	{ "esp32", 0x1c5f21b0 },         { "esp32c2", 0x2b88d29c },
	{ "esp32c3", 0xd42ba06c },       { "esp32c5", 0xf71c0343 },
	{ "esp32c6", 0x540ddf62 },       { "esp32c61", 0x77d850c4 },
	{ "esp32h2", 0x332726f6 },       { "esp32h21", 0xb6dd00af },
	{ "esp32h4", 0x9e0baa8a },       { "esp32p4", 0x3d308e94 },
	{ "esp32s2", 0xbfdd4eee },       { "esp32s3", 0xc47e5767 },
	{ "esp32s31", 0x3101f7c1 },      { "esp8266", 0x7eab61ed },
	{ "gd32vf103", 0x9af03e33 },     { "lpc55", 0x2abc77ec },
	{ "mimxrt10xx", 0x4fb2d5bd },    { "nrf-bootloader", 0xd663823c },
	{ "nrf52", 0x1b57745f },         { "nrf52820", 0x820d9a5f },
	{ "nrf52832xxaa", 0x72721d4e },  { "nrf52832xxab", 0x6f752678 },
	{ "nrf52833", 0x621e937a },      { "nrf52840", 0xada52840 },
	{ "ra4m1", 0x7be8976d },         { "rp2-absolute", 0xe48bff57 },
	{ "rp2-data", 0xe48bff58 },      { "rp2040", 0xe48bff56 },
	{ "rp2350-arm-ns", 0xe48bff5b }, { "rp2350-arm-s", 0xe48bff59 },
	{ "rp2350-riscv", 0xe48bff5a },  { "samd21", 0x68ed2b88 },
	{ "samd51", 0x55114460 },        { "saml21", 0x1851780a },
	{ "stm32f0", 0x647824b6 },       { "stm32f1", 0x5ee21072 },
	{ "stm32f2", 0x5d1a0a2e },       { "stm32f3", 0x6b846188 },
	{ "stm32f4", 0x57755a57 },       { "stm32f407", 0x6d0922fa },
	{ "stm32f407vg", 0x8fb060fe },   { "stm32f411xc", 0x06d1097b },
	{ "stm32f411xe", 0x2dc309c5 },   { "stm32f7", 0x53b80f00 },
	{ "stm32g0", 0x300f5633 },       { "stm32g4", 0x4c71240a },
	{ "stm32h5", 0x4e8f1c5d },       { "stm32h7", 0x6db66082 },
	{ "stm32l0", 0x202e3a91 },       { "stm32l1", 0x1e1f432d },
	{ "stm32l4", 0x00ff6919 },       { "stm32l5", 0x04240bdf },
	{ "stm32wb", 0x70d16653 },       { "stm32wl", 0x21460ff0 },
};

static bool same_name(const char *name, const char *typed)
{
	for (; *name && *typed; name++, typed++) {
		char c = *typed == '_' ? '-' : (char)tolower((unsigned char)*typed);

		if (*name != c)
			return false;
	}
	return !*name && !*typed;
}

bool uf2_family_by_name(const char *name, uint32_t *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (same_name(families[i].name, name)) {
			*id = families[i].id;
			return true;
		}
	}
	return false;
}

const char *uf2_family_name(uint32_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (families[i].id == id)
			return families[i].name;
	return NULL;
}

bool uf2_family_is_rp2(uint32_t id)
{
	return id >= 0xe48bff56 && id <= 0xe48bff5b;
}

bool uf2_family_any_rp2(uint32_t id)
{
	return id == 0xe48bff57 || id == 0xe48bff58;
}
