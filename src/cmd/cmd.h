/* SPDX-License-Identifier: MIT
 *
 * The subcommands. One file each in src/cmd, listed in commands[] (cmd/commands.c), sorted by name.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>

#include "base/err.h"

struct command {
	const char *name;
	const char *alias;   /* NULL: none */
	const char *usage;   /* "make [options] TARGET..." */
	const char *summary; /* one line */
	/*
	 * argv[0] is the command's name. Results go to stdout; false with an error otherwise. A command that has
	 * reported its failures line by line (make) still returns one last error.
	 */
	bool (*run)(int argc, char **argv, struct err *e);
};

extern const struct command boards_command, cache_command, convert_command, graph_command,
	info_command, list_command, log_command, make_command, size_command, why_command;

extern const struct command *const commands[]; /* ends with NULL */
const struct command *command_find(const char *name);

#endif
