/* SPDX-License-Identifier: MIT
 *
 * Digests of files, remembered by what lstat says, so that an unchanged file is not read again. lstat is only
 * the filter: (dev, ino, mode, size, mtime, ctime) must all match, and a file that changed less than two seconds
 * before it was read is never remembered (a later write could leave the same times).
 */
#ifndef CACHE_STATCACHE_H
#define CACHE_STATCACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "cache/store.h"
#include "os/fs.h"

struct statcache;

/* The digests known for files below `root` (any name: one saved blob per root). */
struct statcache *statcache_open(struct store *s, const char *root, struct err *e);

/* Saves when something new was learned (unless `forget`), and frees. Takes NULL. */
bool statcache_close(struct statcache *c, bool forget, struct err *e);

/*
 * The digest of a file's bytes and its executable bit (of a link: its text). *missing is set when there is no such
 * file (the digest is zero then); a folder or an unreadable file is an error.
 */
bool statcache_digest(struct statcache *c, const char *path, struct digest *out, bool *missing,
		      struct err *e);

/* The digest that statcache_digest would give, when it is known without reading the file; `st`: what lstat says now. */
struct fs_stat;
bool statcache_known(struct statcache *c, const char *path, const struct fs_stat *st,
		     struct digest *out);

/*
 * The newest ctime among the files that were asked for since the last call with `reset` (0: none). A build whose inputs
 * have one at or after its start may have read something else than they hold now.
 */
int64_t statcache_newest(struct statcache *c, bool reset);

/* The same without the executable bit: the digest of the bytes alone, as blobs have it. */
bool statcache_content(struct statcache *c, const char *path, struct digest *out, bool *missing,
		       struct err *e);

/*
 * Of a folder: the digest of its names, and of the rules that say which of them count. `st` is its lstat, taken (at
 * now_ns) before the names were read. Remembered under the same conditions as a file; get: false when it is not known.
 */
bool statcache_get_folder(struct statcache *c, const char *path, const struct fs_stat *st,
			  struct digest *rules, struct digest *names);
void statcache_put_folder(struct statcache *c, const char *path, const struct fs_stat *st,
			  int64_t now_ns, const struct digest *rules, const struct digest *names);

#endif
