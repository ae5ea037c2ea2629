/* SPDX-License-Identifier: MIT
 *
 * The store: content-addressed files plus an SQLite index, under one folder.
 *
 *     index.db          what is known: actions and their outputs, last runs, devices, file digests
 *     index.lock        held shared by each process that has the store open, alone by gc when nobody else has
 *     blobs/ab/cdef..   files by the XXH3-128 of their bytes, read-only
 *     work/ log/ lock/ devices/    owned by others, see store_path
 *
 * Nothing here knows about boards or make. Several processes may use one store at once.
 */
#ifndef CACHE_STORE_H
#define CACHE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/strbuf.h"
#include "base/vec.h"

struct store;

/*
 * Opens the store in `dir`, making what is missing. A store of a newer version is refused. `dry`: nothing on the disk
 * is made or changed, and the folder may be read-only; a store that does not exist looks empty, and what is put is lost.
 */
struct store *store_open(const char *dir, bool dry, struct err *e);
void store_close(struct store *s); /* takes NULL */

/* What is put between these is there as a whole or not at all. */
bool store_begin(struct store *s, struct err *e);
bool store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s); /* safe when nothing was begun */

/*
 * What opening found to be told to people, in one line; NULL: nothing. A damaged index (or another program's file in its
 * place) is put aside as index.db.bad-TIME and made anew: all that is lost is knowledge, and everything runs again.
 */
const char *store_note(const struct store *s);

/* Whether this process has added blobs: then it is time to look at the limits (cache/gc.h). */
bool store_grew(const struct store *s);

/* dir/name in the arena. */
char *store_path(const struct store *s, struct arena *a, const char *name);

/* --- blobs ------------------------------------------------------------------------------------------ */

/*
 * Puts a copy of a file (or of bytes) into the store; *out is its digest. A file is on the disk when this returns, so that
 * an action that names it can be recorded; bytes are not waited for (after a loss of power they count as missing).
 */
bool store_put_file(struct store *s, const char *path, struct digest *out, struct err *e);
bool store_put_bytes(struct store *s, const void *data, size_t len, struct digest *out,
		     struct err *e);

/* Whether a blob of that size is there; its bytes are not read. */
bool store_has_blob(const struct store *s, const struct digest *d, uint64_t size);

/*
 * Whether the blob is there and its bytes still have that digest. A corrupt one is removed, so that it counts
 * as missing and the next run puts it again; *corrupt (may be NULL) says that this happened.
 */
bool store_check_blob(struct store *s, const struct digest *d, bool *corrupt);

/*
 * Writes the blob's bytes to `path` (never a link to the blob). The blob is checked first: false when missing. The disk is
 * not waited for: whoever trusts the file compares its content.
 */
bool store_place(struct store *s, const struct digest *d, const char *path, unsigned mode,
		 struct err *e);

/* Where the blob is, appended; it may be missing. */
void store_blob_path(const struct store *s, const struct digest *d, struct strbuf *out);

/* Appends the blob's bytes; false without an error when it is missing or corrupt. */
bool store_read_blob(struct store *s, const struct digest *d, struct strbuf *out);

/* --- actions: what a step with this key made --------------------------------------------------------- */

struct store_output {
	const char *name; /* "firmware.elf" */
	struct digest blob;
	struct digest image; /* image digest; zero when it is no firmware image */
	uint64_t size;
	uint32_t mode; /* permission bits */
};

struct store_action {
	const char *stamp;      /* version text that was built in; "" when none */
	const char *stamp_hash; /* the commit's short id that was built in; "" when none */
	int64_t stamp_epoch;    /* SOURCE_DATE_EPOCH that was built in; 0 when none */
	int64_t time_ns;        /* when it ran */
	int64_t duration_ms;
	VEC(struct store_output) outputs;
};

/*
 * True and filled (strings and outputs in the arena; do not vec_free) when an action with that key is known. That is a
 * use of it, for eviction by least recent use; it is written down at most once an hour, so that a no-op writes nothing.
 */
