/* SPDX-License-Identifier: MIT
 *
 * The inputs of a build by declaration: every file under some folders of the tree that git does not ignore.
 */
#ifndef SOURCE_INPUTS_H
#define SOURCE_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "cache/statcache.h"
#include "source/tree.h"

/*
 * Appends one line per file, "<32 hex> <path>\n", sorted by path as a walk meets them: paths below the tree are
 * relative to it, others absolute. `roots` are files or folders, relative to the tree or absolute; one that does not
 * exist gives "absent <path>", so that its appearance is seen.
 *
 * A link gives two lines: its own text, and the file that it leads to (of a folder: all files in it).
 *
 * Left out: what git ignores, .git, and among files that git does not track dot files and editors' backups. A tree
 * without git leaves out build folders (build, build-*) and __pycache__.
 */
bool inputs_scan(struct tree *t, const char *const *roots, size_t count, struct statcache *stats,
		 struct strbuf *out, struct err *e);

#endif
