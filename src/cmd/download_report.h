/* SPDX-License-Identifier: MIT
 *
 * How downloads go and went, for people (lines on standard output, a status line) or for programs (events on standard output,
 * one JSON object a line: done, skip, fail, and last a summary).
 */
#ifndef CMD_DOWNLOAD_REPORT_H
#define CMD_DOWNLOAD_REPORT_H

#include "graph/status.h"
#include "library/download.h"

struct download_report {
	bool json;
	bool silent; /* nothing of how it goes but in the status area */
	int64_t begun_ms;
	int64_t told_ms;        /* when a line told last how it goes; 0: none did */
	struct status *status;  /* NULL: none; the caller's */
	struct strbuf failures; /* their messages, a line each with a line break before it */
	size_t failed, fetched, there;
	struct err first; /* failure */
};
#define DOWNLOAD_REPORT_INIT            \
	{                               \
		.failures = STRBUF_INIT \
	}
void download_report_free(struct download_report *r);

/* A board, or a version of it, that is not there: a find_failed_fn. */
void download_report_missing(void *ctx, const char *board, const struct err *e);

/* While files come: http_options.progress, with the report as its context. */
void download_report_progress(void *ctx, struct http_fetch *f, size_t count);

/* One file is over: download_options.ended, with the report as its context. */
void download_report_file(void *ctx, const struct download *d);
void download_report_end(const struct download_report *r, size_t found);

/* False with an error when something failed: one failure as it is, several in one message. */
bool download_report_verdict(struct download_report *r, struct err *e);

#endif
