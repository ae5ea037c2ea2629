/* SPDX-License-Identifier: MIT
 *
 * `mpflash boards`: the boards of a tree.
 */
#include "cmd/boards.h"

#include <ctype.h>
#include <fnmatch.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "os/dirs.h"
#include "os/tty.h"
#include "source/tree.h"

struct boards_options {
	struct strv board_dirs;
	const char *dir, *format, *mcu;
	bool json, check, notes;
};

/* --- which ---------------------------------------------------------------------------------------------------- */

static bool matches(const struct board *b, const struct strv *patterns)
{
	AUTO_STRBUF full = STRBUF_INIT;

	strbuf_addf(&full, "%s/%s", b->port ? b->port : "", b->id);
	for (size_t i = 0; i < patterns->count; i++)
		if (fnmatch(patterns->items[i], b->id, 0) == 0 ||
		    fnmatch(patterns->items[i], full.buf, 0) == 0 ||
		    (b->port && strcmp(patterns->items[i], b->port) == 0))
			return true;
	return !patterns->count;
}

static void lower(struct strbuf *sb)
{
	for (size_t i = 0; i < sb->len; i++)
		sb->buf[i] = (char)tolower((unsigned char)sb->buf[i]);
}

/* A board's mcu, upper and lower case being the same: "RA6M5", "stm32h5". */
static bool has_mcu(const struct board *b, const char *pattern)
{
	AUTO_STRBUF mcu = STRBUF_INIT, wanted = STRBUF_INIT;

	if (!pattern)
		return true;
	strbuf_adds(&mcu, b->mcu ? b->mcu : "");
	strbuf_adds(&wanted, pattern);
	lower(&mcu);
	lower(&wanted);
	return fnmatch(wanted.buf, mcu.buf, 0) == 0;
}

/* The port whose folder the user stands in, in the arena; NULL: none. */
static const char *port_here(const struct catalogue *c, const char *root, struct arena *a)
{
	const struct strv *ports = catalogue_ports(c);
	AUTO_STRBUF here = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	const char *below = NULL;

	if (dirs_current(&here, &ignored))
		below = path_below(here.buf, path_join(a, root, "ports"));
	for (size_t i = 0; below && i < ports->count; i++) {
		size_t len = strlen(ports->items[i]);

		if (strncmp(below, ports->items[i], len) == 0 && (below[len] == '/' || !below[len]))
			return ports->items[i];
	}
	return NULL;
}

static bool nothing(const struct boards_options *o, const struct strv *patterns, struct err *e)
{
	if (!patterns->count && !o->mcu)
		return true; /* an empty tree */
	if (!patterns->count)
		err_set(e, "no board has the mcu '%s'", o->mcu);
	else
		err_set(e, "no board or port matches '%s'%s%s%s", patterns->items[0],
			o->mcu ? " with the mcu '" : "", o->mcu ? o->mcu : "", o->mcu ? "'" : "");
	return err_hint(e, "`mpflash boards` lists all; patterns have * and ?");
}

/* The checks find out by themselves which board.json cannot be read, and go on. */
static bool load(struct board *b, const struct boards_options *o, struct err *e)
{
	if (board_load(b, e))
		return true;
	if (!o->check)
		return false;
	err_free(e);
	return true;
}

static bool choose(struct catalogue *c, const struct boards_options *o, const struct strv *patterns,
		   struct boards_list *l, struct err *e)
{
	for (size_t i = 0; i < catalogue_count(c); i++) {
		struct board *b = catalogue_at(c, i);

		if (!matches(b, patterns) || (l->port && b->port && strcmp(l->port, b->port) != 0))
			continue;
		if (!load(b, o, e))
			return false;
		if (has_mcu(b, o->mcu))
			vec_push(l, b);
	}
	return l->count || nothing(o, patterns, e);
}

