/* SPDX-License-Identifier: MIT
 *
 * `mpflash graph`: the steps and files that targets need.
 */
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/targets.h"
#include "graph/view.h"

static const char graph_help[] =
	"Nothing is built, written or asked. `mpflash graph --dot TARGET | dot -Tsvg >graph.svg` draws it.\n";

typedef bool view_function(const struct graph *g, struct strbuf *out, struct err *e);

static bool show(struct graph *g, void *ctx, struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;
	view_function **view = ctx;

	if (!(*view)(g, &out, e))
		return false;
	fwrite(out.buf, 1, out.len, stdout);
	return true;
}

static bool graph_run_command(int argc, char **argv, struct err *e)
{
	struct make_options opt = { .dry_run = true };
	bool dot = false, json = false;
	const struct option table[] = {
		{ "dot", 0, NULL, OPT_FLAG, NULL, "for Graphviz", &dot },
		{ "json", 'j', NULL, OPT_FLAG, NULL, "goals, nodes and edges as one JSON object",
		  &json },
		TARGET_OPTIONS(opt),
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);
	view_function *view = dot ? view_dot : json ? view_json : view_text;

	opt.make_args = p.rest;
	if (ok && p.help)
		options_print_help(&graph_command, graph_help, table);
	else if (ok && dot && json)
		ok = err_usage(e, "--dot and --json are two forms of one thing: name one");
	else if (ok)
		ok = targets_view(&opt, &p.words, show, &view, e);
	parsed_free(&p);
	targets_free_options(&opt);
	return ok;
}

const struct command graph_command = {
	.name = "graph",
	.usage = "graph [options] TARGET... [-- MAKE-ARGUMENTS]",
	.summary = "show the steps and files that targets need",
	.examples = "mpflash graph PYBV11\n"
		    "mpflash graph --dot PYBV11 | dot -Tsvg >graph.svg\n",
	.words = WORDS_TARGETS,
	.run = graph_run_command,
};
