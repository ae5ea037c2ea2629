/* SPDX-License-Identifier: MIT
 *
 * What may stand behind an option: words, names of ours, boards, what is attached.
 */
#include <string.h>

#include "cmd/complete.h"
#include "cmd/methods.h"
#include "flash/method.h"
#include "image/check.h"
#include "image/format.h"

/* Whatever command has an option of that name means one of these; the first row of a name that fits counts. */
static const struct {
	const char *option, *values;
	const struct command *command; /* NULL: of whatever command */
} known_values[] = {
	{ "bootloader", "auto manual mpy none touch1200", NULL },
	{ "builder", "auto docker host podman", NULL },
	{ "flash-mode", "dio dout qio qout", NULL },
	{ "flash_mode", "dio dout keep qio qout", NULL },
	{ "format", "plain table", &plugins_command },
	{ "format", "json names text tree", NULL },
	{ "method", "dfu esp manual mpy picoboot touch1200", &bootloader_command },
	{ "retry-flash-mode", "dio dout qio qout", NULL },
	{ "stamp", "content exact", NULL },
	{ "version", "preview stable", &download_command },
	{ "version", "preview stable", &flash_command },
};

static void add_findings(struct completion *c, const char *before)
{
	AUTO_STRBUF names = STRBUF_INIT;

	image_check_names(&names);
	complete_list(c, before, names.buf);
}

/* With the runners of the rule files that the command would read; broken ones are for the command to tell. */
static void add_methods(struct completion *c, const struct option *table, const char *before)
{
	const struct flash_method *m;
	AUTO_ERR ignored = ERR_INIT;
	struct method_list list = { 0 };
	struct strv files = { 0 };
	const char *value;

	for (size_t i = 0; (value = complete_option_value(c, table, "rules", &i));)
		vec_push(&files, value);
	method_list_open(&list, complete_tree(c, table), &files, &ignored);
	for (size_t i = 0; (m = methods_at(&list.methods, i)); i++)
		complete_add(c, before, m->name, "", NULL);
	for (size_t i = 0; !list.methods.all.count && flash_methods[i]; i++)
		complete_add(c, before, flash_methods[i]->name, "", NULL);
	method_list_close(&list);
	vec_free(&files);
}

/* Options whose values are what is attached. */
static const struct {
	const char *option;
	unsigned what;
} device_values[] = {
	{ "device", COMPLETE_IDS },   { "ignore", COMPLETE_PORTS },   { "probe", COMPLETE_PROBES },
	{ "serial", COMPLETE_PORTS }, { "volume", COMPLETE_VOLUMES },
};

void complete_value(struct completion *c, const struct option *o, const struct option *table,
		    const char *before)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_values); i++)
		if (strcmp(known_values[i].option, o->name) == 0 &&
		    (!known_values[i].command || known_values[i].command == c->command)) {
			complete_list(c, before, known_values[i].values);
			break;
		}
	if (strcmp(o->name, "allow") == 0)
		add_findings(c, before);
	if (strcmp(o->name, "method") == 0 && c->command != &bootloader_command)
		add_methods(c, table, before);
	if (strcmp(o->name, "from") == 0 || strcmp(o->name, "to") == 0)
		for (size_t i = 0; image_formats[i]; i++)
			complete_add(c, before, image_formats[i]->name, "", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(device_values); i++)
		if (strcmp(device_values[i].option, o->name) == 0)
			complete_devices(c, device_values[i].what, before);
	if (strcmp(o->name, "board") == 0)
		complete_boards(c, table, before);
	if (strcmp(o->arg, "DIR") == 0)
		complete_folders(c);
	else if (strncmp(o->arg, "FILE", 4) == 0)
		complete_files(c);
}