/* --- how ------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	void (*show)(const struct boards_list *l);
} formats[] = {
	{ "json", boards_show_json },
	{ "names", boards_show_names },
	{ "text", boards_show_text },
	{ "tree", boards_show_tree },
};

static bool check_format(const char *name, struct err *e)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return true;
	return !name || err_usage(e, "--format wants json, names, text or tree, not '%s'", name);
}

static bool show(const struct boards_list *l, const struct boards_options *o, struct err *e)
{
	const char *format = o->json ? "json" : o->format;

	if (!format)
		format = tty_columns(STDOUT_FILENO) ? "tree" : "text";
	if (o->check)
		return boards_show_check(l, strcmp(format, "json") == 0, e);
	if (o->notes) {
		boards_show_notes(l);
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			formats[i].show(l);
	return true;
}

static bool boards(const struct boards_options *o, const struct strv *patterns, struct err *e)
{
	struct boards_list l = { 0 };
	struct tree tree = { 0 };
	struct catalogue *c = NULL;
	AUTO_ARENA arena = ARENA_INIT;
	bool ok;

	if (!check_format(o->format, e))
		return false;
	if (o->notes && !patterns->count)
		return err_usage(e, "--notes wants a board");
	ok = tree_open(&tree, o->dir, e) && (c = catalogue_open(tree.root, &o->board_dirs, e));
	if (ok) {
		l.root = tree.root;
		if (!patterns->count && !o->dir && !o->board_dirs.count)
			l.port = port_here(c, tree.root, &arena);
		ok = choose(c, o, patterns, &l, e) && show(&l, o, e);
	}
	vec_free(&l);
	catalogue_close(c);
	tree_close(&tree);
	return ok;
}

static const char words_help[] =
	"words:\n"
	"  PORT, BOARD, PATTERN         which boards; patterns have * and ?: 'NUCLEO_H7*', 'esp32/*'\n"
	"  update                       fill the firmware library's table: `boards update --help`\n"
	"  none of them                 all of the tree; in a port's folder, those of that port\n";

static bool boards_run(int argc, char **argv, struct err *e)
{
	struct boards_options o = { 0 };
	const struct option table[] = {
		{ "directory", 'C', "mpy", OPT_STRING, "DIR",
		  "the MicroPython tree (default: MICROPY_DIR, or from here upwards)", &o.dir },
		{ "board-dir", 0, NULL, OPT_LIST, "DIR",
		  "a board, or a folder of boards, outside the tree", &o.board_dirs },
		{ "mcu", 0, NULL, OPT_STRING, "PATTERN", "only boards with such a chip: 'stm32h7*'",
		  &o.mcu },
		{ "format", 0, NULL, OPT_STRING, "FORMAT",
		  "json, names, text, or tree (default: tree on a terminal, else text)",
		  &o.format },
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array", &o.json },
		{ "check", 0, NULL, OPT_FLAG, NULL,
		  "tell what is wrong with the boards' files; fails when there are errors",
		  &o.check },
		{ "notes", 0, NULL, OPT_FLAG, NULL,
		  "what the boards' people write about getting firmware onto them", &o.notes },
		{ 0 },
	};
	struct parsed p;
	bool ok;

	if (argc > 1 && strcmp(argv[1], boards_update_command.name) == 0)
		return boards_update_command.run(argc - 1, argv + 1, e);
	ok = options_parse(table, argc, argv, &p, e);
	if (ok && p.help)
		options_print_help(&boards_command, words_help, table);
	else if (ok)
		ok = boards(&o, &p.words, e);
	parsed_free(&p);
	vec_free(&o.board_dirs);
	return ok;
}

static const struct command *const subcommands[] = { &boards_update_command, NULL };

const struct command boards_command = {
	.name = "boards",
	.usage = "boards [options] [PORT|BOARD|PATTERN]...",
	.summary = "list the boards of a tree",
	.examples = "mpflash boards stm32    # those of a port\n"
		    "mpflash boards --format json 'NUCLEO_*'\n"
		    "mpflash boards --check  # are their files right?\n",
	.words = WORDS_BOARDS,
	.subcommands = subcommands,
	.alone = true,
	.run = boards_run,
};
