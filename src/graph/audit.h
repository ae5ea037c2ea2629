/* SPDX-License-Identifier: MIT
 *
 * Audits: what compile steps made, against the same made from nothing.
 */
#ifndef GRAPH_AUDIT_H
#define GRAPH_AUDIT_H

#include "graph/graph.h"

/*
 * After graph_run: runs every compile step of the graph once more, in an empty folder beside its work folder, with the
 * stamp that its result has, and compares what that makes with what the store has for it. Images byte by byte (an ELF by
 * what it loads: its debug information has paths), maps and listings not at all. Nothing is recorded and the folders are
 * removed. False when something differs: the error names every file, the first address and how many bytes.
 */
bool audit_run(struct graph *g, struct err *e);

/*
 * Whether two files of that name hold the same; else how they differ ("12 bytes differ, the first at 0x08001000") is
 * appended to `how`. *compared: false for a file whose bytes nobody can expect to be the same.
 */
bool audit_compare(const char *name, const char *path, const char *other, bool *compared,
		   struct strbuf *how, struct err *e);

#endif
