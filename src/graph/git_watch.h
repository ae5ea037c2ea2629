/* SPDX-License-Identifier: MIT
 *
 * How far git is that clones or fetches before the graph runs: in the status area, or in a note now and then.
 */
#ifndef GRAPH_GIT_WATCH_H
#define GRAPH_GIT_WATCH_H

#include "graph/report.h"

/* From here on, until the process ends; the report has to live as long. */
void git_watch_begin(struct report *report);

#endif
