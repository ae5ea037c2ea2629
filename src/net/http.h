/* SPDX-License-Identifier: MIT
 *
 * Files from the web: several at once, whole or not at all. What arrives is written to TARGET.part, what is known of it to
 * TARGET.part.info; TARGET itself appears, synced and checked, when all of it is there. A cut transfer, a killed process and
 * Ctrl-C leave the part, and the next fetch of that address goes on where it ended, if the server still has the same file.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum http_state {
	HTTP_WAITING, /* for its turn, or for the next attempt */
	HTTP_RUNNING,
	HTTP_DONE,
	HTTP_SAME, /* the server says that `etag` or `modified` still holds: nothing was written */
	HTTP_FAILED, /* `error` says why */
};

enum { HTTP_SHA256_HEX = 65, HTTP_WORD_MAX = 200 };

struct http_fetch {
	/* What is wanted. Strings are the caller's. */
	const char *url; /* http:// or https:// */
	const char
		*target;   /* path of the file; its folder exists. One that is there is replaced. */
	bool page;         /* HTML is what is wanted; without this an HTML page is an error */
	uint64_t max_size; /* bytes; 0: 256 MiB */
	const char *sha256; /* what it must be, 64 hex digits; NULL: whatever it is */
	/*
	 * Looks at the whole file (at `path`) before it gets its name; false: it is thrown away, with the error. NULL: all is
	 * well.
	 */
	bool (*check)(void *ctx, const struct http_fetch *f, const char *path, struct err *e);
	void *ctx;

	/*
	 * Words of the server about the file ("" : none). With `ask_changed`, those of a copy that the caller has: the answer
	 * may be HTTP_SAME. Afterwards those of what was fetched.
	 */
	bool ask_changed;
	char etag[HTTP_WORD_MAX], modified[HTTP_WORD_MAX];

	/* How it goes, and how it went. */
	enum http_state state;
	uint64_t size, total; /* bytes that are there; of the whole file, 0: not known */
	uint64_t resumed;     /* bytes that were there before */
	int64_t begun_ms;     /* when the first attempt began, on clock_ms; 0: not yet */
	int attempts;         /* so far */
	int status;           /* of HTTP; 0: no answer */
	bool no_contact;      /* no server was reached: name, network, proxy, TLS */
	char sha256_got[HTTP_SHA256_HEX]; /* HTTP_DONE */
	struct err error;                 /* HTTP_FAILED; freed by http_fetch_free */
};
void http_fetch_free(
	struct http_fetch *f); /* only what is its own; may be called on a zeroed one */

struct http_options {
	int connections; /* at once; 0: 6 */
	int connect_s;   /* for a connection; 0: 10 */
	int stalled_s;   /* without a byte; 0: 30 */
	int attempts;    /* of one file that brought nothing new; 0: 4 */
	/* Called about ten times a second, and whenever one has ended: it is the callback's to free then. NULL: nobody looks. */
	void (*progress)(void *ctx, struct http_fetch *items, size_t count);
	void *ctx;
};

/*
 * Fetches all of them; those that fail do not stop the others. True: each is HTTP_DONE or HTTP_SAME. False without a message
 * in `e`: look at the items. False with one: libcurl cannot be loaded, or the user interrupted (ERR_INTERRUPTED; the parts
 * stay). Signals are caught meanwhile (process_catch_interrupts). Proxies are those of the environment (http_proxy, https_proxy,
 * all_proxy, no_proxy), certificates those of the system or of CURL_CA_BUNDLE, SSL_CERT_FILE, SSL_CERT_DIR.
 *
 * Tried again, after 0.5, 1, 2... s or when Retry-After says: 408, 429, 5xx, connections that were cut, stalled, or ended
 * early. Redirects: five, never from https to http.
 */
bool http_fetch_all(struct http_fetch *items, size_t count, const struct http_options *opt,
		    struct err *e);

#endif
