/* SPDX-License-Identifier: MIT
 *
 * Recipes: the steps that the rules give for one board.
 */
#ifndef GRAPH_RECIPE_H
#define GRAPH_RECIPE_H

#include "graph/builder_choice.h"
#include "graph/session.h"
#include "graph/step.h"

/*
 * The recipe of a board or a variant of it, made once per session. Errors: the port has no rules or is not covered,
 * two statements of the same rank make one file, a rule that this version cannot run.
 */
bool recipe_get(struct session *s, struct board *board, const char *variant, struct recipe **out,
		struct err *e);

/*
 * The recipe of a board's boot loader, from the rules' port "mboot-PORT"; whether the board has one is for the caller to ask
 * (graph/mboot.h).
 */
bool recipe_mboot(struct session *s, struct board *board, struct recipe **out, struct err *e);

/*
 * Those without a board: "mpy-cross" (port of that name in the rules), built where the board is that uses it (NULL: where it
 * can be); and the tree's own statements.
 */
bool recipe_mpy_cross(struct session *s, const struct builder_choice *of_board, struct recipe **out,
		      struct err *e);
bool recipe_tree(struct session *s, struct recipe **out, struct err *e);

/* The recipe for the steps of a container's image; it has none at first. `s` is the top session. */
struct recipe *recipe_of_image(struct session *s, const char *image);

/* A board for a given image without a tree: see graph/known_board.h. NULL port: that of the board. */
bool recipe_device(struct session *s, const char *port, const char *board, struct recipe **out,
		   struct err *e);

/* False with the reason when no rules cover the port, or when they say why it is not covered. */
bool port_check_covered(struct session *s, const char *port, struct err *e);

/*
 * A board for which there is firmware: the tree's, where it has the board, else one with the rules of its port and `mcu` (NULL: not
 * known; as in board.json).
 */
bool recipe_released(struct session *s, const char *port, const char *board_id, const char *mcu,
		     struct recipe **out, struct err *e);

/* Frees what the session's recipes hold outside its arena. */
void recipes_close(struct session *s);

/* The node of that name; NULL: none. */
struct node *recipe_find(const struct recipe *r, const char *name);

/* Adds a step of the program's own to the recipe (flash, a format that no rule names). */
struct step *recipe_add_step(struct session *s, struct recipe *r, const struct step_kind *kind,
			     const char *label);
struct node *recipe_add_node(struct session *s, struct recipe *r, const char *name);

/* A variable of the recipe's scope, in the session's arena; *out is NULL when it is not set. */
bool recipe_var(struct session *s, const struct recipe *r, const char *name, const char **out,
		struct err *e);
bool recipe_words(struct session *s, const struct recipe *r, const char *name, struct strv *out,
		  struct err *e);

#endif
