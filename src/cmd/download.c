/* SPDX-License-Identifier: MIT
 *
 * `mpflash download`: firmware from micropython.org into the library.
 */
#include "library/download.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/path.h"
#include "base/size.h"
#include "cmd/attached.h"
#include "cmd/cmd.h"
#include "cmd/library.h"
#include "flash/emulated.h"
#include "graph/status.h"
#include "os/clock.h"
#include "os/dirs.h"

struct job {
	struct strv versions, boards;
	struct attached_options attached;
	const char *dir;
	bool dates_off, force, offline, json;
	int connections, timeout;
	/* what goes with it */
	struct arena arena;
	struct version_want *wants;
	struct status *status;
	int64_t begun_ms;
	struct strbuf failures;
	size_t failed;
	struct err first; /* failure */
	size_t fetched, there;
};

/* --- telling -------------------------------------------------------------------------------------------------- */

static void emit(struct strbuf *line)
{
	puts(line->buf);
	fflush(stdout);
}

static void fail_event(const char *board, const char *url, const struct err *e)
{
	AUTO_STRBUF line = STRBUF_INIT;
	struct json j = { .out = &line };

	json_object(&j, NULL);
	json_string(&j, "event", "fail");
	json_string(&j, "board_id", board);
	if (url)
		json_string(&j, "url", url);
	json_string(&j, "reason", e->msg);
	if (e->hint)
		json_string(&j, "hint", e->hint);
	json_object_end(&j);
	emit(&line);
}

/* The last error tells of all; one alone keeps its hint. */
static void note_failure(struct job *job, const char *board, const char *url, const struct err *e)
{
	if (job->json)
		fail_event(board, url, e);
	strbuf_addf(&job->failures, "\n  %s", e->msg);
	if (e->hint)
		strbuf_addf(&job->failures, " (%s)", e->hint);
	if (job->failed++)
		return;
	err_set(&job->first, "%s", e->msg);
	if (e->hint)
		err_hint(&job->first, "%s", e->hint);
}

static void not_found(void *ctx, const char *board, const struct err *e)
{
	note_failure(ctx, board, NULL, e);
}

static void tell_json(const struct download *d)
{
	AUTO_STRBUF line = STRBUF_INIT;
	struct json j = { .out = &line };

	json_object(&j, NULL);
	json_string(&j, "event", d->state == DOWNLOAD_THERE ? "skip" : "done");
	json_string(&j, "board_id", d->row.board_id);
	json_string(&j, "version", d->row.version);
	json_int(&j, "build", d->row.build);
	json_string(&j, "port", d->row.port);
	json_string(&j, "firmware_file", d->row.file);
	json_string(&j, "url", d->row.source);
	json_int(&j, "size", (int64_t)d->size);
	json_int(&j, "resumed", (int64_t)d->resumed);
	json_string(&j, "sha256", d->sha256);
	json_object_end(&j);
	emit(&line);
}

static void tell_text(const struct download *d)
{
	AUTO_STRBUF line = STRBUF_INIT;

	strbuf_addf(&line, "%s: ", d->row.file);
	size_text(d->size, &line);
	if (d->state == DOWNLOAD_THERE)
		strbuf_adds(&line, ", was there already");
	if (d->resumed) {
		strbuf_adds(&line, ", of which were there ");
		size_text(d->resumed, &line);
	}
	puts(line.buf);
}

static void tell_end(const struct job *job, size_t found)
{
	AUTO_STRBUF line = STRBUF_INIT;
	struct json j = { .out = &line };

	if (!job->json) {
		printf("Downloaded %zu firmware images.", job->fetched);
		if (job->there)
			printf(" %zu %s there already.", job->there,
			       job->there == 1 ? "was" : "were");
		putchar('\n');
		return;
	}
	json_object(&j, NULL);
	json_string(&j, "event", "summary");
	json_int(&j, "found", (int64_t)found);
	json_int(&j, "downloaded", (int64_t)job->fetched);
	json_int(&j, "skipped", (int64_t)job->there);
	json_int(&j, "failed", (int64_t)job->failed);
	json_int(&j, "ms", clock_ms() - job->begun_ms);
	json_object_end(&j);
	emit(&line);
}

static void tell_all(struct job *job, const struct download_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct download *d = &list->items[i];

		if (d->state == DOWNLOAD_FAILED) {
			if (d->error.msg)
				note_failure(job, d->row.board_id, d->row.source, &d->error);
			continue;
		}
		*(d->state == DOWNLOAD_THERE ? &job->there : &job->fetched) += 1;
		if (job->json)
			tell_json(d);
		else
			tell_text(d);
	}
}

