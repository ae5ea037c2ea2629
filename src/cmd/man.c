/* SPDX-License-Identifier: MIT
 *
 * `mpflash man`: the manual page mpflash(1), as mdoc(7), on stdout; `ninja` makes it when it builds. Commands are run with --help
 * and a watch on it, so the page has what --help has: no option, text or example is written down twice.
 */
#include "cmd/man.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/roff.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/help_text.h"
#include "cmd/options.h"
#include "config.h"

/* ".It Fl j , Fl -jobs Ar N" */
static void add_option(const struct option *o, struct strbuf *out)
{
	strbuf_adds(out, ".It");
	if (o->letter)
		strbuf_addf(out, " Fl %c ,", o->letter);
	strbuf_adds(out, " Fl");
	strbuf_adds(out, " \\-");
	for (const char *c = o->name; *c; c++)
		strbuf_addf(out, *c == '-' ? "\\-" : "%c", *c);
	if (o->alias) {
		strbuf_adds(out, " , Fl \\-");
		for (const char *c = o->alias; *c; c++)
			strbuf_addf(out, *c == '-' ? "\\-" : "%c", *c);
	}
	if (o->arg) {
		strbuf_adds(out, " Ar");
		roff_arg(out, o->arg);
	}
	strbuf_addch(out, '\n');
	roff_text(out, o->help);
}

static void add_options(const struct option *table, struct strbuf *out)
{
	if (!table->name)
		return;
	strbuf_adds(out, ".Bl -tag -width Ds\n");
	for (; table->name; table++)
		add_option(table, out);
	strbuf_adds(out, ".El\n");
}

/* Paragraphs, and lists of what stands in items. `first`: a heading is right before. */
static void add_text(const char *text, bool first, struct strbuf *out)
{
	struct help_block b = { .left = STRBUF_INIT, .text = STRBUF_INIT };
	bool in_list = false;

	while (help_text_next(&text, &b)) {
		if (b.kind == HELP_ITEM && !in_list)
			strbuf_adds(out, ".Bl -tag -width Ds\n");
		if (b.kind != HELP_ITEM && in_list)
			strbuf_adds(out, ".El\n");
		if (b.kind != HELP_ITEM && !first)
			strbuf_adds(out, ".Pp\n");
		in_list = b.kind == HELP_ITEM;
		first = false;
		if (in_list) {
			strbuf_adds(out, ".It Sy");
			roff_arg(out, b.left.buf);
			strbuf_addch(out, '\n');
		}
		roff_text(out, b.text.buf);
	}
	if (in_list)
		strbuf_adds(out, ".El\n");
	help_block_free(&b);
}

/* Lines as they are. */
static void add_display(const char *line, struct strbuf *out)
{
	strbuf_adds(out, ".Bd -literal -offset indent\n");
	for (; *line; line += strcspn(line, "\n") + 1)
		roff_line(out, line, strcspn(line, "\n"));
	strbuf_adds(out, ".Ed\n");
}

/* "cache stats" of "cache stats [--json]": the words before what a user fills in. */
static size_t title_len(const struct command *c, bool sub)
{
	size_t first = strcspn(c->usage, " "), second;

	if (!sub || !c->usage[first])
		return first;
	second = strcspn(c->usage + first + 1, " ");
	return first + 1 + second;
}

struct page {
	struct strbuf *out;
	bool sub; /* the command at hand is one of another */
};

/* What a command hands over that is run with --help. */
static void on_help(void *ctx, const struct command *c, const char *text,
		    const struct option *table)
{
	const struct page *page = ctx;
	struct strbuf *out = page->out;
	AUTO_STRBUF title = STRBUF_INIT, also = STRBUF_INIT;

	if (c->alias)
		strbuf_addf(&also, "It is also called `%s`.", c->alias);
	strbuf_addf(&title, "mpflash %.*s", (int)title_len(c, page->sub), c->usage);
	strbuf_adds(out, ".Ss");
	roff_arg(out, title.buf);
	strbuf_reset(&title);
	strbuf_addf(&title, "mpflash %s", c->usage);
	strbuf_adds(out, "\n.Bd -literal\n");
	roff_line(out, title.buf, title.len);
	strbuf_adds(out, ".Ed\n.Pp\n");
	strbuf_reset(&title);
	strbuf_addf(&title, "%s.", c->summary);
	title.buf[0] = (char)toupper((unsigned char)title.buf[0]);
	roff_text(out, title.buf);
	if (c->alias)
		roff_text(out, also.buf);
	if (text)
		add_text(text, false, out);
	if (table)
		add_options(table, out);
	if (!c->examples)
		return;
	strbuf_adds(out, ".Pp\nExamples:\n");
	add_display(c->examples, out);
}

static void add_command_part(const struct command *c, struct page *page)
{
	char name[] = "", help[] = "--help";
	char *argv[] = { name, help, NULL };
	AUTO_ERR ignored = ERR_INIT;

	options_watch_help(on_help, page);
	c->run(2, argv, &ignored);
	options_watch_help(NULL, NULL);
}

static void add_command_parts(struct strbuf *out)
{
	struct page page = { .out = out };

	for (size_t i = 0; commands[i]; i++) {
		if (commands[i]->hidden)
			continue;
		page.sub = false;
		add_command_part(commands[i], &page);
		page.sub = true;
		for (size_t k = 0; commands[i]->subcommands && commands[i]->subcommands[k]; k++)
			add_command_part(commands[i]->subcommands[k], &page);
	}
}

static void add_page(struct strbuf *out)
{
	strbuf_adds(out, ".Dd " MPFLASH_DATE "\n.Dt MPFLASH 1\n.Os\n"
			 ".Sh NAME\n.Nm mpflash\n"
			 ".Nd take a MicroPython board from source to a running, verified device\n"
			 ".Sh SYNOPSIS\n.Nm\n.Op Ar options\n.Ar command\n.Op Ar options\n.Ar ...\n"
			 ".Sh DESCRIPTION\n");
	add_text(man_description, true, out);
	strbuf_adds(out, ".Pp\nThis is version " MPFLASH_VERSION ".\n");
	strbuf_adds(out, ".Sh OPTIONS\n"
			 "These stand before the command.\n"
			 "Behind it they are known by their long names, and\n"
			 ".Fl q , V\nand\n.Fl x\nby their letters, too.\n"
			 "Each command has\n.Fl h\nand\n.Fl \\-help .\n");
	add_options(global_options, out);
	strbuf_adds(out, ".Sh COMMANDS\n");
	add_command_parts(out);
	for (const struct man_section *s = man_sections; s->title; s++) {
		strbuf_addf(out, ".Sh %s\n", s->title);
		add_text(s->text, true, out);
	}
	strbuf_adds(out, ".Sh EXAMPLES\nEach command has examples of its own above.\n");
	add_display(commands_examples, out);
	strbuf_adds(out, ".Sh SEE ALSO\n.Xr dfu-util 1 ,\n.Xr make 1 ,\n.Xr openocd 1\n");
}

static bool man_run(int argc, char **argv, struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)argv;
	if (argc > 1)
		return err_usage(e, "man takes no words and no options");
	add_page(&out);
	fputs(out.buf, stdout);
	return true;
}

const struct command man_command = {
	.name = "man",
	.usage = "man",
	.summary = "the manual page, for `ninja install`",
	.hidden = true,
	.run = man_run,
};
