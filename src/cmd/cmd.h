/* SPDX-License-Identifier: MIT
 *
 * The subcommands. One file each in src/cmd, listed in commands[] (cmd/commands.c), sorted by name.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>

#include "base/err.h"

/* What the words of a command stand for: completion offers them. */
enum command_words {
	WORDS_NONE,
	WORDS_FILES,
	WORDS_TARGETS, /* of make */
	WORDS_BUILDS,  /* boards and variants, as one word or two */
	WORDS_BOARDS,  /* boards and ports */
	WORDS_SHELLS,
	WORDS_DEVICES,  /* ports and ids of what is attached */
	WORDS_FIRMWARE, /* boards of a tree and of the firmware library */
};

struct command {
	const char *name;
	const char *alias;   /* NULL: none */
	const char *usage;   /* "make [options] TARGET..." */
	const char *summary; /* one line */
	/*
	 * One to three command lines for --help and the man page, each ended by a newline, at most 77 characters: "mpflash make PYBV11",
	 * maybe blanks, "# " and what it does behind it. Each command has some.
	 */
	const char *examples;
	enum command_words words;
	bool hidden;                              /* for programs: --help does not list it */
	const struct command *const *subcommands; /* ends with NULL; NULL: none */
	bool alone;                               /* does something without one of them, too */
	/*
	 * argv[0] is the command's name. Results go to stdout; false with an error otherwise. A command that has
	 * reported its failures line by line (make) still returns one last error.
	 */
	bool (*run)(int argc, char **argv, struct err *e);
};

extern const struct command add_command, boards_command, bootloader_command, build_command,
	cache_command, clean_command, complete_command, completion_command, convert_command,
	doctor_command, download_command, erase_command, flash_command, format_command,
	graph_command, info_command, list_command, list_probes_command, log_command, make_command,
	man_command, plugins_command, pyocd_info_command, pyocd_targets_command, rebuild_command,
	repl_command, reset_command, size_command, why_command;

extern const struct command *const commands[]; /* ends with NULL */
extern const char commands_examples[];         /* of mpflash itself; as those of a command */
const struct command *command_find(const char *name);

#endif
