/* SPDX-License-Identifier: MIT
 *
 * The store's index: what is known about actions, last runs, devices and files.
 */
#include "cache/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "cache/store_internal.h"
#include "os/fs.h"

/* Append only: entry i takes a store of version i to i + 1. */
static const char *const migrations[] = {
	"CREATE TABLE actions(key BLOB PRIMARY KEY, stamp TEXT NOT NULL, time_ns INTEGER NOT NULL,"
	"  duration_ms INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE outputs(key BLOB NOT NULL REFERENCES actions(key) ON DELETE CASCADE,"
	"  at INTEGER NOT NULL, name TEXT NOT NULL, blob BLOB NOT NULL, image BLOB NOT NULL,"
	"  size INTEGER NOT NULL, mode INTEGER NOT NULL, PRIMARY KEY(key, at)) WITHOUT ROWID;"
	"CREATE TABLE last(step TEXT PRIMARY KEY, key BLOB NOT NULL, parts BLOB NOT NULL,"
	"  duration_ms INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE devices(id TEXT PRIMARY KEY, board TEXT NOT NULL, method TEXT NOT NULL,"
	"  image BLOB NOT NULL, stamp TEXT NOT NULL, answer TEXT NOT NULL, time_ns INTEGER NOT NULL,"
	"  count INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE stats(root TEXT PRIMARY KEY, data BLOB NOT NULL);",
	/* paths: numbers first..first+count-1, each ended by a NUL */
	"CREATE TABLE paths(first INTEGER PRIMARY KEY, count INTEGER NOT NULL, text BLOB NOT NULL);"
	"CREATE TABLE manifests(weak BLOB NOT NULL, key BLOB NOT NULL, used_ns INTEGER NOT NULL,"
	"  data BLOB NOT NULL, PRIMARY KEY(weak, key));"
	"ALTER TABLE actions ADD COLUMN stamp_hash TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE actions ADD COLUMN stamp_epoch INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE actions ADD COLUMN used_ns INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE last ADD COLUMN weak BLOB NOT NULL DEFAULT x'';",
};

#define DEVICE_COLUMNS "id, board, method, image, stamp, answer, time_ns, count"

static const char *const sql[STATEMENT_COUNT] = {
	[GET_ACTION] = "SELECT stamp, time_ns, duration_ms, stamp_hash, stamp_epoch FROM actions"
		       " WHERE key = ?",
	[GET_OUTPUTS] =
		"SELECT name, blob, image, size, mode FROM outputs WHERE key = ? ORDER BY at",
	[PUT_ACTION] =
		"INSERT INTO actions(key, stamp, time_ns, duration_ms, stamp_hash, stamp_epoch,"
		" used_ns) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?3)",
	[PUT_OUTPUT] = "INSERT INTO outputs(key, at, name, blob, image, size, mode)"
		       " VALUES(?, ?, ?, ?, ?, ?, ?)",
	[DROP_ACTION] = "DELETE FROM actions WHERE key = ?",
	[GET_LAST] = "SELECT key, weak, parts, duration_ms FROM last WHERE step = ?",
	[PUT_LAST] = "INSERT OR REPLACE INTO last(step, key, parts, duration_ms, weak)"
		     " VALUES(?, ?, ?, ?, ?)",
	[GET_DEVICE] = "SELECT " DEVICE_COLUMNS " FROM devices WHERE id = ?",
	[LIST_DEVICES] = "SELECT " DEVICE_COLUMNS " FROM devices ORDER BY id",
	[PUT_DEVICE] = "INSERT INTO devices(" DEVICE_COLUMNS ") VALUES(?, ?, ?, ?, ?, ?, ?, 1)"
		       " ON CONFLICT(id) DO UPDATE SET board = excluded.board,"
		       " method = excluded.method, image = excluded.image, stamp = excluded.stamp,"
		       " answer = excluded.answer, time_ns = excluded.time_ns, count = count + 1",
	[DROP_DEVICE] = "DELETE FROM devices WHERE id = ?",
	[GET_STATS] = "SELECT data FROM stats WHERE root = ?",
	[PUT_STATS] = "INSERT OR REPLACE INTO stats(root, data) VALUES(?, ?)",
	[GET_PATHS] = "SELECT first, count, text FROM paths WHERE first >= ? ORDER BY first",
	[PUT_PATHS] = "INSERT INTO paths(first, count, text) VALUES(?, ?, ?)",
	[GET_MANIFESTS] =
		"SELECT key, data FROM manifests WHERE weak = ? ORDER BY used_ns DESC LIMIT 8",
	[GET_MANIFEST] = "SELECT key, data FROM manifests WHERE weak = ? AND key = ?",
	[PUT_MANIFEST] =
		"INSERT OR REPLACE INTO manifests(weak, key, used_ns, data) VALUES(?, ?, ?, ?)",
	[TRIM_MANIFESTS] =
		"DELETE FROM manifests WHERE weak = ?1 AND key NOT IN"
		" (SELECT key FROM manifests WHERE weak = ?1 ORDER BY used_ns DESC LIMIT 8)",
};

