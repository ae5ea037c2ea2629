/* SPDX-License-Identifier: MIT
 *
 * What the files of the closure share.
 */
#ifndef GRAPH_CLOSURE_INTERNAL_H
#define GRAPH_CLOSURE_INTERNAL_H

#include "graph/closure.h"
#include "os/fs.h"

/* How an absolute path without links is written in a closure; in the arena. */
const char *closure_spell(const struct session *s, const char *absolute, struct arena *a);

/* One outside of the tree, as it is found from the tree: "../x". */
const char *closure_spell_beside(const struct session *s, const char *absolute, struct arena *a);

/* The reverse of both, into a buffer that is reset first. */
void closure_locate(const struct session *s, const char *path, struct strbuf *out);

/* What is at a path. */
struct look {
	bool looked;
	bool gone;                   /* nothing is there */
	bool has_content, has_names; /* which digests are filled */
	struct fs_stat st;
	struct digest content; /* of a file; of a link: its text */
	struct digest names;   /* of a folder */
};

/* Fills what an entry of that kind needs; `path` is absolute. */
bool look_at(struct session *s, const char *path, uint8_t kind, struct look *look, struct err *e);

/* Whether it is as the entry says. */
bool look_holds(const struct look *look, uint8_t kind, const struct digest *digest);

#endif
