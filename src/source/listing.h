/* SPDX-License-Identifier: MIT
 *
 * The names in a folder that count for a build that listed it. Raw listings change with every build folder, editor's
 * backup and note beside the sources; what is compared is the names that a build could pick up.
 *
 * Never counted: names that begin with '.', editors' backups, build-mpflash, __pycache__, sockets and pipes. In the tree
 * also not: what git ignores and does not track (without git: build, build-*), and regular files that no build picks up
 * by listing a folder (source/names.h). A folder that git ignores as a whole is judged like one outside of the tree:
 * somebody listed it all the same.
 */
#ifndef SOURCE_LISTING_H
#define SOURCE_LISTING_H

#include <stdbool.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/strbuf.h"
#include "cache/statcache.h"
#include "source/tree.h"

struct listings;

/*
 * `t` (its root may be NULL: nothing lies in it) and `stats` must outlive it. Digests of folders are remembered in
 * `stats` by lstat, under the digest of the ignore files that apply; libgit2 is loaded only when one of these changed.
 */
struct listings *listings_open(struct tree *t, struct statcache *stats);
void listings_close(struct listings *l); /* takes NULL */

/* Ignore files are looked at once; from here on they are looked at again. */
void listings_forget(struct listings *l);

/*
 * The digest of the names in `dir` (absolute, no links in it) that count, and of which of them are folders. *missing:
 * there is no such folder (nothing, or something else); the digest is zero then.
 */
bool listing_digest(struct listings *l, const char *dir, struct digest *out, bool *missing,
		    struct err *e);

/* Appends these names, sorted, one a line, '/' behind folders and '@' behind links. Lists the folder anew. */
bool listing_text(struct listings *l, const char *dir, struct strbuf *out, struct err *e);

#endif
