/* SPDX-License-Identifier: MIT
 *
 * `mpflash build`, `clean` and `rebuild`: mpbuild's words for targets of make. BOARD VARIANT may be two words there, and what
 * follows them is for the port's make.
 */
#include <string.h>

#include "board/catalogue.h"
#include "cmd/make.h"
#include "graph/target.h"
#include "source/tree.h"

static const char words_help[] =
	"words:\n"
	"  [PORT/]BOARD [VARIANT]       a board, or [PORT/]BOARD-VARIANT; more of them may follow\n"
	"  NAME=VALUE                   for the port's make, as after `--`\n";

/* The boards of the tree that the options mean; NULL when there is none to be read: make tells why. */
static struct catalogue *open_boards(const struct make_options *opt)
{
	AUTO_ERR ignored = ERR_INIT;
	struct tree tree = { 0 };
	struct catalogue *c = NULL;

	if (tree_open(&tree, opt->tree_dir, &ignored) || opt->board_dirs.count)
		c = catalogue_open(tree.root, &opt->board_dirs, &ignored);
	tree_close(&tree);
	return c;
}

static bool is_board(struct catalogue *c, const char *name)
{
	AUTO_ERR ignored = ERR_INIT;
	struct board_choice choice;

	return c && catalogue_find(c, name, &choice, &ignored);
}

/*
 * Whether `word` behind the board `name` is its variant. A word that is no board is taken for one too: the error then lists
 * the variants that there are.
 */
static bool is_variant(struct catalogue *c, const char *name, const char *word)
{
	AUTO_ERR ignored = ERR_INIT;
	struct board_choice choice;

	if (!c || strpbrk(word, "/*?[@") || strcmp(word, "all") == 0 ||
	    !catalogue_find(c, name, &choice, &ignored))
		return false;
	if (choice.variant && choice.variant != choice.board->default_variant)
		return false;
	return board_find_variant(choice.board, word) || !is_board(c, word);
}

/* "BOARD@REF", "VARIANT" -> "BOARD-VARIANT@REF" */
static const char *join(struct arena *a, const char *name, const char *variant)
{
	const char *at = strchr(name, '@');
	size_t len = at ? (size_t)(at - name) : strlen(name);

	return arena_printf(a, "%s-%s%s", arena_strndup(a, name, len), variant, at ? at : "");
}

/* Takes the words apart: boards into *names, the others before those that stand behind `--`. */
static void sort_words(struct parsed *p, struct catalogue *c, struct arena *a, struct strv *names)
{
	struct strv rest = { 0 };
	bool bare = false; /* the last name may get a variant yet */

	for (size_t i = 0; i < p->words.count; i++) {
		const char *word = p->words.items[i];

		if (strchr(word, '=')) {
			vec_push(&rest, word);
			bare = false;
		} else if (bare) {
			const char **last = &names->items[names->count - 1];
			const char *name = arena_strndup(a, *last, strcspn(*last, "@"));

			bare = !is_variant(c, name, word);
			if (bare)
				vec_push(names, word);
			else
				*last = join(a, *last, word);
		} else {
			vec_push(names, word);
			bare = true;
		}
	}
	for (size_t i = 0; i < p->rest.count; i++)
		vec_push(&rest, p->rest.items[i]);
	vec_free(&p->rest);
	p->rest = rest;
}

/* Boards only: `build flash-X` would write to a device. */
static bool check_names(const struct strv *names, struct catalogue *c, struct err *e)
{
	if (!names->count) {
		err_usage(e, "a board is missing");
		return err_hint(e, "`mpflash boards` lists them");
	}
	for (size_t i = 0; i < names->count; i++)
		if (target_is_action(names->items[i]) && !is_board(c, names->items[i])) {
			err_usage(e, "'%s' is not a board", names->items[i]);
			return err_hint(e, "`mpflash make %s` does what it says", names->items[i]);
		}
	return true;
}

static bool change(struct parsed *p, const struct make_options *opt, const char *before,
		   bool with_board, struct arena *a, struct err *e)
{
	struct catalogue *c = open_boards(opt);
	struct strv names = { 0 };
	bool ok;

	sort_words(p, c, a, &names);
	ok = check_names(&names, c, e);
	p->words.count = 0;
	for (size_t i = 0; ok && i < names.count; i++) {
		if (before)
			vec_push(&p->words, arena_printf(a, "%s-%s", before, names.items[i]));
		if (with_board)
			vec_push(&p->words, names.items[i]);
	}
	vec_free(&names);
	catalogue_close(c);
	return ok;
}

/* --- the commands --------------------------------------------------------------------------------------------- */

static bool change_build(struct parsed *p, const struct make_options *opt, struct arena *a,
			 struct err *e)
{
	return change(p, opt, NULL, true, a, e);
}

static bool change_clean(struct parsed *p, const struct make_options *opt, struct arena *a,
			 struct err *e)
{
	return change(p, opt, "clean", false, a, e);
}

static bool change_rebuild(struct parsed *p, const struct make_options *opt, struct arena *a,
			   struct err *e)
{
	return change(p, opt, "clean", true, a, e);
}

static const struct make_words build_words = {
	.command = &build_command,
	.help = words_help,
	.wants = "board",
	.example = "PYBV11 DP",
	.list = "boards",
	.change = change_build,
};

static const struct make_words clean_words = {
	.command = &clean_command,
	.help = words_help,
	.wants = "board",
	.example = "PYBV11",
	.list = "boards",
	.change = change_clean,
};

static const struct make_words rebuild_words = {
	.command = &rebuild_command,
	.help = words_help,
	.wants = "board",
	.example = "PYBV11",
	.list = "boards",
	.rebuild = true,
	.change = change_rebuild,
};

static bool build_run(int argc, char **argv, struct err *e)
{
	return make_words_run(&build_words, argc, argv, e);
}

static bool clean_run(int argc, char **argv, struct err *e)
{
	return make_words_run(&clean_words, argc, argv, e);
}

static bool rebuild_run(int argc, char **argv, struct err *e)
{
	return make_words_run(&rebuild_words, argc, argv, e);
}

const struct command build_command = {
	.name = "build",
	.usage = "build [options] BOARD [VARIANT]... [NAME=VALUE...] [-- MAKE-ARGUMENTS]",
	.summary = "make BOARD-VARIANT, as mpbuild says it",
	.examples = "mpflash build PYBV11\n"
		    "mpflash build PYBV11 DP_THREAD DEBUG=1\n",
	.words = WORDS_BUILDS,
	.run = build_run,
};

const struct command clean_command = {
	.name = "clean",
	.usage = "clean [options] BOARD [VARIANT]...",
	.summary = "remove what was built for boards",
	.examples = "mpflash clean PYBV11 DP_THREAD\n",
	.words = WORDS_BUILDS,
	.run = clean_run,
};

const struct command rebuild_command = {
	.name = "rebuild",
	.usage = "rebuild [options] BOARD [VARIANT]... [NAME=VALUE...] [-- MAKE-ARGUMENTS]",
	.summary = "remove what was built for boards, and build them again",
	.examples = "mpflash rebuild RPI_PICO\n",
	.words = WORDS_BUILDS,
	.run = rebuild_run,
};
