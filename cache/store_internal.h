/* SPDX-License-Identifier: MIT
 *
 * What the files of the store share with each other and with nobody else.
 */
#ifndef CACHE_STORE_INTERNAL_H
#define CACHE_STORE_INTERNAL_H

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "cache/db.h"
#include "cache/store.h"
#include "os/lock.h"

struct store {
	char *dir;
	struct db db;
	bool dry; /* nothing on the disk may change */
	struct arena path_arena;
	VEC(const char *) paths; /* by number; see cache/paths.c */
	struct map path_numbers; /* path -> number + 1; filled when first needed */
	size_t paths_mapped;     /* how many of them are in the map */
	struct lock use;         /* index.lock: shared, so that gc knows whether it is alone */
	char *note;              /* see store_note */
	int64_t opened_ns;
	int64_t added_bytes;     /* of blobs, not yet in the total that the index keeps */
	bool grew;               /* a blob was added */
	VEC(struct digest) used; /* actions whose use is not yet written down */
};

extern const char *const store_migrations[];
extern const int store_migration_count;
extern const char *const store_sql[];

/* The statements of the index. */
enum statement {
	GET_ACTION,
	GET_OUTPUTS,
	PUT_ACTION,
	PUT_OUTPUT,
	DROP_ACTION,
	GET_LAST,
	PUT_LAST,
	LIST_TIMES,
	GET_DEVICE,
	LIST_DEVICES,
	PUT_DEVICE,
	DROP_DEVICE,
	GET_STATS,
	PUT_STATS,
	GET_PATHS,
	PUT_PATHS,
	GET_MANIFESTS,
	GET_MANIFEST,
	PUT_MANIFEST,
	TRIM_MANIFESTS,
	TOUCH_ACTION,
	TOUCH_MANIFESTS,
	GET_TOTAL,
	ADD_TOTAL,
	SET_TOTAL,
	LIST_ACTIONS,
	LIST_OUTPUTS,
	LIST_LAST,
	DROP_LAST,
	DROP_LAST_OF,
	LIST_MANIFESTS,
	MANIFESTS_OF,
	DROP_MANIFEST,
	DROP_MANIFESTS_OF,
	DROP_OLD_MANIFESTS,
	DROP_PATHS,
	LIST_STATS,
	DROP_STATS,
	GET_WORK,
	PUT_WORK,
	DROP_WORK,
	LIST_SIGHTINGS,
	PUT_SIGHTING,
	CLEAR_PLACE,
	DROP_TWINS,
	STATEMENT_COUNT,
};

void store_paths_close(struct store *s);
/* Those in memory may not be in the index: they are read again when needed. */
void store_paths_forget(struct store *s);

/* Writes down the uses and the bytes that are only in memory; inside a transaction or outside. */
bool store_flush(struct store *s, struct err *e);

/* A key of an action that was found: its use is written down, at most once an hour. */
void store_note_use(struct store *s, const struct digest *key, int64_t used_ns);

/* Adds or takes away bytes of blobs. */
void store_count_bytes(struct store *s, int64_t bytes);

/* The bytes of all blobs as the index knows them; -1: nobody counted them yet. */
bool store_get_total(struct store *s, int64_t *out, struct err *e);
bool store_set_total(struct store *s, int64_t bytes, struct err *e);

/* Moves the index aside when it is damaged; the next opening makes a new one. s->note says so. */
bool store_put_aside(struct store *s, const char *why, struct err *e);

/* Moves a file of our own, on the disk and checked, to its place as a blob, unless a whole one is there (*added: false). */
bool store_adopt_blob(struct store *s, const struct digest *d, uint64_t size, const char *from,
		      bool *added, struct err *e);

/* Removes a blob's file and its bytes from the count. */
bool store_remove_blob(struct store *s, const struct digest *d, uint64_t size, struct err *e);

#endif
