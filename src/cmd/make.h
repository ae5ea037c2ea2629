/* SPDX-License-Identifier: MIT
 *
 * The commands that are `make` under another name: one option table for all of them.
 */
#ifndef CMD_MAKE_H
#define CMD_MAKE_H

#include "base/arena.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "graph/session.h"

struct make_words {
	const struct command *command;
	const char *help; /* what the words are, for --help; whole lines */
	const char *wants, *example,
		*list; /* for who gives no word: "target", "PYBV11", "boards" */
	bool rebuild;  /* see struct make_options */
	/*
	 * Turns the words (one at least) into targets of make, and what is for the port's make into p->rest; strings may be
	 * in the arena. NULL: they are targets as they are.
	 */
	bool (*change)(struct parsed *p, const struct make_options *opt, struct arena *a,
		       struct err *e);
};

bool make_words_run(const struct make_words *w, int argc, char **argv, struct err *e);

#endif
