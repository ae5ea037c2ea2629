/* SPDX-License-Identifier: MIT
 *
 * Which submodules a board needs, as its port's own makefiles say: the target `submodules` of their make runs with a program
 * in the place of git that writes down what it is asked for, and does nothing.
 */
#ifndef BUILD_ASK_SUBMODULES_H
#define BUILD_ASK_SUBMODULES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

struct ask_job {
	const char *tree;        /* absolute, normalized */
	const char *make_dir;    /* of `make -C`, relative to the tree */
	const struct strv *args; /* make's words */
	const struct strv *env;  /* the exact environment; its PATH gets the stand-in in front */
	const char
		*build; /* what the words name as the build folder: another one is taken for this */
	const char *scratch; /* a name for a folder that is made for this, and removed */
};

/*
 * Adds the paths that `git submodule update` was asked for, relative to the tree, each once, in the arena. *complete: make
 * went through, so these are all; false: it has no such target, or needs something first (CMake: the submodules named so
 * far; a tool), or wants "all submodules". False with an error: the question could not be asked.
 */
bool submodules_ask(const struct ask_job *job, struct arena *a, struct strv *out, bool *complete,
		    struct err *e);

/* The same of what the stand-in wrote: per call the folder, its words, an empty line. False: one call names no path. */
bool submodules_asked(const char *tree, const char *log, struct arena *a, struct strv *out);

#endif
