/* SPDX-License-Identifier: MIT
 *
 * One attempt after the other at one file. Only http.c, transfer*.c include this.
 */
#ifndef NET_TRANSFER_H
#define NET_TRANSFER_H

#include "net/http.h"
#include "net/part.h"
#include "os/curl_lib.h"
#include "os/fs.h"

/* The header lines of the last answer that say something about the file. */
struct answer {
	int status;
	char etag[HTTP_WORD_MAX], modified[HTTP_WORD_MAX], type[HTTP_WORD_MAX];
	char encoding[HTTP_WORD_MAX];
	uint64_t length;                     /* Content-Length */
	uint64_t range_start, range_total;   /* Content-Range */
	bool has_length, has_range, chunked; /* what was there */
};

/* Why our callbacks ended an attempt. */
enum transfer_stop {
	STOP_NOT,
	STOP_FAILED,  /* the fetch's error says why; trying again would not help */
	STOP_RESTART, /* the part does not belong to this file: from the first byte, at once */
};

struct transfer {
	struct http_fetch *f;
	const struct http_options *opt; /* with defaults filled in */
	CURL *easy;                     /* NULL: not running */
	struct curl_slist *headers;
	struct part part;
	struct answer answer;
	bool body;       /* the answer's header lines were judged */
	bool from_start; /* the server does not go on with parts */
	enum transfer_stop stop;
	uint64_t most;   /* bytes that were ever there when an attempt began or ended */
	int fruitless;   /* attempts in a row that brought nothing */
	int64_t next_ms; /* when to try (again) */
	/* Another process held the part: it fetched the same address; what was at the target then (size 0: nothing). */
	bool waited, same_address;
	struct fs_stat before_wait;
	char why[CURL_ERROR_SIZE];
};

/* Starts an attempt. False: the fetch is over (failed, or another process has done it), or its target is held (it waits then). */
bool transfer_start(struct transfer *t, CURLM *multi, int64_t now_ms);

/* Looks at how the attempt went: done, failed, or to be tried again at next_ms. */
void transfer_end(struct transfer *t, CURLM *multi, CURLcode code, int64_t now_ms);

/* Stops it; what can be gone on with stays. */
void transfer_drop(struct transfer *t, CURLM *multi);

/* --- transfer_answer.c ---------------------------------------------------------------------------------------- */

/* A line of the answer's header. */
void answer_line(struct answer *a, const char *line, size_t len);

/* Before the first byte of the file (or at the end of an empty one). False: `stop` is set. */
bool transfer_judge(struct transfer *t);

/* --- transfer_error.c ----------------------------------------------------------------------------------------- */

/* Says why an attempt failed, and whether the next may do better. */
bool transfer_explain(struct transfer *t, CURLcode code, struct err *e);

/* The address without a name and password in it, for messages. */
void url_show(const char *url, struct strbuf *out);

#endif
