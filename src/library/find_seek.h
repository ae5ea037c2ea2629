/* SPDX-License-Identifier: MIT
 *
 * What the parts of find_firmware share: find.c looks, find_missing.c says what is not there. Only they include this.
 */
#ifndef LIBRARY_FIND_SEEK_H
#define LIBRARY_FIND_SEEK_H

#include "library/find.h"

/* One board that is asked for. */
struct seeker {
	const char *asked;
	struct strv names; /* itself, and the names it has or had */
	size_t next;       /* of names */
	bool *satisfied;   /* for each version */
	bool has_page;
	struct err never;         /* offline: its page was never fetched */
	bool failed;              /* told already */
	struct index_files files; /* of all its pages, for hints */
};

struct find {
	struct database *db;
	const struct find_wish *wish;
	struct arena *arena;
	struct found_list *out;
	find_failed_fn *failed;
	void *ctx;
	struct seeker *items;
	size_t count;
	bool no_contact;
	struct err first_error; /* of the network */
};

/* Whether all versions of it were found. */
bool find_satisfied(const struct find *f, const struct seeker *s);

/* Tells a failure of the board; it is not looked for any more. */
void find_tell(struct find *f, struct seeker *s, const struct err *e);

/* Tells boards and versions that were not found, with what there is instead. False: interrupted. */
bool find_missing(struct find *f, struct err *e);

#endif
