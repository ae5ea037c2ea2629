/* SPDX-License-Identifier: MIT
 *
 * Looking chips up: by name, by board.json's word, by the numbers that files state.
 */
#include "image/chip.h"

#include <ctype.h>
#include <string.h>

#include "base/xalloc.h"

/* More ids of chips in the table (uf2_family.c has their names). */
static const struct {
	uint32_t family;
	const char *chip;
} more_families[] = {
	{ 0xe48bff57, "rp2350" }, /* absolute and data: only its boot ROM knows them */
	{ 0xe48bff58, "rp2350" },   { 0xe48bff5a, "rp2350" }, /* RISC-V */
	{ 0xe48bff5b, "rp2350" },                             /* ARM, not secure */
	{ 0x6d0922fa, "stm32f4" },                            /* F407 */
	{ 0x8fb060fe, "stm32f4" },                            /* F407VG */
	{ 0x2dc309c5, "stm32f4" },                            /* F411xE */
	{ 0x06d1097b, "stm32f4" },                            /* F411xC */
	{ 0x6f752678, "nrf52832" },                           /* xxAB */
};

static bool same_word(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
	return !*a && !*b;
}

static bool starts_with(const char *word, const char *start)
{
	for (; *start; word++, start++)
		if (tolower((unsigned char)*word) != tolower((unsigned char)*start))
			return false;
	return true;
}

const struct chip *chip_by_name(const char *name)
{
	for (const struct chip *c = chips; c->name; c++)
		if (same_word(c->name, name))
			return c;
	return NULL;
}

const struct chip *chip_by_mcu(const char *port, const char *mcu)
{
	const struct chip *found = NULL;

	for (const struct chip *c = chips; c->name; c++) {
		if (!c->port || !c->mcu || strcmp(c->port, port) != 0)
			continue;
		if (same_word(c->mcu, mcu))
			return c;
		/* stm32f411 is an stm32f4 (and esp32s9 no esp32) */
		if (strcmp(port, "stm32") == 0 && starts_with(mcu, c->mcu))
			found = c;
	}
	return found;
}

const struct chip *chip_by_uf2_family(uint32_t family)
{
	for (const struct chip *c = chips; family && c->name; c++)
		if (c->uf2_family == family)
			return c;
	for (size_t i = 0; i < ARRAY_SIZE(more_families); i++)
		if (more_families[i].family == family)
			return chip_by_name(more_families[i].chip);
	return NULL;
}

const struct chip *chip_by_esp_id(int id)
{
	for (const struct chip *c = chips; id >= 0 && c->name; c++)
		if (c->esp_id == id)
			return c;
	return NULL;
}

bool chip_matches(const struct chip *a, const struct chip *b)
{
	return a == b || (a->kind && strcmp(a->kind, b->name) == 0) ||
	       (b->kind && strcmp(b->kind, a->name) == 0);
}

bool chip_range_has(const struct chip_range *ranges, size_t count, uint32_t address)
{
	for (size_t i = 0; i < count; i++)
		if (address >= ranges[i].start && address < ranges[i].end)
			return true;
	return false;
}
