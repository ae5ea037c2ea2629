/* SPDX-License-Identifier: MIT
 *
 * The submodules that a step of a version needs: what its port's make said when it was asked (build/ask_submodules.h), else what
 * the rules name.
 */
#ifndef GRAPH_SUBMODULE_LIST_H
#define GRAPH_SUBMODULE_LIST_H

#include "graph/session.h"
#include "graph/step.h"

/*
 * The list as far as it is known, in the session's arena; vec_free. *known: make was asked; false: these are the rules', and
 * there may be others.
 */
bool submodule_list(struct session *s, const struct step *step, struct strv *out, bool *known,
		    struct err *e);

/*
 * Asks make and calls `bring` for what it names, again when more was named after that (CMake reads the makefiles of the
 * first ones); then for what the rules name, if make could not say it all. The answer is remembered with the version.
 */
bool submodule_list_ask(struct session *s, const struct step *step,
			bool (*bring)(void *ctx, const struct strv *paths, bool *some,
				      struct err *e),
			void *ctx, struct err *e);

#endif
