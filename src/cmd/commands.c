/* SPDX-License-Identifier: MIT
 *
 * The table of subcommands: adding one is a file and a line here.
 */
#include "cmd/cmd.h"

#include <stddef.h>
#include <string.h>

/* Sorted by name. */
const struct command *const commands[] = {
	&add_command,      &boards_command,     &bootloader_command,
	&build_command,    &cache_command,      &clean_command,
	&complete_command, &completion_command, &convert_command,
	&doctor_command,   &download_command,   &erase_command,
	&flash_command,    &format_command,     &graph_command,
	&info_command,     &list_command,       &list_probes_command,
	&log_command,      &make_command,       &man_command,
	&plugins_command,  &pyocd_info_command, &pyocd_targets_command,
	&rebuild_command,  &repl_command,       &reset_command,
	&size_command,     &why_command,        NULL,
};

const char commands_examples[] =
	"mpflash list                            # the boards that are there\n"
	"mpflash make flash-NUCLEO_H563ZI        # build if needed, write what differs\n"
	"mpflash completion --help               # let the Tab key complete words\n";

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];

		if (strcmp(c->name, name) == 0 || (c->alias && strcmp(c->alias, name) == 0))
			return c;
	}
	return NULL;
}
