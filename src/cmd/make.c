/* SPDX-License-Identifier: MIT
 *
 * `mpflash make`: the main command.
 */
#include <unistd.h>

#include "base/log.h"
#include "base/size.h"
#include "build/env.h"
#include "cache/gc.h"
#include "cmd/cmd.h"
#include "cmd/global.h"
#include "cmd/import.h"
#include "cmd/make.h"
#include "cmd/notes.h"
#include "cmd/options.h"
#include "cmd/targets.h"
#include "graph/audit.h"
#include "graph/graph.h"
#include "graph/junit.h"
#include "graph/results.h"
#include "graph/select.h"
#include "graph/shard.h"
#include "os/clock.h"
#include "os/tty.h"
#include "source/worktree.h"

static const char targets_help[] =
	"targets:\n"
	"  [PORT/]BOARD[-VARIANT]       every format that the port's rules name\n"
	"  elf-, bin-, hex-, srec-, dfu-, uf2-BOARD   one format\n"
	"  flash-BOARD                  the image on the device\n"
	"  verify-BOARD                 compare the device with the image; changes nothing\n"
	"  read-BOARD -o FILE           the device's flash into a file\n"
	"  halt-BOARD                   end an emulated board\n"
	"  mboot-BOARD                  the boot loader that ports/stm32 builds for some boards\n"
	"  clean-BOARD                  remove what was built for it\n"
	"  all, PORT/all                every board and variant\n"
	"  stm32/NUCLEO_*, hex-*PICO*   those that fit, of all boards and variants\n"
	"  FILE                         one that a rule file of the tree makes\n"
	"  TARGET@REF                   the same of another version: a tag, branch, commit, REMOTE/BRANCH,\n"
	"                               URL#BRANCH, stable (newest release), preview (default branch);\n"
	"                               without a tree, from a clone of MPFLASH_REPO\n";

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

static bool wants_notes(const struct make_options *opt)
{
	return opt->notes && !opt->json && !opt->dry_run && !log_is_quiet();
}

/*
 * The results are told, and written, however the run ended. `tried`: it came to the boards. `failure` (NULL: none): what is
 * wrong with none of them in particular.
 */
static bool tell_results(struct graph *g, bool tried, const struct err *failure, int64_t ms,
			 struct err *e)
{
	const char *junit = g->s->opt->junit;
	struct results r = { 0 };
	bool ok = !tried || results_collect(g, &r, e);

	if (ok && tried)
		results_tell(g, &r);
	ok = ok && (!junit || junit_write(junit, &r, failure, ms, e));
	results_free(&r);
	return ok;
}

static bool make_targets(struct session *s, const struct strv *targets, struct err *e)
{
	struct graph g = { .s = s };
	struct notes notes = { 0 };
	AUTO_ERR untold = ERR_INIT;
	int64_t start = clock_ms();
	bool ok = true, tried, built;

	for (size_t i = 0; ok && i < targets->count; i++)
		ok = graph_add_target(&g, targets->items[i], e);
	ok = ok && graph_select(&g, e) && graph_order(&g, e) &&
	     (!wants_notes(s->opt) || notes_before(&notes, &g, e));
	tried = built = ok;
	if (ok) {
		warn_about_environment(s->report);
		built = graph_run(&g, e);
		ok = built && (!s->opt->audit || s->opt->dry_run || audit_run(&g, e)) &&
		     (!s->opt->import || s->opt->dry_run || import_built(&g, e));
	} else {
		/* Readers of events see this failure too; people get it from main. */
		report_fail(s->report, "", "", e->msg, e->hint);
	}
	/* What failed in the run is told board by board. */
	if (!tell_results(&g, tried, ok || (tried && !built) ? NULL : e, clock_ms() - start,
			  &untold)) {
		if (ok)
			err_move(e, &untold);
		else
			report_note(s->report, "%s", untold.msg);
		ok = false;
	}
	if ((tried && g.steps.count) || s->opt->json)
		report_summary(s->report, clock_ms() - start);
	notes_after(&notes);
	notes_free(&notes);
	graph_free(&g);
	return ok;
}

/* What went is told; that it could not be looked after is no failure of the build. */
static void keep_within_limits(struct session *s)
{
	struct gc_options o = { .work_root = s->work_root };
	struct gc_result r = { 0 };
	AUTO_STRBUF freed = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	bool ran = false;

	if (s->opt->dry_run || !s->report->run)
		return;
	if (!gc_read_limits(&o.limits, &e) || !gc_after_run(s->store, &o, &s->arena, &r, &ran, &e))
		report_note(s->report, "the store was not kept within its limits: %s", e.msg);
	if (ran)
		worktrees_forget(s->work_root);
	size_text(r.blob_bytes + r.work_bytes, &freed);
	if (ran)
		report_note(
			s->report,
			"the store was over its limit: %s of what was not used for longest went",
			freed.buf);
	vec_free(&r.spared);
}

/* Readers of events and of results see this failure too; people get it from main. */
static void tell_not_opened(const struct session *s, const struct err *failure)
{
	const struct results none = { 0 };
	AUTO_ERR untold = ERR_INIT;

	if (s->opt->json)
		report_fail(s->report, "", "", failure->msg, failure->hint);
	if (s->opt->junit && !junit_write(s->opt->junit, &none, failure, 0, &untold))
		report_note(s->report, "%s", untold.msg);
	if (s->opt->json)
		report_summary(s->report, 0);
}

