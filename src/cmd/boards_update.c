/* SPDX-License-Identifier: MIT
 *
 * `mpflash boards update`: the boards of all versions, for the firmware library.
 */
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "cmd/boards.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/library.h"
#include "library/boards.h"
#include "os/fs.h"
#include "source/git.h"
#include "source/tree.h"

struct update {
	const char *tree, *oldest;
	bool json;
};

static void show(const struct boards_update *r, bool as_json)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	if (!as_json) {
		printf("%zu boards and %zu variants of %zu versions, the newest %s\n", r->boards,
		       r->variants, r->versions, r->newest);
		if (r->skipped)
			log_note("note: %zu boards were left out: their board.json cannot be read",
				 r->skipped);
		return;
	}
	json_object(&j, NULL);
	json_int(&j, "boards", (int64_t)r->boards);
	json_int(&j, "variants", (int64_t)r->variants);
	json_int(&j, "versions", (int64_t)r->versions);
	json_string(&j, "newest", r->newest);
	json_int(&j, "skipped", (int64_t)r->skipped);
	json_object_end(&j);
	puts(out.buf);
}

/* A bare clone is as good as a checkout. */
static bool is_repository(const char *dir)
{
	git_repository *repo = git_open(dir);

	git_close(repo);
	return repo != NULL;
}

static bool from_tree(struct library_place *p, const struct update *u, const char *dir,
		      struct boards_update *r, struct err *e)
{
	struct tree tree = { 0 };
	bool ok;

	if (dir && is_repository(dir))
		return boards_from_tree(p->db, dir, u->oldest, &p->arena, r, e);
	ok = tree_open(&tree, dir, e) &&
	     boards_from_tree(p->db, tree.root, u->oldest, &p->arena, r, e);
	tree_close(&tree);
	return ok;
}

static bool update(const struct update *u, const char *word, struct err *e)
{
	const char *source = word ? word : u->tree;
	struct library_place p;
	struct boards_update r = { 0 };
	bool ok = library_place_open(&p, DATABASE_WRITE, e);

	if (ok && source && fs_exists(source) && !fs_is_dir(source))
		ok = boards_from_list(p.db, source, &p.arena, &r, e);
	else if (ok)
		ok = from_tree(&p, u, source, &r, e);
	if (ok)
		show(&r, u->json);
	library_place_close(&p);
	return ok;
}

static const char words_help[] =
	"words:\n"
	"  DIR                          a MicroPython repository: releases by its tags, the preview by HEAD;\n"
	"                               nothing is checked out (default: MICROPY_DIR, or from here upwards)\n"
	"  FILE                         the Python mpflash's micropython_boards.zip\n"
	"The boards go into the firmware folder's database: from them a board without a build id is known by how it\n"
	"describes itself.\n";

static bool update_run(int argc, char **argv, struct err *e)
{
	struct update u = { .oldest = "v1.18" };
	const struct option table[] = {
		{ "directory", 'C', "mpy", OPT_STRING, "DIR", "the same as DIR", &u.tree },
		LIBRARY_DIR_OPTION('d'),
		{ "oldest", 0, NULL, OPT_STRING, "VERSION",
		  "releases from this one on (default: v1.18)", &u.oldest },
		{ "json", 'j', NULL, OPT_FLAG, NULL, "one JSON object", &u.json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	if (ok && p.help)
		options_print_help(&boards_update_command, words_help, table);
	else if (ok && p.words.count > 1)
		ok = err_usage(e, "boards update takes one folder or file");
	else if (ok)
		ok = update(&u, p.words.count ? p.words.items[0] : NULL, e);
	parsed_free(&p);
	return ok;
}

const struct command boards_update_command = {
	.name = "update",
	.usage = "boards update [options] [DIR|FILE]",
	.summary = "fill the library's table of boards",
	.examples = "mpflash boards update ~/micropython  # releases by its tags\n",
	.words = WORDS_FILES,
	.run = update_run,
};
