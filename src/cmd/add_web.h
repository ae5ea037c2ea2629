/* SPDX-License-Identifier: MIT
 *
 * Firmware into the library from addresses.
 */
#ifndef CMD_ADD_WEB_H
#define CMD_ADD_WEB_H

#include "cmd/library.h"
#include "library/add.h"

/* http:// or https:// */
bool add_web_is_url(const char *word);

struct add_web {
	const struct add_options *opt;
	add_failed_fn *failed; /* of each that could not be fetched or added */
	void *ctx;
};

/*
 * Fetches all of them at once, with a status line, and adds each when it is whole: a file or an archive, as library_add has it.
 * The address is recorded as source, without a password in it. False: interrupted, or nothing can be fetched at all.
 */
bool add_web(const struct add_web *w, struct library_place *p, const struct strv *urls,
	     struct added_list *out, struct err *e);

#endif
