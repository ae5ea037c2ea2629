/* SPDX-License-Identifier: MIT
 *
 * `make --import`: what was built goes into the firmware library.
 */
#ifndef CMD_IMPORT_H
#define CMD_IMPORT_H

#include "graph/graph.h"

/*
 * After a run: of each goal with a board the files firmware.EXT that were made and that a flasher takes, under the version that was
 * built in. A file that was imported before with the same bytes is not written again. Each is told by a note.
 */
bool import_built(struct graph *g, struct err *e);

#endif
