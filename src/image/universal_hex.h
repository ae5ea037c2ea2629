/* SPDX-License-Identifier: MIT
 *
 * micro:bit universal hex: an Intel HEX file with a firmware for each generation of the board, in blocks that say which
 * one they are for. Source: the micro:bit Universal Hex Specification 0.4.0 (512-byte blocks and aligned sections), and
 * for the other board ids the list of DAPLink.
 */
#ifndef IMAGE_UNIVERSAL_HEX_H
#define IMAGE_UNIVERSAL_HEX_H

#include "image/image.h"

enum {
	UNIVERSAL_BLOCK_START = 0x0a, /* u16 board id, then anything */
	UNIVERSAL_BLOCK_END = 0x0b,   /* padding */
	UNIVERSAL_PADDING = 0x0c,
	UNIVERSAL_DATA = 0x0d,  /* data that boards of the first generation must not take */
	UNIVERSAL_OTHER = 0x0e, /* what editors keep in the file: a program's sources */
};

enum { MICROBIT_V1 = 0x9900, MICROBIT_V2 = 0x9903 };

/* "microbit-v1", "microbit-v2", in any case: the id that choices and struct image_options have for it. */
bool universal_hex_by_name(const char *name, uint32_t *id);

/* The id of a generation for any board's id (0x9900 for 0x9901); one that is not known is its own. */
uint32_t universal_hex_generation(uint32_t board);

/* Its chip, as in chips[] (image/chip.h); NULL for a board that is not known. */
const char *universal_hex_chip(uint32_t generation);

/* The UF2 family of a generation's chip, 0 when it has none; of all other numbers, themselves: they are families. */
uint32_t universal_hex_uf2_family(uint32_t id);

/* The generations that a text has blocks for, in its order; none for a plain Intel HEX file. */
bool universal_hex_choices(struct image_choices *out, const uint8_t *text, size_t size,
			   struct err *e);

/* Which of them to read: the only one, or the one with the id or the UF2 family `asked`; else an error that lists them. */
bool universal_hex_choose(const uint8_t *text, size_t size, uint32_t asked, uint32_t *id,
			  struct err *e);

#endif
