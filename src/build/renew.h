/* SPDX-License-Identifier: MIT
 *
 * Work folders that were built in before. MicroPython's make compares dates, does not notice flags and does not redo its
 * QSTR extraction for headers: what an earlier run left is only right after the files that depend on what changed are
 * removed, or their sources are declared new. One table says what goes for which kind of change; whatever it does not
 * know makes the folder start from nothing.
 */
#ifndef BUILD_RENEW_H
#define BUILD_RENEW_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

enum change_kind {
	CHANGE_CONTENT, /* a file that was read has other bytes (or another mode) */
	CHANGE_ADDED,   /* something is where a look-up failed */
	CHANGE_REMOVED, /* what was read is gone */
	CHANGE_LISTING, /* a folder that was listed has other names */
	CHANGE_LINK,    /* a link leads elsewhere */
	CHANGE_MPY_CROSS, /* the mpy-cross that is handed to the build is another; path is "mpy-cross" */
};

struct change {
	enum change_kind kind;
	const char *path; /* relative to the tree, or absolute when outside of it */
	unsigned readers; /* enum reader, or-ed: who opened it last time */
};

struct renew_job {
	const char *work_dir; /* absolute: what make gets as BUILD */
	const char *tree;     /* absolute: its root */
	const char *make_dir; /* relative to the tree: where make runs ("ports/stm32") */
	const struct change *changes;
	size_t count;
	bool epoch_changed; /* SOURCE_DATE_EPOCH is another one than in the last run: __DATE__ is */
};

struct renew {
	bool fresh; /* nothing of the folder can be used; it was not touched: the caller empties it */
	const char *
		why; /* fresh: which change, in words; else how much goes ("3 objects"); in the arena */
	struct strv
		words;  /* further words for make: -W FILE ... ; strings in the arena; vec_free */
	size_t removed; /* files that were removed */
};

/*
 * Makes the folder ready for a make that rebuilds what the changes touch. False with an error when a file cannot be
 * removed: then the caller empties the folder too.
 */
bool renew_folder(const struct renew_job *job, struct arena *a, struct renew *out, struct err *e);

#endif
