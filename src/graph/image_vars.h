/* SPDX-License-Identifier: MIT
 *
 * What the rules say about a board's images: flash.base, uf2.family, uf2.e10, dfu.vid, dfu.pid, dfu.name, bin.fill.
 */
#ifndef GRAPH_IMAGE_VARS_H
#define GRAPH_IMAGE_VARS_H

#include "graph/session.h"
#include "graph/step.h"
#include "image/image.h"

/* Reads them; numbers in C notation, families by name or number. Errors name the variable and the board. */
bool image_vars_read(struct session *s, const struct recipe *r, struct image_options *out,
		     struct err *e);

/* Appends those that are set as parts of a key. */
bool image_vars_parts(struct session *s, const struct step *step, struct strbuf *out,
		      struct err *e);

/* A number variable in C notation. *set: whether it is there; unset leaves *out alone. */
bool image_vars_number(struct session *s, const struct recipe *r, const char *name, uint32_t *out,
		       bool *set, struct err *e);

#endif
