/* SPDX-License-Identifier: MIT
 *
 * Opening and closing the store: what is damaged is put aside and made anew, so that a broken index costs time and
 * never a build.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/path.h"
#include "base/xalloc.h"
#include "cache/store_internal.h"
#include "os/clock.h"
#include "os/fs.h"

static const int64_t touch_ns = 3600 * INT64_C(1000000000);

static bool open_db(struct store *s, const char *index, struct err *e)
{
	return db_open(&s->db, index, store_migrations, store_migration_count, store_sql,
		       STATEMENT_COUNT, e);
}

/* "index.db.bad-20261122T201530", one that is free. */
static char *bad_name(const char *index, struct arena *a)
{
	time_t now = (time_t)(clock_now_ns() / 1000000000);
	struct tm tm;
	char stamp[32] = "";
	char *name;

	if (gmtime_r(&now, &tm))
		strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &tm);
	name = arena_printf(a, "%s.bad-%s", index, stamp);
	for (int i = 2; fs_exists(name); i++)
		name = arena_printf(a, "%s.bad-%s-%d", index, stamp, i);
	return name;
}

/* What is left of an opening's error when its subject is known. */
static const char *short_cause(const char *why)
{
	static const char subject[] = "the store's index: ";
	const char *at = strstr(why, subject);

	return at ? at + strlen(subject) : why;
}

bool store_put_aside(struct store *s, const char *why, struct err *e)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	AUTO_ARENA a = ARENA_INIT;
	const char *index = path_join(&a, s->dir, "index.db"), *bad = bad_name(index, &a);
	AUTO_STRBUF note = STRBUF_INIT;
	const char *cause = short_cause(why);

	/* The database first: a log without one is dropped by SQLite, a database without its log may look whole. */
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *from = arena_printf(&a, "%s%s", index, parts[i]);

		if (fs_exists(from) && !fs_rename(from, arena_printf(&a, "%s%s", bad, parts[i]), e))
			return err_hint(e, "make the cache folder writable, or delete that file");
	}
	fs_touch(bad); /* gc goes by when it was put aside, not by when it was last written */
	strbuf_addf(
		&note,
		"the store's index was damaged%s%s%s; it was put aside as %s and a new one begun, so everything runs again",
		*cause ? " (" : "", cause, *cause ? ")" : "", bad);
	free(s->note);
	s->note = strbuf_detach(&note);
	return true;
}

/* One process mends; those that come meanwhile find the new index. */
static bool heal(struct store *s, const char *index, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct lock mending = LOCK_INIT;
	bool ok;

	if (!lock_wait(&mending, path_join(&a, s->dir, "index.mend"), false, e))
		return false;
	err_free(e);
	ok = open_db(s, index, e);
	if (!ok && s->db.damaged) {
		AUTO_FREE char *why = xstrdup(e->msg);

		err_free(e);
		ok = store_put_aside(s, why, e) && open_db(s, index, e);
	}
	lock_release(&mending);
	return ok;
}

static bool open_writing(struct store *s, const char *index, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;

	if (!fs_mkdirs(path_join(&a, s->dir, "blobs"), e))
		return e->hint ? false
			       : err_hint(
					 e,
					 "make the cache folder writable, or set MPFLASH_CACHE=/some/folder");
	if (!lock_wait(&s->use, path_join(&a, s->dir, "index.lock"), true, e)) {
		err_wrap(e, "cannot open %s", index);
		return e->hint ? false
			       : err_hint(
					 e,
					 "make the cache folder writable, or set MPFLASH_CACHE=/some/folder");
	}
	return open_db(s, index, e) || (s->db.damaged && heal(s, index, e));
}

/* A damaged index looks empty: that is what the next run without -n makes of it. */
static bool open_dry(struct store *s, const char *index, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_STRBUF note = STRBUF_INIT;

	lock_join(&s->use, path_join(&a, s->dir, "index.lock"));
	if (db_open_reading(&s->db, index, store_migrations, store_migration_count, store_sql,
			    STATEMENT_COUNT, e))
		return true;
	if (!s->db.damaged)
		return false;
	strbuf_addf(&note,
		    "the store's index is damaged (%s); without -n it is put aside and made anew",
		    short_cause(e->msg));
	s->note = strbuf_detach(&note);
	err_free(e);
	return open_db(s, ":memory:", e);
}

