/* SPDX-License-Identifier: MIT
 *
 * The graph of one run: what was asked for, and the steps that this takes, in an order in which they can run.
 */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include "graph/session.h"
#include "graph/step.h"

/* One word of the command line. */
struct goal {
	const char *text;
	struct recipe *recipe;
	struct node_list files; /* to be placed and told */
	struct step *action;    /* flash, verify, halt, clean; NULL: files only */
	bool many;              /* one of those that `all` or a pattern stands for */
};

struct graph {
	struct session *s;
	/* what a step needs comes before it, once graph_order was called */
	VEC(struct step *) steps;
	VEC(struct goal) goals;
};

/*
 * Adds what a target asks for (design: [VERB-|FORMAT-][PORT/]BOARD[-VARIANT], all, PORT/all, a pattern in the place of a
 * board, or a file that a statement of the tree makes). Errors: an unknown board (with near names), a name that two ports
 * have, a format or method that cannot be had, a pattern that no board fits.
 */
bool graph_add_target(struct graph *g, const char *text, struct err *e);

/* Adds a goal that is no word of the command line; its files are taken over, also on failure. */
bool graph_add_goal(struct graph *g, struct goal *goal, struct err *e);

/* An error when the targets stand for nothing: all that a pattern stands for is not covered. */
bool graph_has_goals(const struct graph *g, struct err *e);

/* Drops the goals that are not to be kept (`keep`: one a goal), and the steps that then nobody needs. Before graph_order. */
void graph_keep(struct graph *g, const bool *keep);

/* Links the steps; an error when steps wait for each other. */
bool graph_order(struct graph *g, struct err *e);

/*
 * Runs what has to run (with -n: tells it). False when something failed; the error holds every failure. The summary
 * is for the caller to print.
 */
bool graph_run(struct graph *g, struct err *e);

void graph_free(struct graph *g);

#endif