static bool tell_failures(struct job *job, struct err *e)
{
	if (!job->failed)
		return true;
	if (job->failed > 1)
		return err_set(e, "%zu downloads failed:%s", job->failed, job->failures.buf);
	err_move(e, &job->first);
	return false;
}

/* --- the status line ------------------------------------------------------------------------------------------ */

/* From the bytes so far; files of which nothing is known yet count as the others do on average. */
static int64_t time_left(const struct http_fetch *f, size_t count, int64_t ms)
{
	uint64_t have = 0, total = 0, fresh = 0;
	size_t known = 0;

	for (size_t i = 0; i < count; i++) {
		if (!f[i].total)
			continue;
		have += f[i].size;
		fresh += f[i].size - (f[i].resumed < f[i].size ? f[i].resumed : f[i].size);
		total += f[i].total;
		known++;
	}
	if (!known || !fresh || ms < 500)
		return -1;
	total = total / known * count;
	return total > have ? (int64_t)((double)(total - have) * (double)ms / (double)fresh) : 0;
}

static void show(void *ctx, const struct http_fetch *f, size_t count)
{
	struct job *job = ctx;
	AUTO_ARENA a = ARENA_INIT;
	struct status_step *steps = ARENA_ARRAY(&a, struct status_step, count + 1);
	int64_t now = clock_ms();
	struct status_facts facts = { .total = count, .running = steps };

	if (!job->status || status_wait_ms(job->status, now) > 0)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *name = path_base(f[i].target);

		facts.done += f[i].state >= HTTP_DONE;
		if (f[i].state != HTTP_RUNNING)
			continue;
		if (f[i].total)
			name = arena_printf(&a, "%s %d%%", name,
					    (int)(f[i].size * 100 / f[i].total));
		steps[facts.count++] = (struct status_step){ .label = "download", .target = name };
	}
	facts.left_ms = time_left(f, count, now - job->begun_ms);
	status_show(job->status, &facts, now);
}

/* --- what is asked for ---------------------------------------------------------------------------------------- */

/* MPFLASH_DOWNLOAD_URL, or micropython.org; with or without the "/download" that its pages begin with. */
static const char *find_base(struct arena *a)
{
	static const char pages[] = "/download";
	const char *url = getenv("MPFLASH_DOWNLOAD_URL");
	char *base = arena_strdup(a, url && *url ? url : "https://micropython.org");
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		base[--len] = '\0';
	if (len > strlen(pages) && strcmp(base + len - strlen(pages), pages) == 0)
		base[len - strlen(pages)] = '\0';
	return base;
}

static bool parse_versions(struct job *job, struct err *e)
{
	if (!job->versions.count)
		vec_push(&job->versions, "stable");
	job->wants = ARENA_ARRAY(&job->arena, struct version_want, job->versions.count);
	for (size_t i = 0; i < job->versions.count; i++)
		if (!version_want_parse(&job->wants[i], job->versions.items[i], e))
			return false;
	return true;
}

static bool asks(const struct strv *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i], "?") == 0)
			return true;
	return false;
}

/* A question that nobody can be asked here: the answers there are. */
static bool tell_choices(const char *option, const struct strv *choices, struct err *e)
{
	AUTO_STRBUF list = STRBUF_INIT;

	for (size_t i = 0; i < choices->count; i++)
		strbuf_addf(&list, "%s%s", i ? ", " : "", choices->items[i]);
	err_usage(e, "%s ? cannot ask here; name what you want", option);
	return err_hint(e, "there is %s", list.len ? list.buf : "nothing to choose from");
}

static bool answer_questions(struct job *job, const struct find_wish *wish, struct err *e)
{
	struct strv choices = { 0 };
	bool ok = true;

	if (asks(&job->boards)) {
		ok = find_boards(wish, &job->arena, &choices, e);
		ok = ok && tell_choices("--board", &choices, e);
	} else if (asks(&job->versions)) {
		ok = find_versions(wish, &job->arena, &choices, e);
		ok = ok && tell_choices("--version", &choices, e);
	}
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
	if (!attached_find(&job->attached, &list, e) || !attached_ask(&list, &probe, e))
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
					.net = &net };
	struct download_list list = { 0 };
	bool ok;

	net.progress = show;
	net.ctx = job;
	if (!job->json)
		fprintf(stderr, "Found %zu potentially relevant firmwares\n", found->count);
	job->status = job->json ? NULL : status_create(2, clock_ms());
	ok = download_all(p->db, found, &opt, &job->arena, &list, e);
	status_destroy(job->status);
	tell_all(job, &list);
	tell_end(job, found->count);
	downloads_free(&list);
	return ok && tell_failures(job, e);
}

