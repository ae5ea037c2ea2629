/* SPDX-License-Identifier: MIT
 *
 * Sightings in the index.
 */
#include "cache/sighting.h"

#include <string.h>

#include "cache/store_internal.h"

static struct sighting read_sighting(sqlite3_stmt *st, struct arena *a)
{
	return (struct sighting){
		.id = db_text(st, 0, a),
		.usb_path = db_text(st, 1, a),
		.usb_serial = db_text(st, 2, a),
		.vid = sqlite3_column_int64(st, 3),
		.pid = sqlite3_column_int64(st, 4),
		.chip_id = db_text(st, 5, a),
		.board_id = db_text(st, 6, a),
		.port = db_text(st, 7, a),
		.description = db_text(st, 8, a),
		.seen_ns = sqlite3_column_int64(st, 9),
	};
}

bool store_list_sightings(struct store *s, struct arena *a, struct sightings *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_SIGHTINGS, e);
	struct sightings found = { 0 };
	bool row = true, ok;

	*out = (struct sightings){ 0 };
	if (!st)
		return false;
	while ((ok = db_step(&s->db, st, &row, e)) && row)
		vec_push(&found, read_sighting(st, a));
	out->items = ARENA_ARRAY(a, struct sighting, found.count + 1);
	out->count = out->cap = found.count;
	if (found.count)
		memcpy(out->items, found.items, found.count * sizeof(*found.items));
	vec_free(&found);
	return ok;
}

static bool run_on(struct store *s, enum statement number, const char *what, const char *id,
		   struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, number, e);

	if (!st)
		return false;
	db_bind_text(st, 1, what);
	db_bind_text(st, 2, id);
	return db_run(&s->db, st, e);
}

static bool put(struct store *s, const struct sighting *sighting, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, PUT_SIGHTING, e);

	if (!st)
		return false;
	db_bind_text(st, 1, sighting->id);
	db_bind_text(st, 2, sighting->usb_path);
	db_bind_text(st, 3, sighting->usb_serial);
	db_bind_int(st, 4, sighting->vid);
	db_bind_int(st, 5, sighting->pid);
	db_bind_text(st, 6, sighting->chip_id);
	db_bind_text(st, 7, sighting->board_id);
	db_bind_text(st, 8, sighting->port);
	db_bind_text(st, 9, sighting->description);
	db_bind_int(st, 10, sighting->seen_ns);
	return db_run(&s->db, st, e);
}

bool store_put_sighting(struct store *s, const struct sighting *sighting, struct err *e)
{
	const char *id = sighting->id;

	if (s->dry)
		return true;
	if (store_begin(s, e) && run_on(s, CLEAR_PLACE, sighting->usb_path, id, e) &&
	    run_on(s, DROP_TWINS, sighting->chip_id, id, e) && put(s, sighting, e) &&
	    store_commit(s, e))
		return true;
	store_rollback(s);
	return false;
}
