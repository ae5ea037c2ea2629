/* SPDX-License-Identifier: MIT
 *
 * Targets and boards. Listing the boards of a tree reads no file of theirs; only a board whose name is typed out
 * is asked for its variants.
 */
#include <string.h>

#include "board/catalogue.h"
#include "cmd/complete.h"
#include "graph/target.h"
#include "source/tree.h"

void complete_list(struct completion *c, const char *before, const char *words)
{
	for (words += strspn(words, ", "); *words; words += strspn(words, ", ")) {
		size_t len = strcspn(words, ", ");

		complete_add(c, before, arena_strndup(&c->arena, words, len), "", NULL);
		words += len;
	}
}

/* --- boards --------------------------------------------------------------------------------------------------- */

const char *complete_tree(const struct completion *c, const struct option *table)
{
	const char *dir = NULL, *value;

	for (size_t i = 0; (value = complete_option_value(c, table, "directory", &i));)
		dir = value;
	return dir;
}

/* The tree's boards, as the words before say which tree; NULL: none to be had. */
static struct catalogue *open_boards(const struct completion *c, const struct option *table)
{
	AUTO_ERR ignored = ERR_INIT;
	struct strv dirs = { 0 };
	struct tree tree = { 0 };
	struct catalogue *boards = NULL;
	const char *value;

	for (size_t i = 0; (value = complete_option_value(c, table, "board-dir", &i));)
		vec_push(&dirs, value);
	if (tree_open(&tree, complete_tree(c, table), &ignored) || dirs.count)
		boards = catalogue_open(tree.root, &dirs, &ignored);
	tree_close(&tree);
	vec_free(&dirs);
	return boards;
}

static void add_variants(struct completion *c, const char *before, struct board *b)
{
	AUTO_ERR ignored = ERR_INIT;

	if (!board_load(b, &ignored))
		return;
	for (size_t i = 0; i < b->variants.count; i++)
		complete_add(c, before, b->variants.items[i].name, "", b->variants.items[i].text);
}

/* Whether the user has typed the name that starts at `typed` to its end, and maybe "-" and more. */
static bool is_typed(const char *typed, const char *name)
{
	size_t len = strlen(name);

	return strncmp(typed, name, len) == 0 && (!typed[len] || typed[len] == '-');
}

/* A board of this name in another port was there before. */
static bool is_repeated(const struct catalogue *boards, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(catalogue_at(boards, k)->id, catalogue_at(boards, i)->id) == 0)
			return true;
	return false;
}

/* Names of boards behind `before` ("", "flash-"), with their port when the user began with one. */
static void add_boards(struct completion *c, struct catalogue *boards, const char *before)
{
	const char *typed = c->word + strlen(before), *slash = strchr(typed, '/');
	const char *id_typed = slash ? slash + 1 : typed;

	for (size_t i = 0; i < catalogue_count(boards); i++) {
		struct board *b = catalogue_at(boards, i);
		const char *stem = before;

		if (strncmp(b->id, id_typed, strlen(id_typed)) != 0 && !is_typed(id_typed, b->id))
			continue;
		if (slash && b->port)
			stem = arena_printf(&c->arena, "%s%s/", before, b->port);
		if (slash || !is_repeated(boards, i))
			complete_add(c, stem, b->id, "", b->port);
		if (is_typed(id_typed, b->id))
			add_variants(c, arena_printf(&c->arena, "%s%s-", stem, b->id), b);
	}
}

static bool has_boards(const struct catalogue *boards, const char *port)
{
	for (size_t i = 0; i < catalogue_count(boards); i++) {
		const struct board *b = catalogue_at(boards, i);

		if (b->port && strcmp(b->port, port) == 0)
			return true;
	}
	return false;
}

/* "stm32" + after, and with `all` "stm32/all", "all". */
static void add_ports(struct completion *c, struct catalogue *boards, const char *before,
		      const char *after, bool all)
{
	const struct strv *ports = catalogue_ports(boards);
	const char *typed = c->word + strlen(before);

	for (size_t i = 0; i < ports->count; i++) {
		if (!has_boards(boards, ports->items[i]))
			continue;
		if (!strchr(typed, '/'))
			complete_add(c, before, ports->items[i], after, NULL);
		else if (all)
			complete_add(c, before, ports->items[i], "/all", NULL);
	}
	if (all)
		complete_add(c, before, "all", "", "every board and variant");
}

/* --- targets -------------------------------------------------------------------------------------------------- */

/* Offers "flash-" and the like; what of the word stands before a board: "flash-", else "". */
static const char *add_prefixes(struct completion *c, const char *(*name)(size_t i),
				const char *before)
{
	for (size_t i = 0; name(i); i++) {
		const char *prefix = arena_printf(&c->arena, "%s-", name(i));

		if (strncmp(c->word, prefix, strlen(prefix)) == 0)
			before = prefix;
		else
			complete_add(c, "", prefix, "", NULL);
	}
	return before;
}

static void add_targets(struct completion *c, struct catalogue *boards)
{
	const char *before = add_prefixes(c, target_verb, "");

	before = add_prefixes(c, target_format, before);
	add_boards(c, boards, before);
	add_ports(c, boards, before, "/", !*before);
}

/* The variants of the board before, as words of their own. */
static void add_variants_of_last(struct completion *c, struct catalogue *boards)
{
	AUTO_ERR ignored = ERR_INIT;
	struct board_choice choice;

	if (!c->count || !catalogue_find(boards, c->words[c->count - 1], &choice, &ignored))
		return;
	if (!choice.variant || choice.variant == choice.board->default_variant)
		add_variants(c, "", choice.board);
}

static void add_from_boards(struct completion *c, struct catalogue *boards)
{
	switch (c->command->words) {
	case WORDS_TARGETS:
		add_targets(c, boards);
		break;
	case WORDS_BUILDS:
		add_variants_of_last(c, boards);
		add_boards(c, boards, "");
		add_ports(c, boards, "", "/", false);
		break;
	case WORDS_BOARDS:
		add_boards(c, boards, "");
		add_ports(c, boards, "", "", false);
		break;
	case WORDS_NONE:
	case WORDS_FILES:
	case WORDS_SHELLS:
	case WORDS_DEVICES:
	case WORDS_FIRMWARE:
		break;
	}
}

void complete_boards(struct completion *c, const struct option *table, const char *before)
{
	struct catalogue *boards = open_boards(c, table);

	if (boards)
		add_boards(c, boards, before);
	complete_library(c, table, before, boards);
	catalogue_close(boards);
}

void complete_words(struct completion *c, const struct option *table)
{
	struct catalogue *boards = NULL;
	const char *at = strchr(c->word, '@');

	if (c->command->words == WORDS_FILES)
		complete_files(c);
	else if (at && (c->command->words == WORDS_TARGETS || c->command->words == WORDS_BUILDS))
		complete_versions(c, complete_tree(c, table),
				  arena_strndup(&c->arena, c->word, (size_t)(at - c->word) + 1));
	else if (c->command->words == WORDS_SHELLS)
		complete_list(c, "", "bash fish zsh");
	else if (c->command->words == WORDS_DEVICES)
		complete_devices(c, COMPLETE_PORTS | COMPLETE_IDS, "");
	else if (c->command->words == WORDS_FIRMWARE)
		complete_boards(c, table, "");
	else if (c->command->words != WORDS_NONE)
		boards = open_boards(c, table);
	if (boards)
		add_from_boards(c, boards);
	catalogue_close(boards);
}
