/* SPDX-License-Identifier: MIT
 *
 * Which firmware the download site has for boards.
 */
#ifndef LIBRARY_FIND_H
#define LIBRARY_FIND_H

#include "library/database.h"
#include "library/index.h"
#include "net/http.h"

struct find_wish {
	/* BOARD: with all its variants; BOARD-VARIANT: that one */
	const struct strv *boards;
	const struct version_want *versions;
	size_t version_count;
	const char *base;     /* "https://micropython.org", without '/' at the end */
	const char *page_dir; /* where pages are kept */
	bool offline;         /* only what is kept there, and in the library */
	const struct http_options *net;
};

struct found {
	const char *port, *url; /* port "": not known */
	struct firmware_name name;
	/* Offline, where no page tells it: the library's row (`url` and `name` are not set). NULL: a page tells it. */
	const struct firmware_row *row;
};
struct found_list {
	struct found *items; /* vec_free; the strings are in the arena */
	size_t count, cap;
};

/* A board, or a version of it, that is not there: told while the others go on. */
typedef void find_failed_fn(void *ctx, const char *board, const struct err *e);

/*
 * Each file once, in the order of the boards. A board that has no page, or not that version, is tried under its older and
 * newer names. Offline, what no kept page has is looked for in the library. False: the site cannot be reached, or the user interrupted.
 */
bool find_firmware(struct database *db, const struct find_wish *wish, struct arena *a,
		   struct found_list *out, find_failed_fn *failed, void *ctx, struct err *e);

/* All boards that the site has, sorted; the strings are in the arena. */
bool find_boards(const struct find_wish *wish, struct arena *a, struct strv *out, struct err *e);

/* All versions that the site has for wish->boards, the newest first. */
bool find_versions(const struct find_wish *wish, struct arena *a, struct strv *out, struct err *e);

#endif
