/* SPDX-License-Identifier: MIT
 *
 * The text of a command's help as blocks, so that --help fills lines and the man page has its own forms for the same text.
 */
#ifndef CMD_HELP_TEXT_H
#define CMD_HELP_TEXT_H

#include <stdbool.h>

#include "base/strbuf.h"

enum help_kind {
	HELP_PARAGRAPH, /* text */
	HELP_HEADING,   /* "words:": a line that ends with a colon, before items */
	HELP_ITEM,      /* left: what is written; text: what it is, with its further lines */
};

struct help_block {
	enum help_kind kind;
	struct strbuf left, text;
};

/*
 * Reads the next block of whole lines at *at, and moves *at behind it; false: there is none. A line that begins with two blanks is an
 * item, what stands behind the next two blanks in it its text; one with more than ten blanks goes on with it. Lines that
 * begin without a blank are a paragraph, up to an empty line or another kind.
 */
bool help_text_next(const char **at, struct help_block *b);
void help_block_free(struct help_block *b);

#endif
