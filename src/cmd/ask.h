/* SPDX-License-Identifier: MIT
 *
 * What `?` stands for in an option's words: a question with the choices that there are.
 */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include "base/arena.h"
#include "base/vec.h"
#include "cmd/choose.h"

/* Is a "?" among the words? */
bool ask_is_wanted(const struct strv *words);

/*
 * Asks; what is chosen (strings of `choices`) takes the place of the "?". Where nobody can be asked it is a usage error that has the
 * choices.
 */
bool ask_words(const struct choose_question *q, const struct strv *choices, struct strv *words,
	       struct arena *a, struct err *e);

#endif
