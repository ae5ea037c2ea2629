/* SPDX-License-Identifier: MIT
 *
 * `mpflash complete -- WORDS...`: what the last word of a command line may become, for the shells' completion (see
 * completion.c). A line is a candidate, or a candidate, a tab and what it is; ":files" and ":dirs" ask the shell for its own.
 * It never fails and never writes: where nothing can be known, nothing is offered.
 */
#include "cmd/complete.h"

#include <stdio.h>
#include <string.h>

#include "cmd/global.h"

void complete_add(struct completion *c, const char *before, const char *text, const char *after,
		  const char *about)
{
	size_t start = c->out.len;

	strbuf_addf(&c->out, "%s%s%s", before, text, after);
	if (strncmp(c->out.buf + start, c->word, strlen(c->word)) != 0) {
		strbuf_set_len(&c->out, start);
		return;
	}
	if (about && *about) /* its end would be a candidate of its own */
		strbuf_addf(&c->out, "\t%.*s", (int)strcspn(about, "\t\r\n"), about);
	strbuf_addch(&c->out, '\n');
}

void complete_files(struct completion *c)
{
	strbuf_adds(&c->out, ":files\n");
}

void complete_folders(struct completion *c)
{
	strbuf_adds(&c->out, ":dirs\n");
}

/* --- options -------------------------------------------------------------------------------------------------- */

/*
 * The option whose value is the next word, when `word` ends with one that wants it: "--stamp", "-C", "-kC"; NULL: none. The
 * value may be in the word itself: *value.
 */
static const struct option *option_of(const struct option *table, const char *word,
				      const char **value)
{
	const struct option *o;
	const char *equal = strchr(word, '=');

	*value = NULL;
	if (word[0] != '-' || !word[1])
		return NULL;
	if (word[1] == '-') {
		o = options_find(table, word + 2,
				 equal ? (size_t)(equal - word) - 2 : strlen(word) - 2);
		o = o ? o
		      : options_find(global_options_behind, word + 2,
				     equal ? (size_t)(equal - word) - 2 : strlen(word) - 2);
		if (!o || !option_has_value(o))
			return NULL;
		*value = equal ? equal + 1 : NULL;
		return o;
	}
	for (word++; *word; word++) {
		o = options_find_letter(table, *word);
		if (!o)
			o = options_find_letter(global_options_behind, *word);
		if (!o)
			return NULL;
		if (option_has_value(o)) {
			*value = word[1] ? word + 1 : NULL;
			return o;
		}
	}
	return NULL;
}

const char *complete_option_value(const struct completion *c, const struct option *table,
				  const char *name, size_t *i)
{
	while (*i < c->count) {
		const char *value;
		const struct option *o = option_of(table, c->words[(*i)++], &value);

		if (!o)
			continue;
		if (!value && *i < c->count)
			value = c->words[(*i)++];
		if (value && strcmp(o->name, name) == 0)
			return value;
	}
	return NULL;
}

static void option(struct completion *c, const struct option *o)
{
	complete_add(c, "--", o->name, "", o->help);
	if (o->alias)
		complete_add(c, "--", o->alias, "", o->help);
	if (o->type == OPT_FLAG && o[1].type != OPT_OFF && strncmp(c->word, "--no", 4) == 0)
		complete_add(c, "--no-", o->name, "", o->help);
}

/* "no-interactive" has a row of its own for its letter; where a command has "interactive", that one's --no- is the same. */
static bool has(const struct option *table, const char *name)
{
	return options_find(table, name, strlen(name)) ||
	       (strncmp(name, "no-", 3) == 0 && options_find(table, name + 3, strlen(name) - 3));
}

/* Of a command's table, and of the options of all commands those that it does not have. */
static void options(struct completion *c, const struct option *table)
{
	for (const struct option *o = table; o->name; o++)
		option(c, o);
	for (const struct option *o = global_options_behind; o->name; o++)
		if (!has(table, o->name))
			option(c, o);
	complete_add(c, "--", "help", "", "show how it is used");
}

