/* SPDX-License-Identifier: MIT
 *
 * The store's index: what is known about actions, last runs, devices and files.
 */
#include "cache/store.h"

#include <string.h>

#include "base/xalloc.h"
#include "cache/store_internal.h"
#include "os/clock.h"

/* Append only: entry i takes a store of version i to i + 1. */
const char *const store_migrations[] = {
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
	/* totals: bytes of all blobs ("blobs"), so that a limit is checked without a look at them */
	"CREATE TABLE totals(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
	/* works: what a work folder held when it was last measured */
	"CREATE TABLE works(path TEXT PRIMARY KEY, bytes INTEGER NOT NULL,"
	"  measured_ns INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX manifests_key ON manifests(key);",
	/* sightings: see cache/sighting.h */
	"CREATE TABLE sightings(id TEXT PRIMARY KEY, usb_path TEXT NOT NULL, usb_serial TEXT NOT NULL,"
	"  vid INTEGER NOT NULL, pid INTEGER NOT NULL, chip_id TEXT NOT NULL, board_id TEXT NOT NULL,"
	"  port TEXT NOT NULL, description TEXT NOT NULL, seen_ns INTEGER NOT NULL) WITHOUT ROWID;",
};
const int store_migration_count = (int)ARRAY_SIZE(store_migrations);

#define DEVICE_COLUMNS "id, board, method, image, stamp, answer, time_ns, count"

const char *const store_sql[STATEMENT_COUNT] = {
	[GET_ACTION] = "SELECT stamp, time_ns, duration_ms, stamp_hash, stamp_epoch, used_ns"
		       " FROM actions WHERE key = ?",
	[GET_OUTPUTS] =
		"SELECT name, blob, image, size, mode FROM outputs WHERE key = ? ORDER BY at",
	[PUT_ACTION] =
		"INSERT INTO actions(key, stamp, time_ns, duration_ms, stamp_hash, stamp_epoch,"
		" used_ns) VALUES(?1, ?2, ?3, ?4, ?5, ?6, min(?3, ?7))",
	[PUT_OUTPUT] = "INSERT INTO outputs(key, at, name, blob, image, size, mode)"
		       " VALUES(?, ?, ?, ?, ?, ?, ?)",
	[DROP_ACTION] = "DELETE FROM actions WHERE key = ?",
	[GET_LAST] = "SELECT key, weak, parts, duration_ms FROM last WHERE step = ?",
	[PUT_LAST] = "INSERT OR REPLACE INTO last(step, key, parts, duration_ms, weak)"
		     " VALUES(?, ?, ?, ?, ?)",
	/* A step's name stands behind its tree's. */
	[LIST_TIMES] = "SELECT substr(step, instr(step, ' ') + 1), MAX(duration_ms) FROM last"
		       " WHERE duration_ms > 0 GROUP BY 1 ORDER BY 1",
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
	[TOUCH_ACTION] = "UPDATE actions SET used_ns = ?2 WHERE key = ?1 AND used_ns < ?2",
	[TOUCH_MANIFESTS] = "UPDATE manifests SET used_ns = ?2 WHERE key = ?1 AND used_ns < ?2",
	[GET_TOTAL] = "SELECT value FROM totals WHERE name = 'blobs'",
	[ADD_TOTAL] = "UPDATE totals SET value = max(value + ?, 0) WHERE name = 'blobs'",
	[SET_TOTAL] = "INSERT OR REPLACE INTO totals(name, value) VALUES('blobs', ?)",
	[LIST_ACTIONS] = "SELECT key, used_ns FROM actions ORDER BY key",
	[LIST_OUTPUTS] = "SELECT key, blob, image, size, name FROM outputs ORDER BY key, at",
	[LIST_LAST] = "SELECT step, key, parts FROM last ORDER BY step",
	[DROP_LAST] = "DELETE FROM last WHERE step = ?",
	[DROP_LAST_OF] = "DELETE FROM last WHERE key = ?",
	[LIST_MANIFESTS] = "SELECT weak, key, data FROM manifests ORDER BY weak, key",
	[MANIFESTS_OF] = "SELECT weak, key, data FROM manifests WHERE key = ? ORDER BY weak",
	[DROP_MANIFEST] = "DELETE FROM manifests WHERE weak = ? AND key = ?",
	[DROP_MANIFESTS_OF] = "DELETE FROM manifests WHERE key = ?",
	[DROP_OLD_MANIFESTS] = "DELETE FROM manifests WHERE used_ns < ?"
			       " AND key NOT IN (SELECT key FROM actions)",
	[DROP_PATHS] = "DELETE FROM paths WHERE first >= ?",
	[LIST_STATS] = "SELECT root FROM stats ORDER BY root",
	[DROP_STATS] = "DELETE FROM stats WHERE root = ?",
	[GET_WORK] = "SELECT bytes, measured_ns FROM works WHERE path = ?",
	[PUT_WORK] = "INSERT OR REPLACE INTO works(path, bytes, measured_ns) VALUES(?, ?, ?)",
	[LIST_SIGHTINGS] = "SELECT id, usb_path, usb_serial, vid, pid, chip_id, board_id, port,"
			   " description, seen_ns FROM sightings ORDER BY id",
	[PUT_SIGHTING] =
		"INSERT OR REPLACE INTO sightings(id, usb_path, usb_serial, vid, pid, chip_id,"
		" board_id, port, description, seen_ns) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[CLEAR_PLACE] =
		"UPDATE sightings SET usb_path = '' WHERE usb_path = ?1 AND ?1 <> '' AND id <> ?2",
	[DROP_TWINS] = "DELETE FROM sightings WHERE chip_id = ?1 AND ?1 <> '' AND id <> ?2",
	[DROP_WORK] = "DELETE FROM works WHERE path = ?",
};

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
	store_note_use(s, key, sqlite3_column_int64(st, 5));
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
	db_bind_int(
		st, 7,
		clock_now_ns()); /* of another clock it may be of tomorrow, and would never go */
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
	if (s->dry)
		return true;
	if (!db_begin(&s->db, e))
		return false;
	if (put_action_rows(s, key, action, e) && store_flush(s, e) && db_commit(&s->db, e))
		return true;
	db_rollback(&s->db);
	return false;
}

