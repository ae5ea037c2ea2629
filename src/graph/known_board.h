/* SPDX-License-Identifier: MIT
 *
 * Boards without a tree: to write a given image to one, its port and chip are enough, and those are known in other places, too.
 */
#ifndef GRAPH_KNOWN_BOARD_H
#define GRAPH_KNOWN_BOARD_H

#include "graph/rules.h"
#include "graph/session.h"

/*
 * The scope of "BOARD[-VARIANT]" as the rule files, the firmware library and the attached devices know it, in this order; with a port, the
 * board may be one that nobody knows. What two ports have needs the port. Strings are in the session's arena; the mcu is NULL
 * where nobody says it.
 */
bool known_board_find(struct session *s, const char *port, const char *name,
		      struct rules_scope *out, struct err *e);

#endif
