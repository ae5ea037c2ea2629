/* SPDX-License-Identifier: MIT
 *
 * Targets mboot-BOARD: the boot loader that a port can build for some of its boards.
 */
#ifndef GRAPH_MBOOT_H
#define GRAPH_MBOOT_H

#include "graph/session.h"
#include "graph/step.h"

/*
 * The recipe for [PORT/]BOARD. Errors: the port or the board has none (hint: near boards that do), a variant is named
 * (mboot's make knows none), there is no tree.
 */
bool mboot_recipe(struct session *s, const char *name, struct recipe **out, struct err *e);

/* Whether the rules and the board have it; false for variants. */
bool mboot_is_had(struct session *s, const struct board_choice *b);

/* The error that none of these boards has it, with a hint; false. */
bool mboot_none(struct session *s, const char *text, const struct board_choices *boards,
		struct err *e);

#endif
