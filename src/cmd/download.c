/* SPDX-License-Identifier: MIT
 *
 * `mpflash download`: firmware from micropython.org into the library.
 */
#include "library/download.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cmd/ask.h"
#include "cmd/attached_options.h"
#include "cmd/cmd.h"
#include "cmd/download_report.h"
#include "cmd/fetch.h"
#include "cmd/global.h"
#include "cmd/library.h"
#include "flash/emulated.h"
#include "os/clock.h"

struct job {
	struct strv versions, boards;
	struct attached_options attached;
	bool dates_off, force, offline;
	int connections, timeout;
	/* what goes with it */
	struct arena arena;
	struct version_want *wants;
	struct download_report report;
};

/* --- what is asked for ---------------------------------------------------------------------------------------- */

static bool parse_versions(struct job *job, struct find_wish *wish, struct err *e)
{
	if (!job->versions.count)
		vec_push(&job->versions, "stable");
	job->wants = ARENA_ARRAY(&job->arena, struct version_want, job->versions.count);
	for (size_t i = 0; i < job->versions.count; i++)
		if (!version_want_parse(&job->wants[i], job->versions.items[i], e))
			return false;
	wish->versions = job->wants;
	wish->version_count = job->versions.count;
	return true;
}

static bool ask_boards(struct job *job, const struct find_wish *wish, struct err *e)
{
	const struct choose_question q = { "which boards?", "--board", true };
	struct strv choices = { 0 };
	bool ok = !ask_is_wanted(&job->boards) ||
		  (find_boards(wish, &job->arena, &choices, e) &&
		   ask_words(&q, &choices, &job->boards, &job->arena, e));

	vec_free(&choices);
	return ok;
}

static bool ask_versions(struct job *job, struct find_wish *wish, struct err *e)
{
	const struct choose_question q = { "which versions?", "--version", true };
	struct strv choices = { 0 };
	bool ok = !ask_is_wanted(&job->versions) ||
		  (find_versions(wish, &job->arena, &choices, e) &&
		   ask_words(&q, &choices, &job->versions, &job->arena, e) &&
		   parse_versions(job, wish, e));

	vec_free(&choices);
	return ok;
}

static void add_board(struct job *job, const struct device *d)
{
	const char *board = d->identity.board ? d->identity.board : d->board_id;

	if (!board)
		return;
	board = arena_strndup(&job->arena, board, strcspn(board, "-"));
	for (size_t i = 0; i < job->boards.count; i++)
		if (strcmp(job->boards.items[i], board) == 0)
			return;
	vec_push(&job->boards, board);
}

/* Nobody named a board: those that are attached, in all their variants. */
static bool find_attached(struct job *job, struct err *e)
{
	AUTO_DEVICES list = DEVICES_INIT;
	const struct probe_options probe = { .after = PROBE_RESTORE, .ask_emulated = emulated_ask };

	if (job->boards.count)
		return true;
	if (!attached_find(&job->attached, &list, e) || !attached_ask(&list, &probe, global.dir, e))
		return false;
	for (size_t i = 0; i < list.count; i++)
		add_board(job, &list.items[i]);
	if (job->boards.count)
		return true;
	err_set(e, "No boards found");
	return err_hint(e, "name one with --board, or connect one that runs MicroPython");
}

/* --- the command ---------------------------------------------------------------------------------------------- */

static bool fetch_found(struct job *job, struct library_place *p, const struct find_wish *wish,
			const struct found_list *found, struct err *e)
{
	struct http_options net = *wish->net;
	struct download_options opt = { .keep_names = job->dates_off,
					.force = job->force,
					.offline = job->offline,
					.net = &net,
					.ended = download_report_file,
					.ctx = &job->report };
	struct download_list list = { 0 };
	bool ok;

	net.progress = download_report_progress;
	net.ctx = &job->report;
	if (!job->report.json)
		log_note("Found %zu potentially relevant firmwares", found->count);
	job->report.status = job->report.json || log_is_quiet() || log_shows(LOG_LEVEL_DEBUG)
				     ? NULL
				     : status_create(2, clock_ms());
	ok = download_all(p->db, found, &opt, &job->arena, &list, e);
	status_destroy(job->report.status);
	download_report_end(&job->report, found->count);
	downloads_free(&list);
	return ok && download_report_verdict(&job->report, e);
}

