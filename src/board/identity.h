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
	char *chip_id;      /* the chip's own number, in hex: machine.unique_id() */
	/* What is in its board_info.toml, as it is there (board/board_info.h reads it): the one text that is not printable. */
	char *board_info;
};

#define IDENTITY_INIT \
	{             \
		0     \
	}
#define AUTO_IDENTITY __attribute__((cleanup(identity_free))) struct identity

void identity_free(struct identity *id); /* back to IDENTITY_INIT */

/*
 * Asks a board that is in the raw REPL: sys.implementation, sys.version and sys.platform, os.uname() of firmware that leaves
 * something open, the chip's number, and board_info.toml. Firmware without a board id is asked for the one in its boardname.py,
 * and whether it is one of the relatives that call themselves MicroPython (pycopy, pycom, ev3-pybricks); CircuitPython has its own
 * words for board and chip. False when the board does not answer within timeout_ms a question, or says nothing that fits.
 */
bool identity_query(struct repl *r, struct identity *id, int timeout_ms, struct err *e);

/*
 * The parser behind it. `answer` is what printing sys.implementation, sys.version and sys.platform gave, a line
 * each, `uname` what printing os.uname() gave ("" when not asked). Both may be anything at all: lines that fit are
 * used, all others are passed over. False when not even a name was found.
 */
bool identity_parse(struct identity *id, const char *answer, const char *uname);

/* Another board id (of board_info.toml, of a look-up): board and variant follow. `text` is printed as it is. */
void identity_set_board_id(struct identity *id, const char *text);

bool identity_is_circuitpython(const struct identity *id);

/* "[230, 97, 20]" -> "e66114", for at most 32 numbers below 256; NULL: it is no such list. Owned by the caller. */
char *identity_parse_bytes(const char *text);

/*
 * A printed Python string literal -> its bytes as UTF-8, owned by the caller; NULL: it is none, one with a NUL, or one of more
 * than 64 KiB. It may hold control characters.
 */
char *identity_parse_literal(const char *text);

#endif