static bool run_session(const struct make_options *opt, const struct strv *targets, struct err *e)
{
	struct session s;
	AUTO_ERR close_error = ERR_INIT;
	bool ok = targets_open(&s, opt, targets, e);

	if (ok) {
		ok = make_targets(&s, targets, e);
		keep_within_limits(&s);
	} else {
		tell_not_opened(&s, e);
	}
	if (!session_close(&s, &close_error) && ok) {
		err_move(e, &close_error);
		ok = false;
	}
	return ok;
}

static bool check_selection(const struct make_options *opt, struct err *e)
{
	int number, count;

	if (opt->junit && opt->dry_run) {
		err_usage(e, "--junit tells how builds came out, and -n builds nothing");
		return err_hint(e, "leave one of the two out");
	}
	return (!opt->shard || shard_parse(opt->shard, &number, &count, e)) &&
	       (!opt->junit || junit_check(opt->junit, e));
}

bool make_words_run(const struct make_words *w, int argc, char **argv, struct err *e)
{
	struct make_options opt = {
		.rebuild = w->rebuild,
		.notes = tty_columns(STDERR_FILENO) > 0,
	};
	AUTO_ARENA arena = ARENA_INIT;
	bool unasked = false;
	const struct option table[] = {
		{ "jobs", 'j', NULL, OPT_COUNT, "N",
		  "run N compilers at once (default: one per processor)", &opt.jobs },
		{ "keep-going", 'k', NULL, OPT_FLAG, NULL,
		  "go on with what does not need a failed step", &opt.keep_going },
		{ "dry-run", 'n', NULL, OPT_FLAG, NULL, "only tell what would run; change nothing",
		  &opt.dry_run },
		{ "always-make", 'B', "force", OPT_FLAG, NULL, "run every step", &opt.always },
		{ "explain", 0, NULL, OPT_FLAG, NULL, "tell of each step why it runs or not",
		  &opt.explain },
		{ "json", 0, NULL, OPT_FLAG, NULL, "events on stdout, one JSON object a line",
		  &opt.json },
		{ "keep-work", 0, NULL, OPT_FLAG, NULL,
		  "keep the folders in which the ports' make ran", &opt.keep_work },
		{ "audit", 0, NULL, OPT_FLAG, NULL,
		  "then build once more from nothing elsewhere, and compare", &opt.audit },
		{ "no-probe", 0, NULL, OPT_FLAG, NULL,
		  "do not ask boards what they run: trust the record", &unasked },
		DEVICE_OPTIONS(opt),
		{ "import", 0, NULL, OPT_FLAG, NULL,
		  "put what is built into the firmware library, too (MPFLASH_FIRMWARE)",
		  &opt.import },
		{ "allow", 0, NULL, OPT_LIST, "FINDING",
		  "flash in spite of what a check found: filesystem, id-code, ... (several: several --allow)",
		  &opt.allows },
		{ "notes", 0, NULL, OPT_FLAG, NULL,
		  "show a board's deploy notes after its first build (default on a terminal)",
		  &opt.notes },
		{ "exclude", 0, NULL, OPT_LIST, "GLOB",
		  "leave out boards that fit it (several: several --exclude)", &opt.excludes },
		{ "since", 0, NULL, OPT_STRING, "REF",
		  "only boards that read what changed between that commit and the working tree",
		  &opt.since },
		{ "shard", 0, NULL, OPT_STRING, "I/N",
		  "only the I-th of N parts of the boards, equal by the times of their last builds",
		  &opt.shard },
		{ "junit", 0, NULL, OPT_STRING, "FILE",
		  "write the results as JUnit XML, whatever fails", &opt.junit },
		TARGET_OPTIONS(opt),
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	opt.probe = !unasked;
	opt.library_dir = global.dir;
	opt.verbose = global.verbose > 0;
	if (ok && p.help) {
		options_print_help(w->command, w->help, table);
	} else if (ok && !p.words.count) {
		err_usage(e, "%s wants a %s", w->command->name, w->wants);
		ok = err_hint(e, "for example `mpflash %s %s`; `mpflash %s` lists them",
			      w->command->name, w->example, w->list);
	} else if (ok) {
		opt.verbose = log_shows(LOG_LEVEL_DEBUG);
		opt.explain = opt.explain || opt.verbose;
		ok = !w->change || w->change(&p, &opt, &arena, e);
		opt.make_args = p.rest;
		ok = ok && check_selection(&opt, e) && targets_check_options(&opt, e) &&
		     run_session(&opt, &p.words, e);
	}
	parsed_free(&p);
	targets_free_options(&opt);
	return ok;
}

static const struct make_words make_words = {
	.command = &make_command,
	.help = targets_help,
	.wants = "target",
	.example = "NUCLEO_H563ZI",
	.list = "make --help",
};

static bool make_run(int argc, char **argv, struct err *e)
{
	return make_words_run(&make_words, argc, argv, e);
}

const struct command make_command = {
	.name = "make",
	.usage = "make [options] TARGET... [-- MAKE-ARGUMENTS]",
	.summary = "build, convert and flash what is not up to date",
	.examples = "mpflash make PYBV11        # every format of a board\n"
		    "mpflash make flash-PYBV11  # and write it to the board\n"
		    "mpflash make -j8 -k 'stm32/NUCLEO_*' hex-RPI_PICO@v1.26.0\n",
	.words = WORDS_TARGETS,
	.run = make_run,
};
