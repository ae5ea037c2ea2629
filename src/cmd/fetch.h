/* SPDX-License-Identifier: MIT
 *
 * Released firmware for commands that need it, from the download site into the library.
 */
#ifndef CMD_FETCH_H
#define CMD_FETCH_H

#include "cmd/library.h"
#include "library/find.h"

/*
 * Fills base and page_dir, in the arena: MPFLASH_DOWNLOAD_URL, or micropython.org (with or without the "/download" that its pages
 * begin with), and the folder of kept pages.
 */
bool fetch_site(struct find_wish *wish, struct arena *a, struct err *e);

struct fetch_options {
	const struct version_want *version;
	bool force;   /* what is there, too */
	bool offline; /* nothing: what is missing is told */
	bool quiet;   /* no lines for people */
};

/*
 * Fetches what the site has for the boards, in all formats of their ports. `missing` is told of each that it does not have, or that
 * could not be fetched, as find_firmware tells it. False: the site cannot be reached, the library not be written, or the user
 * interrupted.
 */
bool fetch_boards(struct library_place *p, const struct strv *boards, const struct fetch_options *o,
		  find_failed_fn *missing, void *ctx, struct err *e);

#endif
