/* SPDX-License-Identifier: MIT
 *
 * What the files of `mpflash complete` share.
 */
#ifndef CMD_COMPLETE_H
#define CMD_COMPLETE_H

#include <stddef.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "cmd/cmd.h"
#include "cmd/options.h"

struct completion {
	struct arena arena;
	const struct command *command;
	const char *const *words; /* behind the command's name, without the last one */
	size_t count;
	const char *word; /* the last one, which is to be completed; maybe "" */
	struct strbuf out;
};

/*
 * Adds a candidate for the word if it begins with it: before + text + after. `about`: what it is, one line (NULL: nothing to
 * say).
 */
void complete_add(struct completion *c, const char *before, const char *text, const char *after,
		  const char *about);

/* The shell completes files or folders itself. */
void complete_files(struct completion *c);
void complete_folders(struct completion *c);

/* Values of an option; `before` is what of the word comes before the value ("--stamp="). */
void complete_value(struct completion *c, const struct option *o, const struct option *table,
		    const char *before);

/* The words of a list (blanks or commas between them). */
void complete_list(struct completion *c, const char *before, const char *words);

/* What is attached, as one or more of: ports, ids for --device, probes, mounted drives of UF2 bootloaders. */
enum {
	COMPLETE_PORTS = 1,
	COMPLETE_IDS = 2,
	COMPLETE_PROBES = 4,
	COMPLETE_VOLUMES = 8,
};
void complete_devices(struct completion *c, unsigned what, const char *before);

/* Boards of the tree that the words before name, and of the firmware library. */
void complete_boards(struct completion *c, const struct option *table, const char *before);

/* Boards of the library without those of a tree (NULL: none). */
struct catalogue;
void complete_library(struct completion *c, const struct option *table, const char *before,
		      const struct catalogue *but);

/* The tree that the words before name; NULL: the one that the user is in. */
const char *complete_tree(const struct completion *c, const struct option *table);

/* Targets, boards, versions behind an '@' and the like, by c->command->words; trees and boards outside come from the words' options. */
void complete_words(struct completion *c, const struct option *table);

/*
 * Tags and branches of the tree `dir` (NULL: the one that the user is in; where there is none, of our clone); `before` is the word up
 * to its '@'.
 */
void complete_versions(struct completion *c, const char *dir, const char *before);

/* The value of an option among the words before; NULL: none. The last one counts; *i (from 0) goes on for lists. */
const char *complete_option_value(const struct completion *c, const struct option *table,
				  const char *name, size_t *i);

#endif
