/* SPDX-License-Identifier: MIT
 *
 * --help, made of the same tables that parsing goes by, in lines of 80 columns.
 */
#include <stdio.h>
#include <string.h>

#include "base/wrap.h"
#include "cmd/cmd.h"
#include "cmd/help_text.h"
#include "cmd/options.h"

enum {
	WIDTH = 79, /* some terminals go to the next line when the last column is written */
	MARGIN = 2,
	TEXT_COLUMN = 31,
};

static options_help_fn *watching;
static void *watching_ctx;

void options_watch_help(options_help_fn *watch, void *ctx)
{
	watching = watch;
	watching_ctx = ctx;
}

static void add_option(const struct option *o, struct strbuf *out)
{
	AUTO_STRBUF left = STRBUF_INIT;

	if (o->letter)
		strbuf_addf(&left, "-%c, ", o->letter);
	else
		strbuf_adds(&left, "    ");
	strbuf_addf(&left, "--%s", o->name);
	if (o->alias)
		strbuf_addf(&left, ", --%s", o->alias);
	if (o->arg)
		strbuf_addf(&left, " %s", o->arg);
	wrap_row(out, left.buf, o->help, MARGIN, TEXT_COLUMN, WIDTH);
}

void options_describe(const struct option *table, struct strbuf *out)
{
	strbuf_adds(out, "options:\n");
	for (; table->name; table++)
		add_option(table, out);
	wrap_row(out, "-h, --help", "show this", MARGIN, TEXT_COLUMN, WIDTH);
}

void options_describe_commands(const struct command *const *list, struct strbuf *out)
{
	size_t wide = 0;

	for (size_t i = 0; list[i]; i++)
		if (!list[i]->hidden && strlen(list[i]->name) > wide)
			wide = strlen(list[i]->name);
	for (; *list; list++)
		if (!(*list)->hidden)
			wrap_row(out, (*list)->name, (*list)->summary, MARGIN, MARGIN + wide + 2,
				 WIDTH);
}

enum { NO_BREAK = '\1' }; /* stands for a blank that is no place for a line to end */

/* Further lines of a usage begin below its first option; "[-- WORDS]" stays in one. */
static void add_usage(const struct command *c, struct strbuf *out)
{
	static const char before[] = "usage: mpflash ";
	AUTO_STRBUF usage = STRBUF_INIT;
	bool open = false;

	for (const char *s = c->usage; *s; s++) {
		open = *s == '[' || (open && *s != ']');
		strbuf_addch(&usage, open && *s == ' ' ? NO_BREAK : *s);
	}
	strbuf_adds(out, before);
	wrap_add(out, usage.buf, sizeof(before) - 1, sizeof(before) + strcspn(c->usage, " "),
		 WIDTH);
	for (char *s = out->buf; (s = strchr(s, NO_BREAK));)
		*s = ' ';
	strbuf_adds(out, "\n\n");
	wrap_add(out, c->summary, 0, 0, WIDTH);
	strbuf_adds(out, "\n\n");
}

static void add_text(const char *text, struct strbuf *out)
{
	struct help_block b = { .left = STRBUF_INIT, .text = STRBUF_INIT };

	while (help_text_next(&text, &b)) {
		if (b.kind == HELP_ITEM) {
			wrap_row(out, b.left.buf, b.text.buf, MARGIN, TEXT_COLUMN, WIDTH);
		} else {
			wrap_add(out, b.text.buf, 0, 0, WIDTH);
			strbuf_addch(out, '\n');
		}
	}
	strbuf_addch(out, '\n');
	help_block_free(&b);
}

void options_describe_examples(const char *examples, struct strbuf *out)
{
	strbuf_adds(out, "\nexamples:\n");
	for (; *examples; examples += strcspn(examples, "\n") + 1)
		strbuf_addf(out, "  %.*s\n", (int)strcspn(examples, "\n"), examples);
}

void options_print_help(const struct command *c, const char *text, const struct option *table)
{
	AUTO_STRBUF out = STRBUF_INIT;

	if (watching) {
		watching(watching_ctx, c, text, table);
		return;
	}
	add_usage(c, &out);
	if (text)
		add_text(text, &out);
	options_describe(table, &out);
	if (c->examples)
		options_describe_examples(c->examples, &out);
	strbuf_adds(&out, "\n`mpflash --help` lists the options that all commands have.\n");
	fputs(out.buf, stdout);
}

void options_print_group(const struct command *c, const char *text)
{
	AUTO_STRBUF out = STRBUF_INIT;

	if (watching) {
		watching(watching_ctx, c, text, NULL);
		return;
	}
	add_usage(c, &out);
	options_describe_commands(c->subcommands, &out);
	strbuf_addf(&out, "\n`mpflash %s COMMAND --help` lists a command's options.\n", c->name);
	add_text(text, &out);
	strbuf_set_len(&out, out.len - 1);
	if (c->examples)
		options_describe_examples(c->examples, &out);
	fputs(out.buf, stdout);
}
