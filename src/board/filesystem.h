/* SPDX-License-Identifier: MIT
 *
 * A board's own file system, erased or made anew by the board: scripts over the raw REPL.
 */
#ifndef BOARD_FILESYSTEM_H
#define BOARD_FILESYSTEM_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "board/repl.h"

struct filesystem_action {
	const char *name;         /* "erase" */
	const char *const *ports; /* of MicroPython, where it can be done; NULL-terminated */
	/*
	 * `r` is in the raw REPL; the board is reset at the end. Appends what was done ("VfsLfs2 at /, 352 blocks of 4096 bytes").
	 * False with the board's reason. What takes longer than five minutes is given up.
	 */
	bool (*run)(struct repl *r, struct strbuf *said, struct err *e);
};

/*
 * Every block of the flash behind the file system is erased; the firmware makes a new file system when it starts next, and the
 * board is reset for that.
 */
extern const struct filesystem_action filesystem_erase;

/*
 * The file system is made anew: of the same kind (littlefs 1 or 2, FAT), mounted where it was. A soft reset follows, so that the
 * firmware starts with it.
 */
extern const struct filesystem_action filesystem_format;

bool filesystem_can(const struct filesystem_action *a, const char *port); /* port NULL: no */

#endif
