/* SPDX-License-Identifier: MIT
 *
 * Command-line options as data: one table per command drives parsing, --help, completions and the man page.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum option_type {
	OPT_FLAG,   /* bool: true when given; --no-NAME sets false */
	OPT_OFF,    /* bool: false when given */
	OPT_TIMES,  /* int: one more each time it is given */
	OPT_STRING, /* const char *: the last one wins */
	OPT_LIST,   /* struct strv: every one */
	OPT_INT,    /* int: 0 or more */
	OPT_COUNT,  /* int: 1 or more */
};

struct option {
	const char *name;  /* without "--" */
	char letter;       /* 0: none */
	const char *alias; /* another long name; NULL: none */
	enum option_type type;
	const char *arg;  /* name of the value in --help; NULL for flags */
	const char *help; /* one line */
	void *value;      /* of the type above */
};

/*
 * Parses argv[1..]: long options (--name value, --name=value), letters (-j4, -j 4, -kn), words in between.
 * Words go to `words`, what follows `--` to `rest`. Unknown options are usage errors that suggest the nearest one.
 * `help` is set by -h and --help. The table ends with a NULL name. What it does not have is looked for in the options of all
 * commands (cmd/global.h).
 */
struct parsed {
	struct strv words, rest;
	bool help;
};
bool options_parse(const struct option *table, int argc, char **argv, struct parsed *out,
		   struct err *e);
void parsed_free(struct parsed *p);

/* The same for what stands before the command: `*next` is where the first word is (argc: there is none). */
bool options_parse_leading(const struct option *table, int argc, char **argv, int *next, bool *help,
			   struct err *e);

/*
 * For completion: while a watch is set, options_parse parses nothing; it hands the table to `watch` and fails. So a command
 * tells its options by being run, and does nothing. NULL: as usual.
 */
typedef void options_watch_fn(void *ctx, const struct option *table);
void options_watch(options_watch_fn *watch, void *ctx);

/* The option of a long name (`len` bytes of it) or of a letter; NULL: none. */
const struct option *options_find(const struct option *table, const char *name, size_t len);
const struct option *options_find_letter(const struct option *table, char letter);
bool option_has_value(const struct option *o);

/* The options part of --help; a list of commands (hidden ones left out); a command's examples. */
struct command;
void options_describe(const struct option *table, struct strbuf *out);
void options_describe_commands(const struct command *const *list, struct strbuf *out);
void options_describe_examples(const char *examples, struct strbuf *out);

/*
 * --help of a command on stdout, in lines of 80 columns: usage, summary, `text` (NULL: none; whole lines, see cmd/help_text.h), the
 * options, examples.
 */
void options_print_help(const struct command *c, const char *text, const struct option *table);

/* The same of a command that has subcommands and does nothing else. */
void options_print_group(const struct command *c, const char *text);

/*
 * For the man page: while a watch is set, the two above print nothing and hand what they were given to `watch` (`table` NULL: a
 * command with subcommands). So a command tells all about itself by being run with --help. NULL: as usual.
 */
typedef void options_help_fn(void *ctx, const struct command *c, const char *text,
			     const struct option *table);
void options_watch_help(options_help_fn *watch, void *ctx);

#endif
