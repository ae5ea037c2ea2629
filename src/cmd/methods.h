/* SPDX-License-Identifier: MIT
 *
 * The flash methods as a command sees them that needs nothing else of a session.
 */
#ifndef CMD_METHODS_H
#define CMD_METHODS_H

#include "graph/methods.h"
#include "graph/rules.h"

struct method_list {
	struct rules *rules;
	struct methods methods;
};

/*
 * With all rules: built in, the user's, the tree's (tree_dir as -C has it; a tree that nobody named may be missing), and `files`.
 * method_list_close takes a zeroed one and one that failed, too.
 */
bool method_list_open(struct method_list *l, const char *tree_dir, const struct strv *files,
		      struct err *e);
void method_list_close(struct method_list *l);

/*
 * Is there a method of that name, with those rules? A usage error suggests the nearest. *through_probe: it works through a debug probe.
 */
bool method_check_name(const char *name, const char *tree_dir, const struct strv *files,
		       bool *through_probe, struct err *e);

#endif
