/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a board's files, as far as it can be told without a network: a list for the people who keep a
 * tree. Nothing of it keeps a board from being built, except where board_load fails too.
 */
#ifndef BOARD_BOARD_CHECK_H
#define BOARD_BOARD_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "board/catalogue.h"

struct board_finding {
	bool error;       /* else a warning */
	const char *file; /* absolute; of what lacks a file: the board's folder */
	const char *text; /* one line, fit for a terminal */
};

struct board_findings {
	struct board_finding *items;
	size_t count, cap;
};

/*
 * Appends what is found; strings live as long as the board's catalogue, vec_free is the caller's. Errors: no JSON object; a
 * member that MicroPython's tools want (mcu product vendor url images deploy features) is missing, empty, of the wrong
 * type or there twice; a picture's name that is none; a deploy file that is not there; a variant without mpconfigvariant_NAME.
 * Warnings: no board.json, no picture, a name twice in a list, a variant that board.json does not name. Pseudo boards have
 * no findings.
 */
void board_check(struct board *b, struct board_findings *out);

#endif
