/* SPDX-License-Identifier: MIT
 *
 * Which chip an image is for: stated, proven by what a boot ROM looks for, or named in the banner of its MicroPython.
 */
#include "image/chip.h"

#include <ctype.h>
#include <string.h>

#include "image/image.h"
#include "image/rp2_block.h"
#include "image/uf2_family.h"

/* The longest name or mcu word that the text begins with: MIMXRT1062DVJ6A is a mimxrt1062. */
static const struct chip *chip_of_word(const uint8_t *text, size_t size)
{
	const struct chip *found = NULL;
	size_t longest = 0, word = 0;

	while (word < size && isalnum(text[word]))
		word++;
	for (const struct chip *c = chips; c->name; c++) {
		const char *names[] = { c->name, c->mcu };

		for (size_t i = 0; i < 2; i++) {
			size_t len = names[i] ? strlen(names[i]) : 0, same = 0;

			/* An ESP32 with more letters is another chip, an STM32F405RG is not. */
			if (len > word || len <= longest ||
			    (c->boot == CHIP_BOOT_ESP && len < word))
				continue;
			while (same < len &&
			       tolower(text[same]) == tolower((uint8_t)names[i][same]))
				same++;
			if (same == len) {
				longest = len;
				found = c;
			}
		}
	}
	/* The banner ends there; help texts go on. */
	return word < size && (!text[word] || text[word] == '\r' || text[word] == '\n') ? found
											: NULL;
}

/* The text before `end`, back to what cannot be in a board's name, or to the "; " behind the date. */
static void copy_board(const uint8_t *start, const uint8_t *end, char *board, size_t size)
{
	enum { LONGEST = 127 };
	const uint8_t *p = end;
	size_t len;

	while (p > start && end - p < LONGEST && p[-1] >= ' ' && p[-1] != 0x7f &&
	       !(p[-1] == ' ' && p - 1 > start && p[-2] == ';'))
		p--;
	len = (size_t)(end - p) < size ? (size_t)(end - p) : size - 1;
	memcpy(board, p, len);
	board[len] = '\0';
}

static const struct chip *banner_in(const struct image_segment *s, char *board, size_t size)
{
	static const char with[] = " with ";
	const size_t len = sizeof(with) - 1;
	const uint8_t *p = s->data, *end = s->data + s->size;

	while ((p = memchr(p, with[1], (size_t)(end - p))) && (size_t)(end - p) > len) {
		const struct chip *chip = NULL;

		if (p > s->data && memcmp(p - 1, with, len) == 0)
			chip = chip_of_word(p - 1 + len, (size_t)(end - p) + 1 - len);
		if (chip) {
			copy_board(s->data, p - 1, board, size);
			if (*board)
				return chip;
		}
		p++;
	}
	return NULL;
}

const struct chip *chip_of_banner(const struct image *img, char *board, size_t size)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct chip *chip = banner_in(&img->segments[i], board, size);

		if (chip)
			return chip;
	}
	*board = '\0';
	return NULL;
}

const struct chip *chip_of_machine(const char *text)
{
	static const char with[] = " with ";
	const struct chip *found = NULL;

	while ((text = strstr(text, with))) {
		const struct chip *chip;

		text += strlen(with) - 1; /* the blank may begin the next one */
		chip = chip_of_word((const uint8_t *)text + 1, strlen(text));
		found = chip ? chip : found;
	}
	return found;
}

const struct chip *chip_proven(const struct image *img)
{
	return img->count ? chip_by_uf2_family(rp2_uf2_family(img)) : NULL;
}

const struct chip *chip_of_image(const struct image *img, bool *certain)
{
	const struct chip *chip = img->chip ? chip_by_name(img->chip) : NULL;
	char board[128];

	if (!chip && !uf2_family_any_rp2(img->uf2_family))
		chip = chip_by_uf2_family(img->uf2_family);
	if (!chip)
		chip = chip_proven(img);
	if (!chip)
		chip = chip_by_uf2_family(img->uf2_family);
	*certain = chip != NULL;
	return chip ? chip : chip_of_banner(img, board, sizeof(board));
}
