/* SPDX-License-Identifier: MIT
 *
 * What mpflash info found out about one firmware, and the two ways to print it.
 */
#ifndef CMD_INFO_H
#define CMD_INFO_H

#include "base/strbuf.h"
#include "base/vec.h"
#include "image/chip.h"
#include "image/finding.h"
#include "image/image.h"

struct info {
	const char *path;           /* as given */
	const struct image_file *f; /* with its version looked for */
	const struct chip *chip;    /* NULL: not known */
	bool chip_certain;
	char board[128]; /* as the file names it, else as its banner does; or "" */
	struct findings checks;
	struct strv methods; /* that can write the chip, by the rules of its port */
};

/* The firmware as text, a line a fact. */
void info_text(const struct info *info, struct strbuf *out);

/* The same as one JSON object, without a line end. Numbers stay numbers; what is not known is null. */
void info_json(const struct info *info, struct strbuf *out);

/* A map of the memory that the image takes up, lines of at most `columns` characters. */
void info_map(const struct info *info, int columns, struct strbuf *out);

#endif
