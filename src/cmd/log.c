/* SPDX-License-Identifier: MIT
 *
 * `mpflash log`: what the last run of a target's compile step said.
 */
#include <errno.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "cmd/targets.h"
#include "graph/action.h"
#include "graph/kinds.h"

/* The step whose log it is: what flashes the board, for such a target; else its compile step, else the command that makes the file. */
static const struct step *logging_step(const struct goal *goal)
{
	const struct step *step = goal->recipe->compile;

	if (goal->action &&
	    (goal->action->kind == &flash_step || goal->action->kind == &verify_step))
		return goal->action;
	for (size_t i = 0; !step && i < goal->files.count; i++)
		step = goal->files.items[i]->maker;
	return step;
}

/* A build that runs now writes into it: what is there is shown. */
static bool copy_to_stdout(const char *path, const struct step *step, struct err *e)
{
	char bytes[65536];
	size_t n;
	FILE *f = fopen(path, "re");

	if (!f && errno == ENOENT) {
		err_set(e,
			"there is no log of '%s %s': it did not run in this tree, or was cleaned",
			step->recipe->id, step->label);
		return err_hint(e, "`mpflash make -B TARGET` runs it anew, and writes one");
	}
	if (!f)
		return err_sys(e, errno, "cannot read the log %s", path);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		fwrite(bytes, 1, n, stdout);
	n = (size_t)ferror(f);
	fclose(f);
	return !n || err_set(e, "cannot read the log %s", path);
}

static bool show(struct graph *g, void *ctx, struct err *e)
{
	const bool *path_only = ctx;
	const struct goal *goal = &g->goals.items[0];
	const struct step *step = logging_step(goal);
	const char *path;

	if (g->goals.count != 1) {
		err_usage(e, "'%s' stands for %zu boards, and a log is one board's", goal->text,
			  g->goals.count);
		return err_hint(e, "name one of them: `mpflash log %s`", goal->recipe->id);
	}
	if (!step)
		return err_set(e, "'%s': %s has no step that leaves a log", goal->text,
			       goal->recipe->id);
	path = action_log_file(step->recipe->s, step);
	if (!*path_only)
		return copy_to_stdout(path, step, e);
	puts(path);
	return true;
}

static bool log_run(int argc, char **argv, struct err *e)
{
	struct make_options opt = { .dry_run = true };
	bool path_only = false;
	const struct option table[] = {
		{ "path", 0, NULL, OPT_FLAG, NULL, "print where the log is, not what it says",
		  &path_only },
		TARGET_OPTIONS(opt),
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	opt.make_args = p.rest;
	if (ok && p.help) {
		options_print_help(&log_command, NULL, table);
	} else if (ok && p.words.count > 1) {
		err_usage(e, "log wants one target, not %zu", p.words.count);
		ok = err_hint(e, "for example `mpflash log %s`", p.words.items[0]);
	} else if (ok) {
		ok = targets_view(&opt, &p.words, show, &path_only, e);
	}
	parsed_free(&p);
	targets_free_options(&opt);
	return ok;
}

const struct command log_command = {
	.name = "log",
	.usage = "log [options] TARGET [-- MAKE-ARGUMENTS]",
	.summary = "print what the last build of a target, or its flash tool, said",
	.examples = "mpflash log PYBV11        # what make said\n"
		    "mpflash log flash-PYBV11  # what the flash tool said\n",
	.words = WORDS_TARGETS,
	.run = log_run,
};
