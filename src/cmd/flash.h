/* SPDX-License-Identifier: MIT
 *
 * `mpflash flash`: what its parts share. flash.c has the options and the run, flash_board.c what a board's name means, flash_work.c
 * which boards get something, flash_firmware.c what each gets, flash_report.c what is told.
 */
#ifndef CMD_FLASH_H
#define CMD_FLASH_H

#include "cmd/library.h"
#include "graph/device_choice.h"
#include "graph/flash_wish.h"
#include "library/version.h"

/* What the user says beside what `make` has, too. */
struct flash_options {
	struct make_options make;
	struct strv versions, ports, boards; /* of versions and boards one at most */
	const char *variant, *cpu, *target, *method;
	bool through_probe;            /* the method is one of debug probes */
	const char *mode, *retry_mode; /* ESP */
	int retry_baud;
	bool retry, erase, format, build, clean, custom;
	/* --files where --format goes before them; else the flash itself has them (make.files_dir). NULL: none */
	const char *files_dir;
};

/* A board that gets something. Strings are in the session's arena, or the library's. */
struct flash_item {
	const struct device *device; /* NULL: an emulated board */
	const char *where;           /* "/dev/ttyACM1", what people call it */
	const char *port, *board_id; /* port NULL: not known so far */
	const char *mcu;             /* as in board.json; NULL: not known */
	struct recipe *recipe;       /* NULL: not made so far */
	const char *image;           /* the file's path; NULL: what is built */
	struct firmware_row row;     /* of a file of the library */
	const char *version;         /* for people: "v1.26.0" */
	struct flash_added added;    /* step NULL: it is not in the graph */
	struct err failure;          /* why it gets nothing */
};

struct flash_work {
	const struct flash_options *opt;
	struct session *s;
	struct library_place *library;
	struct version_want want; /* of released firmware */
	const char *ref;          /* of a build; NULL: the working tree */
	VEC(struct flash_item) items;
	size_t passed_over;          /* boards that were told and left alone */
	const struct device *denied; /* the first of them that our user may not open; or NULL */
};

/* --- flash_board.c -------------------------------------------------------------------------------------------- */

/*
 * --board: `?` asks, a description ("Raspberry Pi Pico with RP2040") becomes an id, --variant goes behind it ("-": none). *out is
 * BOARD[-VARIANT], in the session's arena; NULL: the user names none.
 */
bool flash_board_id(struct flash_work *w, const char **out, struct err *e);

/* Is it one of --port, or none is named? NULL is no port. */
bool flash_is_of_ports(const struct flash_options *opt, const char *port);

/* `board_id` with --variant, where that is given. */
const char *flash_with_variant(const struct flash_work *w, const char *board_id);

/* Fills port and mcu as far as tree, library and the device know them. */
bool flash_board_facts(struct flash_work *w, struct flash_item *item, struct err *e);

/* The item's recipe; port and, for released firmware, everything that is known have to be filled. */
bool flash_board_recipe(struct flash_work *w, struct flash_item *item, struct err *e);

/* --- flash_work.c --------------------------------------------------------------------------------------------- */

/*
 * The boards, by what was named: volumes, a board, ports, both, or nothing (all that are attached and run MicroPython). Others are
 * passed over with a warning. None at all is an error, or on a terminal a question.
 */
bool flash_work_find(struct flash_work *w, struct err *e);

/* --- flash_firmware.c ----------------------------------------------------------------------------------------- */

/* The firmware of each; what the library lacks is fetched. An item without has its `failure`. */
bool flash_firmware_find(struct flash_work *w, struct err *e);
/* The same for one, before its port is known. */
bool flash_firmware_of(struct flash_work *w, struct flash_item *item, struct err *e);

/* --- flash_report.c ------------------------------------------------------------------------------------------- */

/* "Updating PYBV11 on /dev/ttyACM1 to v1.26.0: ..." */
void flash_tell_plan(const struct flash_work *w);
/* Why the item's device could not be reached, in the words that scripts look for. */
bool flash_explain(const struct flash_work *w, const struct flash_item *item, struct err *e);
/* How many boards were told and left alone: those that are not MicroPython's, or for which there is no firmware or no way. */
int flash_left_alone(const struct flash_work *w);
/* It has its firmware, by this run or before it. */
bool flash_is_done(const struct flash_item *item);
/* After the run: what is done to the boards, the boards as they are now, how to flash the same again, and the error when something failed. */
bool flash_tell_end(const struct flash_work *w, bool ran, struct err *e);

/* --- flash_after.c -------------------------------------------------------------------------------------------- */

/* To the boards that have their firmware: --format, what a custom firmware's board remembers; then the table of them. */
bool flash_after(const struct flash_work *w, struct err *e);

#endif
