/* SPDX-License-Identifier: MIT
 *
 * The flash methods of one run: those of the program (flash_methods[]), and the runners that rule files declare, which are the same
 * kind of thing with another origin. docs/RULES.md has the words of a declaration.
 */
#ifndef GRAPH_METHODS_H
#define GRAPH_METHODS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "flash/method.h"
#include "flash/runner.h"
#include "graph/rules.h"

/* A declared one. The method's functions are those of flash/runner.h. */
struct declared_method {
	struct flash_method method;
	struct runner runner;
	struct strv ports; /* none: any */
	int priority;
	const struct rules_runner *from;
};

struct methods {
	VEC(struct declared_method *) declared; /* in file order */
	VEC(const struct flash_method *) all;   /* those and flash_methods[], by name */
	struct arena arena;
};

/*
 * Reads the declarations; `out` is zeroed, the rules outlive it. Errors show the line: a word that is none, a command line that does not
 * parse, a name that another method has. methods_free takes a zeroed one and one that failed, too.
 */
bool methods_read(struct methods *out, const struct rules *r, struct err *e);
void methods_free(struct methods *m);

const struct flash_method *methods_at(const struct methods *m, size_t i); /* NULL: no more */
const struct flash_method *methods_find(const struct methods *m, const char *name); /* NULL: none */
/* The declaration of a method; NULL: it is the program's. */
const struct declared_method *methods_declaration(const struct methods *m,
						  const struct flash_method *method);

/*
 * Where a method stands when nobody named an order: 10 for what mpflash does itself, -10 for external tools, what a declaration says.
 */
int methods_priority(const struct methods *m, const struct flash_method *method);

/*
 * Adds to a board's list of methods (its rules' `flash`) those declared ones that name its port and are not in it: before the first one
 * of lower priority.
 */
void methods_add_declared(const struct methods *m, const char *port, struct strv *names);

/* Could a declared method write that device, as it is now? What its tool needs is looked at by `available`. */
bool methods_offers(const struct flash_method *m, const struct device *d);

#endif