static bool nothing_found(struct job *job, const struct find_wish *wish, struct err *e)
{
	AUTO_STRBUF hint = STRBUF_INIT;

	if (job->report.json)
		download_report_end(&job->report, 0);
	if (job->report.failed == 1 && job->report.first.hint)
		strbuf_adds(&hint, job->report.first.hint);
	err_set(e, "No relevant firmwares could be found on %s/download%s%s", wish->base,
		job->report.failed ? ":" : "",
		job->report.failed > 1 ? job->report.failures.buf : "");
	if (job->report.failed == 1) {
		AUTO_STRBUF text = STRBUF_INIT;

		strbuf_addf(&text, "%s %s", e->msg, job->report.first.msg);
		err_set(e, "%s", text.buf);
	}
	return hint.len ? err_hint(e, "%s", hint.buf) : false;
}

static bool download(struct job *job, struct err *e)
{
	struct http_options net = { .connections = job->connections, .stalled_s = job->timeout };
	struct find_wish wish = { .boards = &job->boards, .offline = job->offline, .net = &net };
	struct found_list found = { 0 };
	struct library_place p = { 0 };
	bool ok;

	if (!fetch_site(&wish, &job->arena, e) || !parse_versions(job, &wish, e))
		return false;
	if (!ask_boards(job, &wish, e) || !find_attached(job, e) || !ask_versions(job, &wish, e))
		return false;
	ok = library_place_open(&p, DATABASE_WRITE, e) &&
	     find_firmware(p.db, &wish, &job->arena, &found, download_report_missing, &job->report,
			   e);
	if (ok)
		ok = found.count ? fetch_found(job, &p, &wish, &found, e)
				 : nothing_found(job, &wish, e);
	library_place_close(&p);
	vec_free(&found);
	return ok;
}

static const char download_help[] =
	"Without --board: the firmware of the boards that are attached. All variants of a board are fetched.\n"
	"versions: stable (default), preview, X.Y.Z; `?` asks (here and for boards). MPFLASH_DOWNLOAD_URL names another site.\n"
	"A download that was cut goes on where it ended. Proxies: https_proxy, http_proxy, no_proxy.\n";

static void free_job(struct job *job)
{
	vec_free(&job->versions);
	vec_free(&job->boards);
	attached_options_free(&job->attached);
	download_report_free(&job->report);
	arena_free(&job->arena);
}

static bool download_run(int argc, char **argv, struct err *e)
{
	struct job job = { .report = DOWNLOAD_REPORT_INIT };
	bool clean = true;
	const struct option table[] = {
		{ "version", 'v', NULL, OPT_LIST, "VERSION",
		  "stable, preview, X.Y.Z or ?; may be repeated", &job.versions },
		{ "board", 'b', NULL, OPT_LIST, "ID", "for this board (? asks); may be repeated",
		  &job.boards },
		ATTACHED_OPTIONS(&job.attached),
		LIBRARY_DIR_OPTION('d'),
		{ "clean", 0, NULL, OPT_FLAG, NULL,
		  "leave date and hash out of the names (default; or --no-clean)", &clean },
		{ "force", 'f', NULL, OPT_FLAG, NULL, "fetch what is there too", &job.force },
		{ "offline", 0, NULL, OPT_FLAG, NULL,
		  "use what was fetched before, and nothing else", &job.offline },
		{ "jobs", 'j', NULL, OPT_COUNT, "N", "connections at once (6)", &job.connections },
		{ "timeout", 0, NULL, OPT_COUNT, "SECONDS",
		  "how long a server may send nothing (30)", &job.timeout },
		INTERACTIVE_OPTION,
		{ "json", 0, NULL, OPT_FLAG, NULL, "events, one JSON object a line",
		  &job.report.json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

	job.report.begun_ms = clock_ms();
	job.dates_off = !clean;
	for (size_t i = 0; ok && i < p.words.count; i++)
		vec_push(&job.boards, p.words.items[i]);
	if (ok && p.help)
		options_print_help(&download_command, download_help, table);
	else if (ok)
		ok = download(&job, e);
	parsed_free(&p);
	free_job(&job);
	return ok;
}

const struct command download_command = {
	.name = "download",
	.usage = "download [options] [BOARD...]",
	.summary = "fetch released firmware into the library",
	.examples = "mpflash download  # for the boards that are attached\n"
		    "mpflash download --board RPI_PICO_W --version 1.26.1\n"
		    "mpflash download ESP32_GENERIC --version preview\n",
	.words = WORDS_FIRMWARE,
	.run = download_run,
};
