/* SPDX-License-Identifier: MIT
 *
 * Asking the user: one or several of a list (what `?` stands for), and yes or no. Where nobody can answer (a pipe, a CI
 * machine, --no-interactive) it is an error that says how to do without.
 */
#ifndef CMD_CHOOSE_H
#define CMD_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* May questions be asked? False: -x, the environment (cmd/global.h), or there is no terminal. */
bool choose_can_ask(void);

/* Texts are the caller's; control characters in them are not shown. */
struct choice {
	const char *name;
	const char *about; /* NULL: nothing to add */
};

struct choose_question {
	const char *prompt; /* "which board?" */
	const char
		*instead; /* what to give instead of asking, for the error's hint: "--board ID" */
	bool several;     /* any number of them, at least one */
};

/*
 * The indices of what was chosen, in the list's order, into `chosen` (room for `count`; at least 1), their number into *number. The
 * list is searched while one types. False when the user cancelled (ERR_CANCELLED), when nobody can answer (the error lists the
 * choices), and when there is nothing to choose from.
 */
bool choose(const struct choose_question *q, const struct choice *items, size_t count,
	    size_t *chosen, size_t *number, struct err *e);

/* True when the user says yes ("y" or "yes" and Enter); everything else is ERR_CANCELLED. `instead`: "--yes". */
bool choose_yes(const char *question, const char *instead, struct err *e);

#endif
