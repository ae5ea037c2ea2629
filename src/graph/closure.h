/* SPDX-License-Identifier: MIT
 *
 * The closure of a compile step: every path that it read, listed, looked at or looked for in vain, and what was there.
 * While all of that is as it was, running the step again would make the same.
 *
 * A path is written as it is found from any checkout: relative to the tree ("py/obj.c", "." for its root; "../x" when the
 * build climbed out of the tree to get there), below the home as "~/x", else absolute. It holds no links: each link on the way is an entry of its own, by its text.
 */
#ifndef GRAPH_CLOSURE_H
#define GRAPH_CLOSURE_H

#include "build/renew.h"
#include "build/mount.h"
#include "cache/manifest.h"
#include "graph/session.h"
#include "graph/step.h"

struct closure_entry {
	const char *path;
	uint8_t kind;    /* enum manifest_kind */
	uint8_t readers; /* enum reader, or-ed: who opened it */
	bool stale; /* of a work folder: it was changed by a run that failed, so its digest says nothing */
	struct digest digest;
};

struct closure {
	struct arena arena; /* paths live here */
	VEC(struct closure_entry)
	entries; /* sorted by path, one a path, once closure_look was called */
};

void closure_free(struct closure *c);

/* --- from a trace ----------------------------------------------------------------------------------------- */

/*
 * Adds what a trace's log says to `out`, without digests. Left out: the work folder, our cache, build-mpflash, .git,
 * and what the table of ignored paths names. `shown`: what the container saw of this machine (NULL: there was none); all else was its
 * image's, which is in the key. *spoiled (in the session's arena): a path outside the work folder that was both
 * written and read, so that nobody can say what was read; NULL: none. *why: the log is not the whole story; NULL: it is.
 */
bool closure_from_trace(struct session *s, const char *log_path, const struct mounts *shown,
			struct closure *out, const char **spoiled, const char **why, struct err *e);

/* Adds copies of the entries of `from`. */
void closure_add(struct closure *to, const struct closure *from);

/*
 * Sorts, joins doubles, and fills kinds and digests with what is there now. *newest_ns: the newest ctime of a file that
 * was read; *newest_folder_ns: of a folder in the tree above one of them or listed. Both on the clock of clock_file_ns.
 */
bool closure_look(struct session *s, struct closure *c, int64_t *newest_ns,
		  int64_t *newest_folder_ns, struct err *e);

/* --- in the store ------------------------------------------------------------------------------------------ */

/* The weak key of a traced step that is made of these parts. */
struct digest closure_weak_key(const struct strbuf *parts);

/* The key of the action with this weak key whose closure is `c`. */
struct digest closure_key(const struct digest *weak, const struct closure *c);

bool closure_put(struct session *s, const struct digest *weak, const struct digest *key,
		 const struct closure *c, struct err *e);

/* The action whose closure holds now; *count: its entries. What is looked at is remembered for the session. */
bool closure_find(struct session *s, const struct digest *weak, struct digest *key, bool *found,
		  size_t *count, struct err *e);

/* What the session remembers of the disk is forgotten: another process or a build may have changed it. */
void closure_forget_looks(struct session *s);

/* The manifest of an action as a closure; *found: false when the store has it no more. */
bool closure_get(struct session *s, const struct digest *weak, const struct digest *key,
		 struct closure *out, bool *found, struct err *e);

/* --- differences --------------------------------------------------------------------------------------------- */

struct closure_change {
	struct change change;   /* path as in the entry */
	struct digest was, now; /* zero where there is none */
};
struct closure_changes {
	VEC(struct closure_change) items; /* vec_free */
};
/* How the disk differs from the closure now; at most `max` are looked for. Paths point into the closure. */
bool closure_compare(struct session *s, const struct closure *c, size_t max,
		     struct closure_changes *out, struct err *e);

/* --- what digests stand for ----------------------------------------------------------------------------------- */

/* Keeps the names of listed folders and the texts of links, for reasons. Loses them without a word when the disk is full. */
void closure_keep_texts(struct session *s, const struct closure *c);

/* A listing's names, each ended by a NUL ('/' behind folders, '@' behind links), or a link's text; appended. */
bool closure_text_then(struct session *s, uint8_t kind, const struct digest *digest,
		       struct strbuf *out);
bool closure_text_now(struct session *s, const char *path, uint8_t kind, struct strbuf *out);

/* --- as text, for a work folder ------------------------------------------------------------------------------- */

void closure_write(const struct closure *c, struct strbuf *out);
bool closure_parse(const char *text, size_t len, struct closure *out); /* false: damaged */

#endif
