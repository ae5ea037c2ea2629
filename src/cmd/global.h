/* SPDX-License-Identifier: MIT
 *
 * The options of all commands: they stand before the command, or behind it where it has none of that name. The environment says
 * what holds when none is given.
 */
#ifndef CMD_GLOBAL_H
#define CMD_GLOBAL_H

#include <stdbool.h>

#include "cmd/options.h"

struct global {
	bool version;     /* print it */
	bool quiet;       /* errors, and what was asked for in JSON; MPFLASH_QUIET */
	int verbose;      /* 1: what goes on inside, 2: every byte to and from boards, too */
	bool interactive; /* questions may be asked; not under CI=true and GITHUB_ACTIONS=true */
	bool usb;         /* tables have USB ids and locations */
	const char *dir;  /* the firmware folder; NULL: as library_folder finds it */
	struct strv tests;
};
extern struct global global;

/* Before the command, with all letters. */
extern const struct option global_options[];
/* Behind it: with those letters that mean the same in all commands. */
extern const struct option global_options_behind[];

/* What the environment says; before any option is parsed. */
void global_init(void);
/* Makes -q and -V count; options_parse does it. */
void global_settle(void);
void global_free(void);

/* clang-format off */
/* Rows for commands that want one of them in their own --help; the firmware folder's `letter` is 0 where -d means something else. */
#define INTERACTIVE_OPTION \
	{ "interactive", 0, NULL, OPT_FLAG, NULL, \
	  "ask on the terminal where something is open (default; or --no-interactive, -x)", &global.interactive }
#define LIBRARY_DIR_OPTION(letter) \
	{ "dir", (letter), NULL, OPT_STRING, "DIR", \
	  "the firmware folder (default: MPFLASH_FIRMWARE, else firmware in your downloads)", &global.dir }
/* clang-format on */

#endif
