/* SPDX-License-Identifier: MIT
 *
 * A flash that is no word of the command line: board, device and firmware are settled by who asks.
 */
#ifndef GRAPH_FLASH_WISH_H
#define GRAPH_FLASH_WISH_H

#include "graph/graph.h"

struct device;
struct flash_method;

/* Everything has to live as long as the session. */
struct flash_wish {
	const char *text; /* what the user calls it, for messages */
	struct recipe *recipe;
	const struct device *
		device; /* of device_list or device_choose; NULL: the method has devices of its own */
	const char *image; /* this firmware; NULL: what is built */
};

/* What became of it. */
struct flash_added {
	struct step *step;
	const struct flash_method *method; /* that will write it */
	const char *file;   /* what is flashed: `image`, or the name of the file that is built */
	const char *format; /* what the method gets of it: "hex" */
	const struct node *built; /* the same as a file that is built; NULL: it is there */
};

/*
 * Adds the flash to the graph, and of a build the files that belong to it: the one that the port ships and the one in the
 * method's format. The method is chosen now, so that what is in the way is known before anything is built: an error then leaves
 * the graph as it was.
 */
bool graph_add_flash(struct graph *g, const struct flash_wish *w, struct flash_added *out,
		     struct err *e);

#endif