static bool nothing_found(struct job *job, const struct find_wish *wish, struct err *e)
{
	AUTO_STRBUF hint = STRBUF_INIT;

	if (job->json)
		tell_end(job, 0);
	if (job->failed == 1 && job->first.hint)
		strbuf_adds(&hint, job->first.hint);
	err_set(e, "No relevant firmwares could be found on %s/download%s%s", wish->base,
		job->failed ? ":" : "", job->failed > 1 ? job->failures.buf : "");
	if (job->failed == 1) {
		AUTO_STRBUF text = STRBUF_INIT;

		strbuf_addf(&text, "%s %s", e->msg, job->first.msg);
		err_set(e, "%s", text.buf);
	}
	return hint.len ? err_hint(e, "%s", hint.buf) : false;
}

static bool download(struct job *job, struct err *e)
{
	AUTO_STRBUF pages = STRBUF_INIT;
	struct http_options net = { .connections = job->connections, .stalled_s = job->timeout };
	struct find_wish wish = { .boards = &job->boards, .offline = job->offline, .net = &net };
	struct found_list found = { 0 };
	struct library_place p = { 0 };
	bool ok;

	wish.base = find_base(&job->arena);
	if (!dirs_cache(&pages, e) || !parse_versions(job, e))
		return false;
	strbuf_adds(&pages, "/pages");
	wish.page_dir = pages.buf;
	wish.versions = job->wants;
	wish.version_count = job->versions.count;
	if (asks(&job->boards))
		return answer_questions(job, &wish, e);
	if (!find_attached(job, e) || !answer_questions(job, &wish, e))
		return false;
	ok = library_place_open(&p, job->dir, DATABASE_WRITE, e) &&
	     find_firmware(p.db, &wish, &job->arena, &found, not_found, job, e);
	if (ok)
		ok = found.count ? fetch_found(job, &p, &wish, &found, e)
				 : nothing_found(job, &wish, e);
	library_place_close(&p);
	vec_free(&found);
	return ok;
}

static const char download_help[] =
	"Without --board: the firmware of the boards that are attached. All variants of a board are fetched.\n"
	"versions: stable (default), preview, X.Y.Z; `?` lists them. MPFLASH_DOWNLOAD_URL names another site.\n"
	"A download that was cut goes on where it ended. Proxies: https_proxy, http_proxy, no_proxy.\n";

static void free_job(struct job *job)
{
	vec_free(&job->versions);
	vec_free(&job->boards);
	attached_options_free(&job->attached);
	strbuf_free(&job->failures);
	err_free(&job->first);
	arena_free(&job->arena);
}

static bool download_run(int argc, char **argv, struct err *e)
{
	struct job job = { .failures = STRBUF_INIT, .begun_ms = clock_ms() };
	bool clean = true;
	const struct option table[] = {
		{ "version", 'v', NULL, OPT_LIST, "VERSION",
		  "stable, preview or X.Y.Z; may be repeated", &job.versions },
		{ "board", 'b', NULL, OPT_LIST, "ID", "for this board; may be repeated",
		  &job.boards },
		ATTACHED_OPTIONS(&job.attached),
		LIBRARY_DIR_OPTION('d', job.dir),
		{ "clean", 0, NULL, OPT_FLAG, NULL,
		  "leave date and hash out of the names (default; or --no-clean)", &clean },
		{ "force", 'f', NULL, OPT_FLAG, NULL, "fetch what is there too", &job.force },
		{ "offline", 0, NULL, OPT_FLAG, NULL,
		  "use what was fetched before, and nothing else", &job.offline },
		{ "jobs", 'j', NULL, OPT_COUNT, "N", "connections at once (6)", &job.connections },
		{ "timeout", 0, NULL, OPT_COUNT, "SECONDS",
		  "how long a server may send nothing (30)", &job.timeout },
		{ "json", 0, NULL, OPT_FLAG, NULL, "events, one JSON object a line", &job.json },
		{ 0 },
	};
	struct parsed p;
	bool ok = options_parse(table, argc, argv, &p, e);

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
	.run = download_run,
};