struct store *store_open(const char *dir, bool dry, struct err *e)
{
	struct store *s = xcalloc(1, sizeof(*s));
	AUTO_ARENA a = ARENA_INIT;
	const char *index = path_join(&a, dir, "index.db");

	s->dir = xstrdup(dir);
	s->dry = dry;
	if (dry && !fs_exists(index))
		index = ":memory:";
	if (!dry && !fs_mkdirs(path_join(&a, dir, "blobs"), e)) {
		err_hint(e, "make the cache folder writable, or set MPFLASH_CACHE=/some/folder");
	} else if (db_open(&s->db, index, migrations, (int)ARRAY_SIZE(migrations), sql,
			   STATEMENT_COUNT, e)) {
		return s;
	}
	free(s->dir);
	free(s);
	return NULL;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_paths_close(s);
	db_close(&s->db);
	free(s->dir);
	free(s);
}

bool store_begin(struct store *s, struct err *e)
{
	return db_begin(&s->db, e);
}

bool store_commit(struct store *s, struct err *e)
{
	return db_commit(&s->db, e);
}

void store_rollback(struct store *s)
{
	db_rollback(&s->db);
}

char *store_path(const struct store *s, struct arena *a, const char *name)
{
	return path_join(a, s->dir, name);
}

static bool get_outputs(struct store *s, const struct digest *key, struct arena *a,
			struct store_action *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_OUTPUTS, e);
	VEC(struct store_output) found = { 0 };
	bool row = true, ok;

	if (!st)
		return false;
	db_bind_digest(st, 1, key);
	while ((ok = db_step(&s->db, st, &row, e)) && row)
		vec_push(&found, (struct store_output){
					 .name = db_text(st, 0, a),
					 .blob = db_digest(st, 1),
					 .image = db_digest(st, 2),
					 .size = (uint64_t)sqlite3_column_int64(st, 3),
					 .mode = (uint32_t)sqlite3_column_int64(st, 4),
				 });
	out->outputs.items = ARENA_ARRAY(a, struct store_output, found.count);
	out->outputs.count = out->outputs.cap = found.count;
	if (found.count)
		memcpy(out->outputs.items, found.items, found.count * sizeof(*found.items));
	vec_free(&found);
	return ok;
}

bool store_get_action(struct store *s, const struct digest *key, struct arena *a,
		      struct store_action *out, bool *found, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_ACTION, e);

	*out = (struct store_action){ 0 };
	*found = false;
	if (!st)
		return false;
	db_bind_digest(st, 1, key);
	if (!db_step(&s->db, st, found, e))
		return false;
	if (!*found)
		return true;
	out->stamp = db_text(st, 0, a);
	out->time_ns = sqlite3_column_int64(st, 1);
	out->duration_ms = sqlite3_column_int64(st, 2);
	out->stamp_hash = db_text(st, 3, a);
	out->stamp_epoch = sqlite3_column_int64(st, 4);
	sqlite3_reset(st);
	return get_outputs(s, key, a, out, e);
}

static bool put_output(struct store *s, const struct digest *key, size_t at,
		       const struct store_output *o, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, PUT_OUTPUT, e);

	if (!st)
		return false;
	db_bind_digest(st, 1, key);
	db_bind_int(st, 2, (int64_t)at);
	db_bind_text(st, 3, o->name);
	db_bind_digest(st, 4, &o->blob);
	db_bind_digest(st, 5, &o->image);
	db_bind_int(st, 6, (int64_t)o->size);
	db_bind_int(st, 7, o->mode);
	return db_run(&s->db, st, e);
}

static bool put_action_rows(struct store *s, const struct digest *key,
			    const struct store_action *action, struct err *e)
{
	sqlite3_stmt *st;

	if (!store_drop_action(s, key, e))
		return false;
	st = db_statement(&s->db, PUT_ACTION, e);
	if (!st)
		return false;
	db_bind_digest(st, 1, key);
	db_bind_text(st, 2, action->stamp ? action->stamp : "");
	db_bind_int(st, 3, action->time_ns);
	db_bind_int(st, 4, action->duration_ms);
	db_bind_text(st, 5, action->stamp_hash ? action->stamp_hash : "");
	db_bind_int(st, 6, action->stamp_epoch);
	if (!db_run(&s->db, st, e))
		return false;
	for (size_t i = 0; i < action->outputs.count; i++)
		if (!put_output(s, key, i, &action->outputs.items[i], e))
			return false;
	return true;
}

