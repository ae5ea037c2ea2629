/* SPDX-License-Identifier: MIT
 *
 * The last word of a run: what was built, taken from the store, flashed and left alone, and how long it took.
 */
#include "graph/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "base/strbuf.h"

static void json_boards(struct json *j, const struct report_boards *b)
{
	json_object(j, "boards");
	json_int(j, "built", b->built);
	json_int(j, "from_store", b->stored);
	json_int(j, "converted", b->converted);
	json_int(j, "flashed", b->flashed);
	json_int(j, "skipped", b->skipped);
	json_object_end(j);
}

static void json_summary(const struct report *r, int64_t ms)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	json_object(&j, NULL);
	json_string(&j, "event", "summary");
	json_int(&j, "run", r->run);
	json_int(&j, "skipped", r->skipped);
	json_int(&j, "failed", r->failed);
	json_int(&j, "flashed", r->flashed);
	if (!r->dry_run)
		json_boards(&j, &r->boards);
	if (r->stopped)
		json_int(&j, "stopped", r->stopped);
	if (r->left)
		json_int(&j, "left", r->left);
	if (r->interrupted)
		json_bool(&j, "interrupted", true);
	if (r->jobs && r->guessed < r->run) {
		json_int(&j, "jobs", r->jobs);
		json_int(&j, "estimate_ms", r->estimate_ms);
		json_int(&j, "guessed", r->guessed);
	}
	json_int(&j, "ms", ms);
	json_object_end(&j);
	puts(out.buf);
	fflush(stdout);
}

/* "1 h 5 min", "2 min 5 s", "12 s", "0.4 s": nobody wants it more exactly. */
static void add_time(struct strbuf *out, int64_t ms)
{
	int64_t s = (ms + 500) / 1000;

	if (s >= 3600)
		strbuf_addf(out, "%" PRId64 " h %d min", s / 3600, (int)(s / 60 % 60));
	else if (s >= 60)
		strbuf_addf(out, "%d min %d s", (int)(s / 60), (int)(s % 60));
	else if (ms >= 10000)
		strbuf_addf(out, "%d s", (int)s);
	else
		strbuf_addf(out, "%.1f s", (double)ms / 1000);
}

static void add_plan_time(const struct report *r, struct strbuf *out)
{
	if (!r->jobs || !r->run)
		return;
	if (r->guessed == r->run) {
		strbuf_adds(out, "; how long that takes is not known: none of it was timed yet");
		return;
	}
	strbuf_adds(out, "; about ");
	add_time(out, r->estimate_ms);
	strbuf_addf(out, " with -j%d", r->jobs);
	if (r->guessed)
		strbuf_addf(out, " (%d of the steps were never timed)", r->guessed);
}

/* "; 1 stopped, 2 not begun" */
static void add_undone(const struct report *r, struct strbuf *out)
{
	if (r->stopped)
		strbuf_addf(out, "; %d stopped", r->stopped);
	if (r->left)
		strbuf_addf(out, "%s %d not begun", r->stopped ? "," : ";", r->left);
}

static void add_count(struct strbuf *out, size_t from, int count, const char *what)
{
	if (count)
		strbuf_addf(out, "%s%d %s", out->len > from ? ", " : "", count, what);
}

/* "1 built, 2 from the store, 3 flashed, 1 skipped"; nothing of a plan, or when none of it happened. */
static void add_boards(const struct report *r, struct strbuf *out)
{
	const struct report_boards *b = &r->boards;
	size_t from = out->len;

	if (r->dry_run)
		return;
	add_count(out, from, b->built, "built");
	add_count(out, from, b->stored, "from the store");
	add_count(out, from, b->converted, "converted");
	add_count(out, from, b->flashed, "flashed");
	add_count(out, from, b->skipped, "skipped");
	add_count(out, from, r->failed, "failed");
}

static void add_steps(const struct report *r, struct strbuf *out)
{
	strbuf_addf(out, "%d step%s %s, %d up to date", r->run, r->run == 1 ? "" : "s",
		    r->dry_run ? "would run" : "run", r->skipped);
}

/* "1.2 s", "12 ms" */
static void add_took(int64_t ms, struct strbuf *out)
{
	if (ms >= 1000)
		strbuf_addf(out, "%.1f s", (double)ms / 1000);
	else
		strbuf_addf(out, "%" PRId64 " ms", ms);
}

static void add_outcome(const struct report *r, int64_t ms, struct strbuf *out)
{
	size_t from = out->len;

	if (!r->run && !r->failed && !r->interrupted) {
		strbuf_addf(out, "nothing to do: %d step%s up to date (", r->skipped,
			    r->skipped == 1 ? "" : "s");
		add_took(ms, out);
		strbuf_addch(out, ')');
		return;
	}
	add_boards(r, out);
	if (out->len > from) {
		strbuf_adds(out, " in ");
		add_took(ms, out);
		strbuf_adds(out, " (");
		add_steps(r, out);
	} else {
		add_steps(r, out);
		strbuf_adds(out, " (");
		add_took(ms, out);
	}
	strbuf_addch(out, ')');
}

void report_summary(struct report *r, int64_t ms)
{
	AUTO_STRBUF text = STRBUF_INIT;

	if (r->json) {
		json_summary(r, ms);
		return;
	}
	if (log_is_quiet() && !r->dry_run)
		return;
	fflush(stdout); /* the files and devices stand before the last line */
	if (r->interrupted)
		strbuf_adds(&text, "interrupted: ");
	add_outcome(r, ms, &text);
	add_undone(r, &text);
	add_plan_time(r, &text);
	fprintf(stderr, "%s\n", text.buf);
}
