/* SPDX-License-Identifier: MIT
 *
 * A list of choices under the keyboard: which of them fit what was typed, where the bar is, which are marked. How it looks is
 * cmd/choose.c's.
 */
#ifndef CMD_CHOOSE_LIST_H
#define CMD_CHOOSE_LIST_H

#include "base/strbuf.h"
#include "base/vec.h"
#include "cmd/choose.h"
#include "os/terminal.h"

struct choose_list {
	const struct choice *items; /* the caller's */
	size_t count;
	bool several;
	struct strbuf
		search; /* what was typed: words, all of which a name or what is said about it has, in any case */
	VEC(size_t) shown; /* those that fit, in the list's order */
	size_t at;         /* where the bar is, among the shown */
	bool *marked;      /* of all; a mark stays when its choice is not shown */
};

/* Nothing typed, all shown, the bar on the first. */
void choose_list_init(struct choose_list *l, const struct choice *items, size_t count,
		      bool several);
void choose_list_free(struct choose_list *l);

/*
 * What the key does: moves the bar (`page`: how far a page is), marks (a blank, where there may be several), or changes the search; the
 * bar then goes to the first whose name begins with what was typed, else to the first. Other keys do nothing.
 */
void choose_list_press(struct choose_list *l, enum terminal_key key, const char *text, size_t page);

/* The indices of the marked ones into `chosen` (room for all), else of the one that the bar is on; returns how many. */
size_t choose_list_take(const struct choose_list *l, size_t *chosen);

#endif
