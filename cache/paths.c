/* SPDX-License-Identifier: MIT
 *
 * Paths and manifests in the index. Paths come in batches, one row for all that one build added, so that a whole index
 * of them is read in a millisecond.
 */
#include <string.h>

#include "base/xalloc.h"
#include "cache/manifest.h"
#include "cache/store_internal.h"
#include "os/clock.h"

static bool add_batch(struct store *s, int64_t first, int64_t count, const char *text, size_t len)
{
	size_t before = s->paths.count;
	char *copy, *p, *end;

	if (first != (int64_t)s->paths.count || !len || text[len - 1] != '\0')
		return false;
	p = copy = arena_alloc(&s->path_arena, len);
	memcpy(copy, text, len);
	for (end = copy + len; p < end; p += strlen(p) + 1, count--)
		vec_push(&s->paths, p);
	if (count) /* their numbers cannot be trusted */
		s->paths.count = before;
	return !count;
}

/* Reads what is not known yet; a damaged row ends it, and manifests that name later paths are not found. */
static bool read_paths(struct store *s, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_PATHS, e);
	bool row = true, ok;

	if (!st)
		return false;
	db_bind_int(st, 1, (int64_t)s->paths.count);
	while ((ok = db_step(&s->db, st, &row, e)) && row)
		if (!add_batch(s, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
			       sqlite3_column_blob(st, 2), (size_t)sqlite3_column_bytes(st, 2))) {
			sqlite3_reset(st);
			break;
		}
	return ok;
}

bool store_paths(struct store *s, struct store_paths *out, struct err *e)
{
	bool ok = read_paths(s, e);

	*out = (struct store_paths){ s->paths.items, (uint32_t)s->paths.count };
	return ok;
}

static void map_paths(struct store *s)
{
	map_reserve(&s->path_numbers, s->paths.count);
	for (; s->paths_mapped < s->paths.count; s->paths_mapped++)
		map_put(&s->path_numbers, s->paths.items[s->paths_mapped],
			(void *)(s->paths_mapped + 1));
}

static bool is_damaged(struct err *e)
{
	err_set(e, "the store's list of paths is damaged");
	return err_hint(e, "`mpflash cache verify` mends it");
}

static bool add_paths(struct store *s, const struct strv *new, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	sqlite3_stmt *st = db_statement(&s->db, PUT_PATHS, e);

	if (!st)
		return false;
	for (size_t i = 0; i < new->count; i++)
		strbuf_add(&text, new->items[i], strlen(new->items[i]) + 1);
	db_bind_int(st, 1, (int64_t)s->paths.count);
	db_bind_int(st, 2, (int64_t) new->count);
	db_bind_blob(st, 3, text.buf, text.len);
	if (db_run(&s->db, st, e))
		return true;
	if ((sqlite3_errcode(s->db.handle) & 0xff) != SQLITE_CONSTRAINT)
		return false;
	err_free(e); /* a row that could not be read has that number */
	return is_damaged(e);
}

static void find_numbers(struct store *s, const char *const *paths, size_t count, uint32_t *numbers,
			 struct strv *new)
{
	map_paths(s);
	for (size_t i = 0; i < count; i++) {
		size_t number = (size_t)map_get(&s->path_numbers, paths[i]);

		if (number)
			numbers[i] = (uint32_t)(number - 1);
		else
			vec_push(new, paths[i]);
	}
}

/* A dry store has them in memory alone. */
static bool intern_dry(struct store *s, const char *const *paths, size_t count, uint32_t *numbers)
{
	struct strv new = { 0 };

	for (size_t i = 0; i < count; i++) {
		find_numbers(s, &paths[i], 1, &numbers[i], &new);
		if (!new.count)
			continue;
		numbers[i] = (uint32_t)s->paths.count;
		vec_push(&s->paths, arena_strdup(&s->path_arena, paths[i]));
		new.count = 0;
	}
	vec_free(&new);
	return true;
}

bool store_intern_paths(struct store *s, const char *const *paths, size_t count, uint32_t *numbers,
			struct err *e)
{
	struct strv new = { 0 };
	bool ok;

	if (s->dry)
		return read_paths(s, e) && intern_dry(s, paths, count, numbers);
	if (!db_begin(&s->db, e))
		return false;
	/* Others may have added the same ones: the lock is ours from here on. */
	ok = read_paths(s, e);
	if (ok)
		find_numbers(s, paths, count, numbers, &new);
	if (ok && new.count)
		ok = add_paths(s, &new, e);
	vec_free(&new);
	if (!ok || !db_commit(&s->db, e)) {
		db_rollback(&s->db);
		return false;
	}
	ok = read_paths(s, e);
	if (ok)
		find_numbers(s, paths, count, numbers, &new);
	if (ok && new.count)
		ok = is_damaged(e);
	vec_free(&new);
	return ok;
}

void store_paths_forget(struct store *s)
{
	map_free(&s->path_numbers);
	s->paths.count = 0;
	s->paths_mapped = 0;
}

void store_paths_close(struct store *s)
{
	map_free(&s->path_numbers);
	vec_free(&s->paths);
	arena_free(&s->path_arena);
}

/* --- manifests ------------------------------------------------------------------------------------------ */

static struct store_manifest read_manifest(sqlite3_stmt *st, struct arena *a)
{
	size_t len = (size_t)sqlite3_column_bytes(st, 1);
	void *data = arena_alloc(a, len ? len : 1);

	if (len)
		memcpy(data, sqlite3_column_blob(st, 1), len);
	return (struct store_manifest){ .key = db_digest(st, 0), .data = data, .len = len };
}

bool store_get_manifests(struct store *s, const struct digest *weak, struct arena *a,
			 struct store_manifests *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_MANIFESTS, e);
	bool row = true, ok;

	out->count = 0;
	if (!st)
		return false;
	db_bind_digest(st, 1, weak);
	while ((ok = db_step(&s->db, st, &row, e)) && row && out->count < STORE_MANIFESTS_PER_KEY)
		out->items[out->count++] = read_manifest(st, a);
	sqlite3_reset(st);
	return ok;
}

bool store_get_manifest(struct store *s, const struct digest *weak, const struct digest *key,
			struct arena *a, struct store_manifest *out, bool *found, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_MANIFEST, e);

	*found = false;
	if (!st)
		return false;
	db_bind_digest(st, 1, weak);
	db_bind_digest(st, 2, key);
	if (!db_step(&s->db, st, found, e))
		return false;
	if (*found)
		*out = read_manifest(st, a);
	sqlite3_reset(st);
	return true;
}

static bool put_rows(struct store *s, const struct digest *weak, const struct store_manifest *m,
		     struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, PUT_MANIFEST, e);

	if (!st)
		return false;
	db_bind_digest(st, 1, weak);
	db_bind_digest(st, 2, &m->key);
	db_bind_int(st, 3, clock_now_ns());
	db_bind_blob(st, 4, m->data, m->len);
	if (!db_run(&s->db, st, e))
		return false;
	st = db_statement(&s->db, TRIM_MANIFESTS, e);
	if (!st)
		return false;
	db_bind_digest(st, 1, weak);
	return db_run(&s->db, st, e);
}

bool store_put_manifest(struct store *s, const struct digest *weak, const struct store_manifest *m,
			struct err *e)
{
	if (s->dry)
		return true;
	if (!db_begin(&s->db, e))
		return false;
	if (put_rows(s, weak, m, e) && db_commit(&s->db, e))
		return true;
	db_rollback(&s->db);
	return false;
}
