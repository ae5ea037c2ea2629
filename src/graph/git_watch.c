/* SPDX-License-Identifier: MIT
 *
 * Git's own words, drawn as ours.
 */
#include "graph/git_watch.h"

#include <unistd.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "graph/status.h"
#include "graph/step_progress.h"
#include "os/clock.h"
#include "source/git_program.h"

enum { KEPT = 1000 };

/* Of the process, as git_program_watch is. */
static struct git_watch {
	struct report *report;
	struct status *status;
	bool begun;
	int64_t told_ms;
	struct strbuf said; /* the last of it */
} watch = { .said = STRBUF_INIT };

static void begin(struct git_watch *w)
{
	w->begun = true;
	w->told_ms = clock_ms();
	if (!w->report->json && !w->report->status && !log_is_quiet() &&
	    !log_shows(LOG_LEVEL_DEBUG))
		w->status = status_create(STDERR_FILENO, w->told_ms);
}

static void end(struct git_watch *w)
{
	status_destroy(w->status);
	w->status = NULL;
	w->begun = false;
	strbuf_free(&w->said);
}

static void tell(struct git_watch *w, int64_t now)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct log_words words;
	struct status_line line = { "git", "", -1 };

	log_words_read(&words, w->said.buf, w->said.len);
	strbuf_adds(&text, words.what);
	if (words.permille >= 0)
		strbuf_addf(&text, " %d %%%s%s", words.permille / 10, *words.rate ? ", " : "",
			    words.rate);
	line.text = text.buf;
	line.permille = words.permille;
	if (w->status)
		status_show(
			w->status,
			&(struct status_facts){ .left_ms = -1, .lines = &line, .line_count = 1 },
			now);
	else
		report_note(w->report, "git: %s", text.buf);
}

static void heard(void *ctx, const char *data, size_t len)
{
	struct git_watch *w = ctx;
	int64_t now = clock_ms(), lines_ms = status_lines_ms();

	if (!len) {
		end(w);
		return;
	}
	if (!w->begun)
		begin(w);
	if (w->said.len > KEPT)
		strbuf_reset(&w->said);
	strbuf_add(&w->said, data, len);
	if (w->status ? status_wait_ms(w->status, now) > 0
		      : !lines_ms || now - w->told_ms < lines_ms)
		return;
	w->told_ms = now;
	tell(w, now);
}

void git_watch_begin(struct report *report)
{
	watch.report = report;
	git_program_watch(heard, &watch);
}
