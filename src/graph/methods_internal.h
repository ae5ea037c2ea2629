/* SPDX-License-Identifier: MIT
 *
 * What methods.c (all methods) and methods_declared.c (one declaration) share.
 */
#ifndef GRAPH_METHODS_INTERNAL_H
#define GRAPH_METHODS_INTERNAL_H

#include "graph/methods.h"

/* Fills a record, whose `from` is set, from its declaration; what it points to is in the arena. */
bool declared_method_read(struct declared_method *d, const struct rules *r, struct arena *a,
			  struct err *e);

#endif
