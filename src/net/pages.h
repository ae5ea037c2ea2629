/* SPDX-License-Identifier: MIT
 *
 * Pages of the web that are kept, with the server's words about them, so that one that did not change is not sent again and
 * the last one can be read without a network.
 */
#ifndef NET_PAGES_H
#define NET_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "net/http.h"

enum page_state {
	PAGE_FRESH,   /* from the server, just now (or it said that ours is still the same) */
	PAGE_KEPT,    /* `offline`: the one that was kept */
	PAGE_MISSING, /* the server has no such page (404, 410) */
	PAGE_FAILED,  /* `error` says why */
};

struct page {
	const char *url; /* the caller's */
	/* Whether what came is such a page: one that is not never takes the place of what is kept. NULL: any is. */
	bool (*check)(const char *text, size_t size, struct err *e);
	enum page_state state;
	struct strbuf text;
	bool no_contact; /* PAGE_FAILED: no server was reached */
	struct err error;
};
#define PAGE_INIT                   \
	{                           \
		.text = STRBUF_INIT \
	}
void page_free(struct page *p);

/*
 * Gets all pages, several at once; `dir` is the folder where they are kept (made). Each page has its own end in `state`. False:
 * the user interrupted, or nothing can be fetched at all (libcurl, the folder).
 */
bool pages_get(struct page *pages, size_t count, const char *dir, bool offline,
	       const struct http_options *opt, struct err *e);

#endif