struct store *store_open(const char *dir, bool dry, struct err *e)
{
	struct store *s = xcalloc(1, sizeof(*s));
	AUTO_ARENA a = ARENA_INIT;
	const char *index = path_join(&a, dir, "index.db");

	s->dir = xstrdup(dir);
	s->dry = dry;
	s->use = (struct lock)LOCK_INIT;
	s->opened_ns = clock_now_ns();
	if (dry ? open_dry(s, index, e) : open_writing(s, index, e))
		return s;
	lock_release(&s->use);
	free(s->note);
	free(s->dir);
	free(s);
	return NULL;
}

/* What turned out to be damaged while it was used: the next run begins with a new one. */
static void mend_after(struct store *s)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT; /* the failure itself was told */
	struct lock mending = LOCK_INIT;
	const char *index = path_join(&a, s->dir, "index.db");

	if (!lock_wait(&mending, path_join(&a, s->dir, "index.mend"), false, &ignored))
		return;
	/* Another process may have done it; one that cannot be opened just now need not be damaged. */
	if (open_db(s, index, &ignored) ? !db_is_whole(&s->db) : s->db.damaged)
		store_put_aside(s, "", &ignored);
	db_close(&s->db);
	lock_release(&mending);
}

void store_close(struct store *s)
{
	AUTO_ERR ignored = ERR_INIT; /* uses and totals: nice to have */

	if (!s)
		return;
	if (!s->dry && !s->db.damaged && (s->used.count || s->added_bytes) &&
	    db_begin(&s->db, &ignored)) {
		if (!store_flush(s, &ignored) || !db_commit(&s->db, &ignored))
			db_rollback(&s->db);
	}
	store_paths_close(s);
	db_close(&s->db);
	if (s->db.damaged && !s->dry)
		mend_after(s);
	lock_release(&s->use);
	vec_free(&s->used);
	free(s->note);
	free(s->dir);
	free(s);
}

bool store_begin(struct store *s, struct err *e)
{
	return s->dry || db_begin(&s->db, e);
}

bool store_commit(struct store *s, struct err *e)
{
	return s->dry || db_commit(&s->db, e);
}

void store_rollback(struct store *s)
{
	db_rollback(&s->db);
	store_paths_forget(s);
}

const char *store_note(const struct store *s)
{
	return s->note;
}

bool store_grew(const struct store *s)
{
	return s->grew;
}

char *store_path(const struct store *s, struct arena *a, const char *name)
{
	return path_join(a, s->dir, name);
}

/* --- uses and totals -------------------------------------------------------------------------------------- */

static bool touch(struct store *s, int number, const struct digest *key, int64_t now, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, number, e);

	if (!st)
		return false;
	db_bind_digest(st, 1, key);
	db_bind_int(st, 2, now);
	return db_run(&s->db, st, e);
}

static bool one_number(struct store *s, int number, int64_t value, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, number, e);

	if (!st)
		return false;
	db_bind_int(st, 1, value);
	return db_run(&s->db, st, e);
}

bool store_flush(struct store *s, struct err *e)
{
	int64_t now = clock_now_ns();

	for (size_t i = 0; i < s->used.count; i++)
		if (!touch(s, TOUCH_ACTION, &s->used.items[i], now, e) ||
		    !touch(s, TOUCH_MANIFESTS, &s->used.items[i], now, e))
			return false;
	s->used.count = 0;
	if (s->added_bytes && !one_number(s, ADD_TOTAL, s->added_bytes, e))
		return false;
	s->added_bytes = 0;
	return true;
}

void store_note_use(struct store *s, const struct digest *key, int64_t used_ns)
{
	if (s->dry || s->opened_ns - used_ns < touch_ns)
		return;
	vec_push(&s->used, *key);
}

void store_count_bytes(struct store *s, int64_t bytes)
{
	s->added_bytes += bytes;
	s->grew = true;
}

bool store_get_total(struct store *s, int64_t *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_TOTAL, e);
	bool row;

	*out = -1;
	if (!st || !db_step(&s->db, st, &row, e))
		return false;
	if (row) {
		*out = sqlite3_column_int64(st, 0) + s->added_bytes;
		sqlite3_reset(st);
	}
	return true;
}

bool store_set_total(struct store *s, int64_t bytes, struct err *e)
{
	if (s->dry)
		return true;
	s->added_bytes = 0;
	return one_number(s, SET_TOTAL, bytes, e);
}
