/* SPDX-License-Identifier: MIT
 *
 * The version stamp that MicroPython builds in: what py/makeversionhdr.py would say, told by us instead, so that
 * the same sources give the same bytes in any folder on any day.
 */
#ifndef SOURCE_STAMP_H
#define SOURCE_STAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "source/tree.h"

struct stamp {
	/* MICROPY_GIT_TAG: "v1.29.0-preview.731.g1c3c201149", with ".dirty.<8 hex>" for changes */
	char tag[160];
	char hash
		[41]; /* MICROPY_GIT_HASH: the commit's first ten digits; "<no hash>" without git */
	int64_t epoch; /* SOURCE_DATE_EPOCH: time of the commit, seconds since 1970 */
	/* "", or what could not be told and what stands for it, for people */
	char note[400];
};

/*
 * Reads the stamp of the tree as it is: `git describe --tags --match 'v[1-9].*' --abbrev=10` in
 * makeversionhdr.py's dotted form; in place of its ".dirty" the digest of what differs from HEAD (changed and
 * untracked files, submodules included), so that a board can tell which changes it runs. Where libgit2 does not read
 * the repository the git program is asked; where that fails too there is a note. A tree without git takes the version
 * from py/mpconfig.h and the date from that file. Costs about what `git status` does: 0.2 s on MicroPython's tree.
 */
bool stamp_read(struct tree *t, struct stamp *out, struct err *e);

/* Appends ".<word>" to the tag, "-<word>" when it has no '-' yet: a release's tag stays a version number. */
void stamp_append(struct stamp *s, const char *word);

/*
 * Whether py/makeversionhdr.py of the tree does not look at the variables and asks git itself (before v1.20): what such
 * a build has built in is not ours to say.
 */
bool stamp_is_ignored(const struct tree *t);

#endif