static bool behind_dashes(const struct completion *c)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->words[i], "--") == 0)
			return true;
	return false;
}

/* The last word is an option, or one with its value in it. */
static void on_options(struct completion *c, const struct option *table)
{
	const char *value;
	const struct option *o = option_of(table, c->word, &value);

	if (o && value)
		complete_value(c, o, table,
			       arena_strndup(&c->arena, c->word, (size_t)(value - c->word)));
	else
		options(c, table);
}

/* What is called with the command's table. */
static void on_table(void *ctx, const struct option *table)
{
	struct completion *c = ctx;
	const struct option *o = NULL;
	const char *value;

	if (behind_dashes(c))
		return; /* the port's make knows what it wants */
	if (c->count)
		o = option_of(table, c->words[c->count - 1], &value);
	if (o && !value)
		complete_value(c, o, table, "");
	else if (*c->word == '-')
		on_options(c, table);
	else
		complete_words(c, table);
}

/* --- commands ------------------------------------------------------------------------------------------------- */

static void command_names(struct completion *c, const struct command *const *list)
{
	for (; *list; list++)
		if (!(*list)->hidden)
			complete_add(c, "", (*list)->name, "", (*list)->summary);
}

/* Goes on to what stands behind the first word. */
static void next_word(struct completion *c)
{
	c->words++;
	c->count--;
}

static const struct command *subcommand(const struct command *c, const char *name)
{
	for (size_t i = 0; c->subcommands[i]; i++)
		if (strcmp(c->subcommands[i]->name, name) == 0)
			return c->subcommands[i];
	return NULL;
}

/* Passes over the options before the command; true: the last word is one of them, or the value of one. */
static bool leading(struct completion *c)
{
	const struct option *o = NULL;
	const char *value = NULL;

	while (c->count && c->words[0][0] == '-') {
		o = option_of(global_options, c->words[0], &value);
		next_word(c);
		if (!o || value)
			continue;
		if (!c->count) {
			complete_value(c, o, global_options, "");
			return true;
		}
		next_word(c);
	}
	if (c->count || *c->word != '-')
		return false;
	on_options(c, global_options);
	return true;
}

/* Goes on to a subcommand that is named before the last word; false: the last word is to be one and nothing else. */
static bool into_subcommand(struct completion *c)
{
	const struct command *sub;

	if (!c->count) {
		command_names(c, c->command->subcommands);
		return c->command->alone;
	}
	sub = subcommand(c->command, c->words[0]);
	if (sub || !c->command->alone) {
		c->command = sub;
		next_word(c);
	}
	return true;
}

static void complete(struct completion *c)
{
	char *argv[] = { (char *)"", NULL };
	AUTO_ERR ignored = ERR_INIT;

	if (leading(c))
		return;
	if (!c->count) {
		command_names(c, commands);
		return;
	}
	c->command = command_find(c->words[0]);
	next_word(c);
	if (c->command && c->command->subcommands && !into_subcommand(c))
		return;
	if (!c->command || c->command == &complete_command)
		return;
	options_watch(on_table, c);
	c->command->run(1, argv, &ignored);
	options_watch(NULL, NULL);
}

static bool complete_run(int argc, char **argv, struct err *e)
{
	struct completion c = { .word = "", .out = STRBUF_INIT };

	if (argc < 2 || strcmp(argv[1], "--") != 0)
		return err_usage(e, "complete is for shells: `mpflash completion bash`");
	if (argc > 2) {
		c.words = (const char *const *)argv + 2;
		c.count = (size_t)argc - 3;
		c.word = argv[argc - 1];
	}
	complete(&c);
	fputs(c.out.buf, stdout);
	strbuf_free(&c.out);
	arena_free(&c.arena);
	return true;
}

const struct command complete_command = {
	.name = "complete",
	.usage = "complete -- WORD...",
	.summary = "what the last word may become, for shells",
	.hidden = true,
	.run = complete_run,
};
