/* SPDX-License-Identifier: MIT
 *
 * What the ways to show boards share.
 */
#ifndef CMD_BOARDS_H
#define CMD_BOARDS_H

#include <stdbool.h>
#include <stddef.h>

#include "board/catalogue.h"
#include "cmd/cmd.h"

/* The boards that were asked for, in the catalogue's order. */
struct boards_list {
	struct board **items;
	size_t count, cap;
	const char *root; /* of the tree */
	const char *port; /* the only one, by where the user stands; NULL: none */
};

/* On stdout; the boards are loaded. */
void boards_show_tree(const struct boards_list *l);
void boards_show_text(const struct boards_list *l);
void boards_show_names(const struct boards_list *l);
void boards_show_json(const struct boards_list *l);

/*
 * What board_check finds of each, on stdout: "FILE: error: TEXT", paths below the tree's root without it, or a JSON array. False with
 * an error that counts them when there are errors.
 */
bool boards_show_check(const struct boards_list *l, bool json, struct err *e);

/* Deploy notes on stdout, wrapped for it. */
void boards_show_notes(const struct boards_list *l);

/* `mpflash boards update ...` */
extern const struct command boards_update_command;

#endif
