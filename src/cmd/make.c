/* SPDX-License-Identifier: MIT
 *
 * `mpflash make`: the main command.
 */
#include <stdio.h>
#include <string.h>

#include "build/env.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "graph/graph.h"
#include "graph/target.h"
#include "os/clock.h"

static const char targets_help[] =
	"targets:\n"
	"  [PORT/]BOARD[-VARIANT]       every format that the port's rules name\n"
	"  elf-, bin-, hex-, dfu-, uf2-BOARD   one format\n"
	"  flash-BOARD                  the image on the device\n"
	"  verify-BOARD                 compare the device with the image; changes nothing\n"
	"  halt-BOARD                   end an emulated board\n"
	"  clean-BOARD                  remove what was built for it\n"
	"  all, PORT/all                every board and variant\n"
	"  FILE                         one that a rule file of the tree makes\n";

static void warn_about_environment(struct report *report)
{
	struct strv dropped = { 0 };
	AUTO_STRBUF names = STRBUF_INIT;

	env_dropped(&dropped);
	for (size_t i = 0; i < dropped.count; i++)
		strbuf_addf(&names, " --set %s", dropped.items[i]);
	if (names.len)
		report_note(report,
			    "builds do not see these variables of yours; to use them, say:%s",
			    names.buf);
	vec_free(&dropped);
}

/* BUILD and BOARD are the program's to say, in whatever form: "BUILD=x", "BUILD:=x", "BUILD += x". */
static bool check_reserved(const struct strv *words, struct err *e)
{
	static const char *const reserved[] = { "BOARD", "BUILD" };

	for (size_t i = 0; i < words->count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(reserved); k++) {
			size_t len = strlen(reserved[k]);
			const char *rest = words->items[i] + len;

			if (strncmp(words->items[i], reserved[k], len) != 0)
				continue;
			rest += strspn(rest, " \t:+?!");
			if (*rest != '=')
				continue;
			err_usage(e, "%s cannot be set: mpflash sets it", reserved[k]);
			return err_hint(e,
					"name the board as a target; -o DIR says where files go");
		}
	return true;
}

static bool check_sets(const struct strv *sets, struct err *e)
{
	for (size_t i = 0; i < sets->count; i++) {
		const char *set = sets->items[i], *equal = strchr(set, '=');

		if (!equal || equal == set) {
			err_usage(e, "--set wants VAR=VALUE, not '%s'", set);
			return err_hint(e, "for example --set DEBUG=1");
		}
	}
	return check_reserved(sets, e);
}

static bool needs_tree(const struct strv *targets, bool has_image)
{
	for (size_t i = 0; i < targets->count; i++)
		if (target_needs_tree(targets->items[i], has_image))
			return true;
	return false;
}

static bool make_targets(struct session *s, const struct strv *targets, struct err *e)
{
	struct graph g = { .s = s };
	int64_t start = clock_ms();
	bool ok = true;

	for (size_t i = 0; ok && i < targets->count; i++)
		ok = graph_add_target(&g, targets->items[i], e);
	ok = ok && graph_order(&g, e);
	if (ok) {
		warn_about_environment(&s->report);
		ok = graph_run(&g, e);
	} else {
		/* Readers of events see this failure too; people get it from main. */
		report_fail(&s->report, "", "", e->msg, e->hint);
	}
	if (g.steps.count || s->opt->json)
		report_summary(&s->report, clock_ms() - start);
	graph_free(&g);
	return ok;
}

static bool run_session(const struct make_options *opt, const struct strv *targets, struct err *e)
{
	struct session s;
	AUTO_ERR close_error = ERR_INIT;
	bool ok = session_open(&s, opt, needs_tree(targets, opt->image != NULL), e);

	if (ok) {
		ok = make_targets(&s, targets, e);
	} else if (opt->json) {
		report_fail(&s.report, "", "", e->msg, e->hint);
		report_summary(&s.report, 0);
	}
	if (!session_close(&s, &close_error) && ok) {
		err_move(e, &close_error);
		ok = false;
	}
	return ok;
}

static bool make_run(int argc, char **argv, struct err *e)
{
	struct make_options opt = { .probe = true };
	const struct option table[] = {
		{ "jobs", 'j', NULL, OPT_INT, "N",
		  "run N compilers at once (default: one per processor)", &opt.jobs },
		{ "keep-going", 'k', NULL, OPT_FLAG, NULL,
		  "go on with what does not need a failed step", &opt.keep_going },
		{ "dry-run", 'n', NULL, OPT_FLAG, NULL, "only tell what would run; change nothing",
		  &opt.dry_run },
		{ "always-make", 'B', "force", OPT_FLAG, NULL, "run every step", &opt.always },
		{ "directory", 'C', "mpy", OPT_STRING, "DIR",
		  "the MicroPython tree (default: MICROPY_DIR, or from here upwards)",
		  &opt.tree_dir },
		{ "output", 'o', NULL, OPT_STRING, "DIR",
		  "put files into DIR/BOARD (default: TREE/build-mpflash/BOARD)", &opt.out_dir },
		{ "board-dir", 0, NULL, OPT_LIST, "DIR",
		  "a board, or a folder of boards, outside the tree", &opt.board_dirs },
		{ "explain", 0, NULL, OPT_FLAG, NULL, "tell of each step why it runs or not",
		  &opt.explain },
		{ "image", 0, NULL, OPT_STRING, "FILE",
		  "flash or verify this firmware instead of a built one", &opt.image },
		{ "json", 0, NULL, OPT_FLAG, NULL, "events on stdout, one JSON object a line",
		  &opt.json },
		{ "keep-work", 0, NULL, OPT_FLAG, NULL,
		  "keep the folders in which the ports' make ran", &opt.keep_work },
		{ "method", 0, NULL, OPT_STRING, "NAME",
		  "flash by this method (default: the rules' first that works)", &opt.method },
		{ "probe", 0, NULL, OPT_FLAG, NULL,
		  "ask boards what they run (default; --no-probe trusts the record)", &opt.probe },
		{ "rules", 0, NULL, OPT_LIST, "FILE", "read this rule file too", &opt.rules_files },
		{ "set", 0, NULL, OPT_LIST, "VAR=VALUE", "a make variable for the port's make",
		  &opt.sets },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	opt.make_args = p.rest;
	if (ok && p.help) {
		options_print_help(&make_command, targets_help, table);
	} else if (ok && !p.words.count) {
		err_usage(e, "make wants a target");
		ok = err_hint(
			e,
			"for example `mpflash make NUCLEO_H563ZI`; `mpflash make --help` lists them");
	} else if (ok) {
		ok = check_sets(&opt.sets, e) && check_reserved(&opt.make_args, e) &&
		     run_session(&opt, &p.words, e);
	}
	parsed_free(&p);
	vec_free(&opt.sets);
	vec_free(&opt.board_dirs);
	vec_free(&opt.rules_files);
	return ok;
}

const struct command make_command = {
	.name = "make",
	.usage = "make [options] TARGET... [-- MAKE-ARGUMENTS]",
	.summary = "build, convert and flash what is not up to date",
	.run = make_run,
};
