/* SPDX-License-Identifier: MIT
 *
 * Telling what happens.
 */
#include "graph/report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "graph/status.h"
#include "os/fs.h"
#include "os/tty.h"

enum { OUTPUT_MAX = 64 << 20 };

/* Whoever reads events reads them when they happen. */
static void emit(const struct strbuf *object)
{
	puts(object->buf);
	fflush(stdout);
}

/* What all events of a step begin with. */
static void begin_event(struct json *j, const struct report *r, const char *name,
			const char *target, const char *step)
{
	json_object(j, NULL);
	json_string(j, "event", name);
	json_string(j, "target", target);
	if (r->device)
		json_string(j, "device", r->device);
	json_string(j, "step", step);
}

static void event(const struct report *r, const char *name, const char *target, const char *step,
		  const char *reason, const char *ms_name, int64_t ms)
{
	AUTO_STRBUF line = STRBUF_INIT;
	struct json j = { .out = &line };

	begin_event(&j, r, name, target, step);
	if (reason)
		json_string(&j, "reason", reason);
	if (ms_name)
		json_int(&j, ms_name, ms);
	json_object_end(&j);
	emit(&line);
}

/* A plan is what was asked for. */
static bool is_quiet(const struct report *r)
{
	return log_is_quiet() && !r->dry_run;
}

/* "compile  stm32/PYBV11: text" */
static void line(struct report *r, const char *target, const char *step, const char *text,
		 const char *reason)
{
	status_clear(r->status);
	fprintf(stderr, "%-8s %s%s%s: %s", step, target, r->where ? " on " : "",
		r->where ? r->where : "", text);
	if (reason)
		fprintf(stderr, "%s%s", *text ? ": " : "", reason);
	fputc('\n', stderr);
}

static void plan_event(const struct report *r, const char *target, const char *step,
		       const char *reason, int64_t ms, const char *plan)
{
	AUTO_STRBUF line = STRBUF_INIT;
	struct json j = { .out = &line };

	begin_event(&j, r, "plan", target, step);
	if (reason)
		json_string(&j, "reason", reason);
	if (ms)
		json_int(&j, "estimate_ms", ms);
	if (plan)
		json_raw(&j, "plan", plan);
	json_object_end(&j);
	emit(&line);
}

void report_plan(struct report *r, const char *target, const char *step, const char *reason,
		 int64_t ms, const char *plan)
{
	char text[48] = "would run";

	if (ms)
		snprintf(text, sizeof(text), "would run (about %.1f s)", (double)ms / 1000);
	r->run++;
	if (r->json)
		plan_event(r, target, step, reason, ms, plan);
	else
		line(r, target, step, text, reason);
}

void report_start(struct report *r, const char *target, const char *step, const char *reason,
		  int64_t estimate_ms)
{
	status_clear(r->status);
	if (r->json)
		event(r, "start", target, step, reason, estimate_ms ? "estimate_ms" : NULL,
		      estimate_ms);
	else if (is_quiet(r))
		return;
	else if (estimate_ms >= 1000)
		fprintf(stderr, "%-8s %s%s%s ... (about %.0f s)\n", step, target,
			r->where ? " on " : "", r->where ? r->where : "",
			(double)estimate_ms / 1000);
	else
		fprintf(stderr, "%-8s %s%s%s ...\n", step, target, r->where ? " on " : "",
			r->where ? r->where : "");
}

void report_done(struct report *r, const char *target, const char *step, const char *reason,
		 int64_t ms)
{
	char text[48];

	r->run++;
	if (r->json) {
		event(r, "done", target, step, reason, "ms", ms);
		return;
	}
	if (is_quiet(r))
		return;
	if (ms >= 1000)
		snprintf(text, sizeof(text), "done in %.1f s", (double)ms / 1000);
	else
		snprintf(text, sizeof(text), "done in %" PRId64 " ms", ms);
	line(r, target, step, text, reason);
}

void report_skip(struct report *r, const char *target, const char *step, const char *reason)
{
	r->skipped++;
	if (r->json)
		event(r, "skip", target, step, reason, NULL, 0);
	else if ((r->explain && !is_quiet(r)) || r->dry_run)
		line(r, target, step, "nothing to do", reason);
}

void report_fail(struct report *r, const char *target, const char *step, const char *message,
		 const char *hint)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	r->failed++;
	if (!r->json) {
		if (*step)
			line(r, target, step,
			     tty_takes_colour(STDERR_FILENO) ? "\033[31mFAILED\033[0m" : "FAILED",
			     NULL);
		return;
	}
	begin_event(&j, r, "fail", target, step);
	json_string(&j, "reason", message);
	json_string(&j, "hint", hint);
	json_object_end(&j);
	emit(&out);
}