bool store_put_action(struct store *s, const struct digest *key, const struct store_action *action,
		      struct err *e)
{
	if (!db_begin(&s->db, e))
		return false;
	if (put_action_rows(s, key, action, e) && db_commit(&s->db, e))
		return true;
	db_rollback(&s->db);
	return false;
}

bool store_drop_action(struct store *s, const struct digest *key, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, DROP_ACTION, e);

	if (!st)
		return false;
	db_bind_digest(st, 1, key);
	return db_run(&s->db, st, e);
}

bool store_get_last(struct store *s, const char *step, struct store_last *out, bool *found,
		    struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_LAST, e);

	*found = false;
	if (!st)
		return false;
	db_bind_text(st, 1, step);
	if (!db_step(&s->db, st, found, e))
		return false;
	if (*found) {
		*out = (struct store_last){ .key = db_digest(st, 0),
					    .weak = db_digest(st, 1),
					    .parts = db_digest(st, 2),
					    .duration_ms = sqlite3_column_int64(st, 3) };
		sqlite3_reset(st);
	}
	return true;
}

bool store_put_last(struct store *s, const char *step, const struct store_last *last, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, PUT_LAST, e);

	if (!st)
		return false;
	db_bind_text(st, 1, step);
	db_bind_digest(st, 2, &last->key);
	db_bind_digest(st, 3, &last->parts);
	db_bind_int(st, 4, last->duration_ms);
	db_bind_digest(st, 5, &last->weak);
	return db_run(&s->db, st, e);
}

static struct store_device read_device(sqlite3_stmt *st, struct arena *a)
{
	return (struct store_device){
		.id = db_text(st, 0, a),
		.board = db_text(st, 1, a),
		.method = db_text(st, 2, a),
		.image = db_digest(st, 3),
		.stamp = db_text(st, 4, a),
		.answer = db_text(st, 5, a),
		.time_ns = sqlite3_column_int64(st, 6),
		.count = sqlite3_column_int64(st, 7),
	};
}

bool store_get_device(struct store *s, const char *id, struct arena *a, struct store_device *out,
		      bool *found, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_DEVICE, e);

	*found = false;
	if (!st)
		return false;
	db_bind_text(st, 1, id);
	if (!db_step(&s->db, st, found, e))
		return false;
	if (*found) {
		*out = read_device(st, a);
		sqlite3_reset(st);
	}
	return true;
}

bool store_list_devices(struct store *s, struct arena *a, struct store_devices *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_DEVICES, e);
	VEC(struct store_device) found = { 0 };
	bool row = true, ok;

	*out = (struct store_devices){ 0 };
	if (!st)
		return false;
	while ((ok = db_step(&s->db, st, &row, e)) && row)
		vec_push(&found, read_device(st, a));
	out->items = ARENA_ARRAY(a, struct store_device, found.count);
	out->count = out->cap = found.count;
	if (found.count)
		memcpy(out->items, found.items, found.count * sizeof(*found.items));
	vec_free(&found);
	return ok;
}

bool store_put_device(struct store *s, const struct store_device *d, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, PUT_DEVICE, e);

	if (!st)
		return false;
	db_bind_text(st, 1, d->id);
	db_bind_text(st, 2, d->board);
	db_bind_text(st, 3, d->method);
	db_bind_digest(st, 4, &d->image);
	db_bind_text(st, 5, d->stamp ? d->stamp : "");
	db_bind_text(st, 6, d->answer ? d->answer : "");
	db_bind_int(st, 7, d->time_ns);
	return db_run(&s->db, st, e);
}

bool store_drop_device(struct store *s, const char *id, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, DROP_DEVICE, e);

	if (!st)
		return false;
	db_bind_text(st, 1, id);
	return db_run(&s->db, st, e);
}

bool store_get_stats(struct store *s, const char *root, struct strbuf *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_STATS, e);
	bool row;

	if (!st)
		return false;
	db_bind_text(st, 1, root);
	if (!db_step(&s->db, st, &row, e))
		return false;
	if (row) {
		strbuf_add(out, sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0));
		sqlite3_reset(st);
	}
	return true;
}

bool store_put_stats(struct store *s, const char *root, const void *data, size_t len, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, PUT_STATS, e);

	if (!st)
		return false;
	db_bind_text(st, 1, root);
	db_bind_blob(st, 2, data, len);
	return db_run(&s->db, st, e);
}