bool store_drop_action(struct store *s, const struct digest *key, struct err *e)
{
	sqlite3_stmt *st = s->dry ? NULL : db_statement(&s->db, DROP_ACTION, e);

	if (!st)
		return s->dry;
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
	sqlite3_stmt *st = s->dry ? NULL : db_statement(&s->db, PUT_LAST, e);

	if (!st)
		return s->dry;
	db_bind_text(st, 1, step);
	db_bind_digest(st, 2, &last->key);
	db_bind_digest(st, 3, &last->parts);
	db_bind_int(st, 4, last->duration_ms);
	db_bind_digest(st, 5, &last->weak);
	return db_run(&s->db, st, e);
}

bool store_list_times(struct store *s, struct arena *a, struct store_times *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_TIMES, e);
	bool row = true, ok = st != NULL;

	*out = (struct store_times){ 0 };
	while (ok && (ok = db_step(&s->db, st, &row, e)) && row)
		vec_push(out,
			 (struct store_time){ db_text(st, 0, a), sqlite3_column_int64(st, 1) });
	return ok;
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
	sqlite3_stmt *st = s->dry ? NULL : db_statement(&s->db, PUT_DEVICE, e);

	if (!st)
		return s->dry;
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
	sqlite3_stmt *st = s->dry ? NULL : db_statement(&s->db, DROP_DEVICE, e);

	if (!st)
		return s->dry;
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
	sqlite3_stmt *st = s->dry ? NULL : db_statement(&s->db, PUT_STATS, e);

	if (!st)
		return s->dry;
	db_bind_text(st, 1, root);
	db_bind_blob(st, 2, data, len);
	return db_run(&s->db, st, e);
}