void report_select(struct report *r, const char *target, bool taken, const char *reason)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	if (!r->json) {
		if (r->explain && !is_quiet(r))
			line(r, target, "since", taken ? "taken" : "left out", reason);
		return;
	}
	json_object(&j, NULL);
	json_string(&j, "event", "select");
	json_string(&j, "target", target);
	json_bool(&j, "taken", taken);
	json_string(&j, "reason", reason);
	json_object_end(&j);
	emit(&out);
}

void report_builder(struct report *r, const char *target, const char *step, const char *builder,
		    const char *image, const char *reason)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	if (!r->json) {
		if (image)
			strbuf_addf(&out, "runs in %s, image %s", builder, image);
		else
			strbuf_addf(&out, "runs on the %s", builder);
		if (r->explain && !is_quiet(r))
			line(r, target, step, out.buf, reason);
		return;
	}
	json_object(&j, NULL);
	json_string(&j, "event", "builder");
	json_string(&j, "target", target);
	json_string(&j, "step", step);
	json_string(&j, "builder", builder);
	json_string(&j, "image", image);
	json_string(&j, "reason", reason);
	json_object_end(&j);
	emit(&out);
}

void report_stop(struct report *r, const char *target, const char *step)
{
	r->stopped++;
	if (r->json)
		event(r, "stop", target, step, NULL, NULL, 0);
	else
		line(r, target, step, "stopped", NULL);
}

void report_progress(struct report *r, const char *target, const char *step, const char *what,
		     uint64_t done, uint64_t total)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	if (!r->json)
		return;
	begin_event(&j, r, "progress", target, step);
	json_string(&j, "what", what);
	json_int(&j, "done", (int64_t)done);
	json_int(&j, "total", (int64_t)total);
	json_object_end(&j);
	emit(&out);
}

void report_going(struct report *r, const char *target, const char *step, const char *text,
		  int64_t ms, int64_t estimate_ms)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	if (!r->json) {
		if (!is_quiet(r))
			line(r, target, step, *text ? text : "goes on", NULL);
		return;
	}
	begin_event(&j, r, "progress", target, step);
	json_string(&j, "text", text);
	json_int(&j, "ms", ms);
	if (estimate_ms)
		json_int(&j, "estimate_ms", estimate_ms);
	json_object_end(&j);
	emit(&out);
}

void report_output(struct report *r, const char *path)
{
	AUTO_STRBUF log = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;

	if (!log_shows(LOG_LEVEL_DEBUG) || !fs_read(&log, path, OUTPUT_MAX, &ignored))
		return;
	status_clear(r->status);
	fwrite(log.buf, 1, log.len, stderr);
}

void report_note(struct report *r, const char *fmt, ...)
{
	AUTO_STRBUF text = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	if (r->json) {
		AUTO_STRBUF out = STRBUF_INIT;
		struct json j = { .out = &out };

		json_object(&j, NULL);
		json_string(&j, "event", "note");
		json_string(&j, "text", text.buf);
		json_object_end(&j);
		emit(&out);
	} else if (!log_is_quiet()) {
		status_clear(r->status);
		fprintf(stderr, "note: %s\n", text.buf);
	}
}

void report_file(struct report *r, const char *target, const char *path, uint64_t size)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	status_clear(r->status);
	if (!r->json) {
		printf("%s  %" PRIu64 " bytes\n", path, size);
		return;
	}
	json_object(&j, NULL);
	json_string(&j, "event", "file");
	json_string(&j, "target", target);
	json_string(&j, "path", path);
	json_int(&j, "size", (int64_t)size);
	json_object_end(&j);
	emit(&out);
}

void report_device(struct report *r, const char *target, const char *text, const char *address)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	status_clear(r->status);
	if (!r->json) {
		printf("%s on %s%s%s\n", target, address, *text ? ": " : "", text);
		return;
	}
	json_object(&j, NULL);
	json_string(&j, "event", "device");
	json_string(&j, "target", target);
	json_string(&j, "serialport", address);
	json_string(&j, "description", text);
	json_object_end(&j);
	emit(&out);
}

void report_result(struct report *r, const struct report_result *result)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct json j = { .out = &out };

	if (!r->json)
		return;
	json_object(&j, NULL);
	json_string(&j, "event", "result");
	json_string(&j, "target", result->target);
	if (result->device)
		json_string(&j, "device", result->device);
	json_string(&j, "outcome", result->outcome);
	json_int(&j, "ms", result->ms);
	if (result->size >= 0)
		json_int(&j, "size", result->size);
	if (result->step)
		json_string(&j, "step", result->step);
	if (result->error)
		json_string(&j, "error", result->error);
	if (result->log)
		json_string(&j, "log", result->log);
	json_object_end(&j);
	emit(&out);
}
