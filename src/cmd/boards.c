/* SPDX-License-Identifier: MIT
 *
 * `mpflash boards`: the boards of a tree.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "board/catalogue.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "source/tree.h"

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

static void print_json(struct json *j, const struct board *b)
{
	json_object(j, NULL);
	json_string(j, "port", b->port);
	json_string(j, "board", b->id);
	json_array(j, "variants");
	for (size_t i = 0; i < b->variants.count; i++)
		json_string(j, NULL, b->variants.items[i].name);
	json_array_end(j);
	json_string(j, "mcu", b->mcu);
	json_string(j, "product", b->product);
	json_string(j, "vendor", b->vendor);
	json_string(j, "url", b->url);
	json_string(j, "path", b->dir);
	json_object_end(j);
}

static void print_line(const struct board *b)
{
	printf("%-12s %-32s %s", b->port ? b->port : "?", b->id, b->product ? b->product : "");
	for (size_t i = 0; i < b->variants.count; i++)
		printf("%s%s", i ? " " : "  variants: ", b->variants.items[i].name);
	putchar('\n');
}

static bool print_boards(struct catalogue *c, const struct strv *patterns, bool json, struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };
	size_t shown = 0;

	json_array(&j, NULL);
	for (size_t i = 0; i < catalogue_count(c); i++) {
		struct board *b = catalogue_at(c, i);

		if (!matches(b, patterns))
			continue;
		if (!board_load(b, e))
			return false;
		shown++;
		if (json)
			print_json(&j, b);
		else
			print_line(b);
	}
	json_array_end(&j);
	if (json)
		puts(out.buf);
	if (!shown && patterns->count) {
		err_set(e, "no board or port matches '%s'", patterns->items[0]);
		return err_hint(e, "`mpflash boards` lists all; patterns have * and ?");
	}
	return true;
}

static bool boards_run(int argc, char **argv, struct err *e)
{
	struct strv board_dirs = { 0 };
	const char *dir = NULL;
	bool json = false;
	const struct option table[] = {
		{ "directory", 'C', "mpy", OPT_STRING, "DIR",
		  "the MicroPython tree (default: MICROPY_DIR, or from here upwards)", &dir },
		{ "board-dir", 0, NULL, OPT_LIST, "DIR",
		  "a board, or a folder of boards, outside the tree", &board_dirs },
		{ "json", 'j', NULL, OPT_FLAG, NULL, "a JSON array", &json },
		{ 0 },
	};
	struct catalogue *c = NULL;
	struct tree tree = { 0 };
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help) {
		options_print_help(&boards_command, NULL, table);
	} else if (ok) {
		ok = tree_open(&tree, dir, e) && (c = catalogue_open(tree.root, &board_dirs, e)) &&
		     print_boards(c, &p.words, json, e);
	}
	catalogue_close(c);
	tree_close(&tree);
	parsed_free(&p);
	vec_free(&board_dirs);
	return ok;
}

const struct command boards_command = {
	.name = "boards",
	.usage = "boards [options] [PORT|BOARD|PATTERN]...",
	.summary = "list the boards of a tree",
	.words = WORDS_BOARDS,
	.run = boards_run,
};
