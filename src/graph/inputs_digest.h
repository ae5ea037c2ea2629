/* SPDX-License-Identifier: MIT
 *
 * The declared inputs of a compile step as one digest.
 */
#ifndef GRAPH_INPUTS_DIGEST_H
#define GRAPH_INPUTS_DIGEST_H

#include "graph/session.h"
#include "graph/step.h"

/*
 * The digest of the list of files under the rules' `inputs`, the board's folder when it is outside the tree, and
 * every value of --set or of make's own arguments that names a file (then its folder) or a folder. The list is put into the store under that digest, so that
 * reasons can compare. Boards with the same inputs share one look at the disk per session.
 */
bool inputs_digest(struct session *s, const struct step *step, struct digest *out, struct err *e);

/* The next inputs_digest of this step looks at the disk again. */
void inputs_forget(struct session *s, const struct step *step);

/* Appends the list behind a digest; false when it is not known any more. */
bool inputs_text(struct session *s, const struct digest *d, struct strbuf *out);

#endif
