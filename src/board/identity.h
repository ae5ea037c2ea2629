/* SPDX-License-Identifier: MIT
 *
 * What a board says of itself over the raw REPL: firmware, version, build stamp, board id.
 */
#ifndef BOARD_IDENTITY_H
#define BOARD_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "board/repl.h"

/* Every string is owned and printable; NULL: the board did not say. */
struct identity {
	char *family; /* "micropython", "circuitpython": sys.implementation.name */
	/* "1.29.0-preview", "1.24.1", "1.12" (the ".0" of 1.10.0 to 1.19.x is left out) */
	char *version;
	char *stamp;        /* git's words for the build: "v1.29.0-preview.731.g1c3c201149" */
	char *date;         /* of the build: "2026-11-22" */
	int build;          /* commits since the version's tag; 0: none, or not said */
	char *machine;      /* description: "mps2-an385 with Cortex-M3" */
	char *cpu;          /* what the description has after its last "with": "Cortex-M3" */
	char *board_id;     /* "RPI_PICO-THREAD": sys.implementation._build, since v1.25 */
	char *board;        /* board_id's part before "-" (or before "_16MB" and the like) */
	char *variant;      /* and the part after it */
	char *port;         /* "stm32": MicroPython's folder name, from sys.platform */
	char *sys_platform; /* "pyboard": sys.platform itself */
	char *mpy;          /* .mpy version it loads: "v6.3" */
	char *arch;         /* of native code in .mpy files: "armv7em" */
};

#define IDENTITY_INIT \
	{             \
		0     \
	}
#define AUTO_IDENTITY __attribute__((cleanup(identity_free))) struct identity

void identity_free(struct identity *id); /* back to IDENTITY_INIT */

/*
 * Asks a board that is in the raw REPL: sys.implementation, sys.version and sys.platform, and os.uname() of firmware
 * that is too old to name its machine or its build in these. An error when it does not answer in time, or when nothing in its
 * answer is an identity.
 */
bool identity_query(struct repl *r, struct identity *id, int timeout_ms, struct err *e);

/*
 * The parser behind it. `answer` is what printing sys.implementation, sys.version and sys.platform gave, a line
 * each, `uname` what printing os.uname() gave ("" when not asked). Both may be anything at all: lines that fit are
 * used, all others are passed over. False when not even a name was found.
 */
bool identity_parse(struct identity *id, const char *answer, const char *uname);

#endif
