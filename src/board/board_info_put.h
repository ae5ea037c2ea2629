/* SPDX-License-Identifier: MIT
 *
 * What a board with a user's own firmware remembers of it, in its board_info.toml (board/board_info.h), which is otherwise its owner's.
 */
#ifndef BOARD_BOARD_INFO_PUT_H
#define BOARD_BOARD_INFO_PUT_H

#include "board/repl.h"

/* NULL or "": left out. */
struct board_info_names {
	const char *description;
	const char *board_id, *custom_id; /* of [mpflash] */
};

/*
 * Writes them into the file of a board in the raw REPL, which it stays in; all other lines are as they were. The new file takes the place
 * of the old one when it is whole; where the old one cannot be read in full, it is left alone, and that is an error.
 */
bool board_info_put(struct repl *r, const struct board_info_names *names, struct err *e);

#endif