bool store_get_action(struct store *s, const struct digest *key, struct arena *a,
		      struct store_action *out, bool *found, struct err *e);
bool store_put_action(struct store *s, const struct digest *key, const struct store_action *action,
		      struct err *e);
bool store_drop_action(struct store *s, const struct digest *key, struct err *e);

/* --- last runs: what a step was made of, for reasons and estimates ------------------------------------ */

struct store_last {
	struct digest key;
	struct digest
		weak; /* of its manifest, which is stored under (weak, key); zero when it has none */
	struct digest parts; /* blob with the key's parts as text, one a line */
	int64_t duration_ms;
};
bool store_get_last(struct store *s, const char *step, struct store_last *out, bool *found,
		    struct err *e);
bool store_put_last(struct store *s, const char *step, const struct store_last *last,
		    struct err *e);

/* How long the step took, at most, of its last runs in all trees. */
struct store_time {
	const char *step; /* as for store_put_last, without its first word (the tree) */
	int64_t ms;
};
struct store_times {
	struct store_time *items; /* sorted by step; caller does vec_free */
	size_t count, cap;
};
bool store_list_times(struct store *s, struct arena *a, struct store_times *out, struct err *e);

/* --- manifests: what an action with this weak key asked of the file system -------------------------------- */

/* Every path that a manifest names, by number. One per open store; strings live as long as it. */
struct store_paths {
	const char *const *items;
	uint32_t count;
};
/* All paths; read once per open store, and again when another process has added some that a manifest names. */
bool store_paths(struct store *s, struct store_paths *out, struct err *e);
/* The numbers of `count` paths; those that are new are added (in one transaction). */
bool store_intern_paths(struct store *s, const char *const *paths, size_t count, uint32_t *numbers,
			struct err *e);

enum { STORE_MANIFESTS_PER_KEY = 8 };

struct store_manifest {
	struct digest key; /* the action's: what was made when the manifest held */
	const void *data;  /* see cache/manifest.h; in the arena */
	size_t len;
};
struct store_manifests {
	struct store_manifest items[STORE_MANIFESTS_PER_KEY];
	size_t count;
};
/* Those of a weak key, the one used last first. */
bool store_get_manifests(struct store *s, const struct digest *weak, struct arena *a,
			 struct store_manifests *out, struct err *e);
/* The one of a weak key that belongs to an action. */
bool store_get_manifest(struct store *s, const struct digest *weak, const struct digest *key,
			struct arena *a, struct store_manifest *out, bool *found, struct err *e);
/* Adds one, or says that it was used just now; the one that was not used for longest makes room. */
bool store_put_manifest(struct store *s, const struct digest *weak, const struct store_manifest *m,
			struct err *e);

/* --- devices: what was last written to a board --------------------------------------------------------- */

struct store_device {
	const char *id;     /* stable: "qemu:qemu/MPS2_AN385" */
	const char *board;  /* "qemu/MPS2_AN385" */
	const char *method; /* "qemu" */
	struct digest image;
	const char *stamp; /* version text of the build; "" when unknown */
	/* what the board said of itself after the flash; "" when it was not asked */
	const char *answer;
	int64_t time_ns;
	int64_t count; /* how many flashes so far; kept by store_put_device */
};
bool store_get_device(struct store *s, const char *id, struct arena *a, struct store_device *out,
		      bool *found, struct err *e);
bool store_put_device(struct store *s, const struct store_device *d, struct err *e);
bool store_drop_device(struct store *s, const char *id, struct err *e);
/* All devices by id, into a vector in the arena. */
struct store_devices {
	struct store_device *items;
	size_t count, cap;
};
bool store_list_devices(struct store *s, struct arena *a, struct store_devices *out, struct err *e);

/* --- file digests, one blob of text per root folder (see cache/statcache.h) ---------------------------- */

bool store_get_stats(struct store *s, const char *root, struct strbuf *out, struct err *e);
bool store_put_stats(struct store *s, const char *root, const void *data, size_t len,
		     struct err *e);

#endif
