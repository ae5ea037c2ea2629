/* SPDX-License-Identifier: MIT
 *
 * Why a step runs or not, in words: by comparing the parts of its key with those of its last run.
 */
#ifndef GRAPH_REASON_H
#define GRAPH_REASON_H

#include "graph/session.h"
#include "graph/step.h"

/* In the session's arena. `last` NULL: it never ran. */
const char *reason_to_run(struct session *s, const struct step *step,
			  const struct store_last *last);
const char *reason_fresh(struct session *s, const struct step *step);

#endif
