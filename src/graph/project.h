/* SPDX-License-Identifier: MIT
 *
 * A port's folder for one build alone (`project = copy` in the rules): ESP-IDF writes into its project (managed_components, lock files), so
 * two targets would meet there and the user's tree would change. In a container the copy is mounted over the port's folder.
 */
#ifndef GRAPH_PROJECT_H
#define GRAPH_PROJECT_H

#include <stdbool.h>

#include "base/err.h"
#include "graph/session.h"
#include "graph/step.h"

/* The port's folder, relative to the tree, when its rules want a copy of it; *out NULL: they do not. */
bool project_folder(struct session *s, const struct recipe *r, const char **out, struct err *e);

/* Where the copy for that work folder is; in the session's arena. */
const char *project_dir(struct session *s, const char *work_dir);

/*
 * Makes `dir` hold what the folder has and git does not ignore, by content; what is the same keeps its date, and files that only the
 * build made stay.
 */
bool project_sync(struct session *s, const char *folder, const char *dir, struct err *e);

#endif
