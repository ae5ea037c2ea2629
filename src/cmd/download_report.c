/* SPDX-License-Identifier: MIT
 *
 * What `mpflash download` says: lines or events, the status line, the last error.
 */
#include "cmd/download_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "base/size.h"
#include "os/clock.h"

enum { RATE_MS = 500 }; /* before that a rate is a guess */

void download_report_free(struct download_report *r)
{
	strbuf_free(&r->failures);
	err_free(&r->first);
}

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
static void report_failure(struct download_report *r, const char *board, const char *url,
			   const struct err *e)
{
	if (r->json)
		fail_event(board, url, e);
	strbuf_addf(&r->failures, "\n  %s", e->msg);
	if (e->hint)
		strbuf_addf(&r->failures, " (%s)", e->hint);
	if (r->failed++)
		return;
	err_set(&r->first, "%s", e->msg);
	if (e->hint)
		err_hint(&r->first, "%s", e->hint);
}

void download_report_missing(void *ctx, const char *board, const struct err *e)
{
	report_failure(ctx, board, NULL, e);
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
	emit(&line);
}

void download_report_end(const struct download_report *r, size_t found)
{
	AUTO_STRBUF line = STRBUF_INIT;
	struct json j = { .out = &line };

	if (!r->json && log_is_quiet())
		return;
	if (!r->json) {
		printf("Downloaded %zu firmware images.", r->fetched);
		if (r->there)
			printf(" %zu %s there already.", r->there, r->there == 1 ? "was" : "were");
		putchar('\n');
		return;
	}
	json_object(&j, NULL);
	json_string(&j, "event", "summary");
	json_int(&j, "found", (int64_t)found);
	json_int(&j, "downloaded", (int64_t)r->fetched);
	json_int(&j, "skipped", (int64_t)r->there);
	json_int(&j, "failed", (int64_t)r->failed);
	json_int(&j, "ms", clock_ms() - r->begun_ms);
	json_object_end(&j);
	emit(&line);
}

void download_report_file(void *ctx, const struct download *d)
{
	struct download_report *r = ctx;

	if (d->state == DOWNLOAD_FAILED) {
		report_failure(r, d->row.board_id, d->row.source, &d->error);
		return;
	}
	*(d->state == DOWNLOAD_THERE ? &r->there : &r->fetched) += 1;
	status_clear(r->status);
	if (r->json)
		tell_json(d);
	else if (!log_is_quiet())
		tell_text(d);
}

bool download_report_verdict(struct download_report *r, struct err *e)
{
	if (!r->failed)
		return true;
	if (r->failed > 1)
		return err_set(e, "%zu downloads failed:%s", r->failed, r->failures.buf);
	err_move(e, &r->first);
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
	if (!known || !fresh || ms < RATE_MS)
		return -1;
	total = total / known * count;
	return total > have ? (int64_t)((double)(total - have) * (double)ms / (double)fresh) : 0;
}

/* "45 %, 182.0 KB of 400.0 KB, 60 kB/s", of this file alone. */
static void add_file(const struct http_fetch *f, int64_t now, struct strbuf *out)
{
	int64_t ms = now - f->begun_ms;
	uint64_t fresh = f->size > f->resumed ? f->size - f->resumed : 0;

	if (f->total)
		strbuf_addf(out, "%d %%, ", (int)(f->size * 100 / f->total));
	size_text(f->size, out);
	if (f->total) {
		strbuf_adds(out, " of ");
		size_text(f->total, out);
	}
	if (ms < RATE_MS || !fresh)
		return;
	strbuf_adds(out, ", ");
	status_add_rate(out, fresh, ms);
}

static size_t add_lines(const struct http_fetch *f, size_t count, int64_t now, struct arena *a,
			struct status_line *lines)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		AUTO_STRBUF text = STRBUF_INIT;

		if (f[i].state != HTTP_RUNNING)
			continue;
		add_file(&f[i], now, &text);
		lines[n++] = (struct status_line){
			.name = arena_printf(a, "download %s", path_base(f[i].target)),
			.text = arena_strdup(a, text.buf),
			.permille = f[i].total ? (int)(f[i].size * 1000 / f[i].total) : -1,
		};
	}
	return n;
}

struct sums {
	size_t done;
	uint64_t bytes, total; /* total 0: not known of all */
};

static struct sums sum(const struct http_fetch *f, size_t count)
{
	struct sums s = { 0 };
	bool known = true;

	for (size_t i = 0; i < count; i++) {
		s.done += f[i].state >= HTTP_DONE;
		s.bytes += f[i].size;
		s.total += f[i].total;
		known = known && (f[i].total || f[i].state >= HTTP_DONE);
	}
	s.total = known ? s.total : 0;
	return s;
}

static void tell_event(const struct sums *s, size_t count)
{
	AUTO_STRBUF line = STRBUF_INIT;
	struct json j = { .out = &line };

	json_object(&j, NULL);
	json_string(&j, "event", "progress");
	json_int(&j, "files", (int64_t)s->done);
	json_int(&j, "of", (int64_t)count);
	json_int(&j, "done", (int64_t)s->bytes);
	if (s->total)
		json_int(&j, "total", (int64_t)s->total);
	json_object_end(&j);
	emit(&line);
}

/* Where there is no status area. */
static void tell_line(struct download_report *r, const struct http_fetch *f, size_t count,
		      int64_t now)
{
	const struct sums s = sum(f, count);
	int64_t left_ms = time_left(f, count, now - r->begun_ms);
	AUTO_STRBUF text = STRBUF_INIT;

	r->told_ms = now;
	if (r->json) {
		tell_event(&s, count);
		return;
	}
	strbuf_addf(&text, "download: %zu of %zu files, ", s.done, count);
	size_text(s.bytes, &text);
	if (left_ms >= 0) {
		strbuf_adds(&text, ", ");
		status_add_time(&text, left_ms);
		strbuf_adds(&text, " left");
	}
	log_note("%s", text.buf);
}

static bool line_is_due(const struct download_report *r, int64_t now)
{
	int64_t lines_ms = status_lines_ms(), last = r->told_ms ? r->told_ms : r->begun_ms;

	return !r->status && !r->silent && lines_ms && now - last >= lines_ms;
}

void download_report_progress(void *ctx, struct http_fetch *f, size_t count)
{
	struct download_report *r = ctx;
	AUTO_ARENA a = ARENA_INIT;
	struct status_line *lines = ARENA_ARRAY(&a, struct status_line, count + 1);
	int64_t now = clock_ms();
	struct status_facts facts = { .total = count, .lines = lines };

	if (line_is_due(r, now))
		tell_line(r, f, count, now);
	if (!r->status || status_wait_ms(r->status, now) > 0)
		return;
	facts.done = sum(f, count).done;
	facts.line_count = add_lines(f, count, now, &a, lines);
	facts.left_ms = time_left(f, count, now - r->begun_ms);
	status_show(r->status, &facts, now);
}
