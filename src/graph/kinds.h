/* SPDX-License-Identifier: MIT
 *
 * The kinds of steps; each is described in its own file.
 */
#ifndef GRAPH_KINDS_H
#define GRAPH_KINDS_H

#include "graph/step.h"

extern const struct step_kind clean_step;      /* removes what was built for a board */
extern const struct step_kind command_step;    /* a user's rule with a command */
extern const struct step_kind compile_step;    /* the port's own make */
extern const struct step_kind convert_step;    /* one image format from another, in process */
extern const struct step_kind flash_step;      /* an image onto a device */
extern const struct step_kind image_step;      /* pulls the image of a container */
extern const struct step_kind halt_step;       /* ends an emulated device */
extern const struct step_kind merge_step;      /* one image of several files, in process */
extern const struct step_kind submodules_step; /* what a build needs and git has elsewhere */
extern const struct step_kind read_step;       /* a device's memory into a file */
extern const struct step_kind verify_step;     /* compares a device with an image */

/* The program of a command step: an absolute path (a file of the tree), or a name to be looked for on the PATH. */
bool command_program(struct session *s, const struct step *step, const char **out, struct err *e);

#endif
