/* SPDX-License-Identifier: MIT
 *
 * Who the blocks of a universal hex are for.
 */
#include "image/universal_hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/vec.h"
#include "image/hex_digits.h"

enum { MAX_BOARDS = 16, HEADER_DIGITS = 8, ID_DIGITS = 4 };

static const struct {
	const char *name, *chip;
	uint32_t id, uf2_family;
	uint32_t boards[4];
} generations[] = {
	{ "microbit-v1", "nrf51", MICROBIT_V1, 0, { 0x9900, 0x9901 } },
	{ "microbit-v2", "nrf52833", MICROBIT_V2, 0x621e937a, { 0x9903, 0x9904, 0x9905, 0x9906 } },
};

bool universal_hex_by_name(const char *name, uint32_t *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(generations); i++) {
		if (strcasecmp(generations[i].name, name) == 0) {
			*id = generations[i].id;
			return true;
		}
	}
	return false;
}

uint32_t universal_hex_generation(uint32_t board)
{
	for (size_t i = 0; i < ARRAY_SIZE(generations); i++)
		for (size_t k = 0; k < ARRAY_SIZE(generations[i].boards); k++)
			if (board && generations[i].boards[k] == board)
				return generations[i].id;
	return board;
}

const char *universal_hex_chip(uint32_t generation)
{
	for (size_t i = 0; i < ARRAY_SIZE(generations); i++)
		if (generations[i].id == generation)
			return generations[i].chip;
	return NULL;
}

uint32_t universal_hex_uf2_family(uint32_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(generations); i++)
		if (generations[i].id == id)
			return generations[i].uf2_family;
	return id;
}

/* The generation that `asked` is the id, a board or the UF2 family of. */
static uint32_t asked_generation(uint32_t asked)
{
	for (size_t i = 0; i < ARRAY_SIZE(generations); i++)
		if (asked && generations[i].uf2_family == asked)
			return generations[i].id;
	return universal_hex_generation(asked);
}

static bool note(struct image_choices *out, uint32_t id, struct err *e)
{
	struct image_choice choice = { .id = id };

	for (size_t i = 0; i < out->count; i++)
		if (out->items[i].id == id)
			return true;
	if (out->count == MAX_BOARDS)
		return err_set(e, "more than %d boards in one universal hex", MAX_BOARDS);
	snprintf(choice.name, sizeof(choice.name), "0x%04" PRIx32, id);
	for (size_t i = 0; i < ARRAY_SIZE(generations); i++)
		if (generations[i].id == id)
			snprintf(choice.name, sizeof(choice.name), "%s", generations[i].name);
	vec_push(out, choice);
	return true;
}

/* Looks at the block starts only: what else is wrong with the text, reading it tells. */
bool universal_hex_choices(struct image_choices *out, const uint8_t *text, size_t size,
			   struct err *e)
{
	const uint8_t *end = text + size, *p = text;

	while ((p = memchr(p, ':', (size_t)(end - p)))) {
		uint8_t header[4], id[2], sum = 0;

		p++;
		if (end - p < HEADER_DIGITS + ID_DIGITS || p[6] != '0' || (p[7] | 0x20) != 'a' ||
		    !hex_decode(p, sizeof(header), header, &sum) || header[0] < sizeof(id) ||
		    !hex_decode(p + HEADER_DIGITS, sizeof(id), id, &sum))
			continue;
		if (!note(out, universal_hex_generation((uint32_t)(id[0] << 8 | id[1])), e))
			return false;
	}
	return true;
}

bool universal_hex_choose(const uint8_t *text, size_t size, uint32_t asked, uint32_t *id,
			  struct err *e)
{
	AUTO_CHOICES choices = { 0 };
	AUTO_STRBUF names = STRBUF_INIT;

	if (!universal_hex_choices(&choices, text, size, e))
		return false;
	asked = asked_generation(asked);
	for (size_t i = 0; i < choices.count; i++) {
		if (choices.count == 1 || (asked && choices.items[i].id == asked)) {
			*id = choices.items[i].id;
			return true;
		}
		strbuf_addf(&names, "%s%s", i ? ", " : "", choices.items[i].name);
	}
	err_set(e, "it holds firmware for several boards: %s", names.buf);
	return err_hint(e, "choose one of them with --family");
}
