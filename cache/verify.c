/* SPDX-License-Identifier: MIT
 *
 * Verifying in the order of dependence: index, blobs, actions, last runs, paths, manifests.
 */
#include "cache/verify.h"

#include <string.h>

#include "cache/contents.h"
#include "cache/manifest.h"
#include "os/fs.h"

struct verify {
	struct store *s;
	struct contents c;
	struct arena *a;
	struct verify_result *out;
	bool heal;
};

#define FAULT(v, ...) vec_push(&(v)->out->faults, arena_printf((v)->a, __VA_ARGS__))

/* --- blobs ---------------------------------------------------------------------------------------------------- */

static bool is_whole(struct verify *v, const struct content_blob *b, const char *path)
{
	AUTO_ERR why = ERR_INIT;
	struct fs_map m;
	struct digest now;

	if (!fs_map(&m, path, &why)) {
		FAULT(v, "%s", why.msg);
		return false;
	}
	now = digest_of(m.data, m.size);
	v->out->bytes += m.size;
	fs_unmap(&m);
	if (digest_equal(&now, &b->digest))
		return true;
	FAULT(v, "%s: its bytes are not those that its name stands for", path);
	return false;
}

/* Those that stay are packed together again: later looks find only them. */
static bool verify_blobs(struct verify *v, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->c.blobs.count; i++) {
		const struct content_blob b = v->c.blobs.items[i];
		AUTO_STRBUF path = STRBUF_INIT;

		store_blob_path(v->s, &b.digest, &path);
		v->out->blobs++;
		if (is_whole(v, &b, path.buf)) {
			v->c.blobs.items[kept++] = b;
		} else if (fs_exists(path.buf) && v->heal &&
			   !store_remove_blob(v->s, &b.digest, b.size, e)) {
			return false;
		}
	}
	v->c.blobs.count = kept;
	for (size_t i = 0; i < v->c.strangers.count; i++)
		vec_push(&v->out->notes,
			 arena_printf(v->a, "%s is no file of the store", v->c.strangers.items[i]));
	return true;
}

/* --- actions and last runs ------------------------------------------------------------------------------------ */

static bool drop_manifests_of(struct verify *v, const struct digest *key, struct err *e)
{
	sqlite3_stmt *st = db_statement(&v->s->db, DROP_MANIFESTS_OF, e);

	if (!st)
		return false;
	db_bind_digest(st, 1, key);
	return db_run(&v->s->db, st, e);
}

/* The step that it was last the result of, for people. */
static const char *step_of(const struct verify *v, const struct digest *key)
{
	for (size_t i = 0; i < v->c.lasts.count; i++)
		if (digest_equal(&v->c.lasts.items[i].key, key)) {
			const char *space = strchr(v->c.lasts.items[i].step, ' ');

			return space ? space + 1 : v->c.lasts.items[i].step;
		}
	return "an older run";
}

static const char *lost_output(const struct verify *v, const struct content_action *action)
{
	for (size_t i = 0; i < action->count; i++) {
		const struct content_output *o = &v->c.outputs.items[action->first + i];
		const struct content_blob *b = contents_blob(&v->c, &o->blob);

		if (!b || b->size != o->size)
			return o->name;
	}
	return NULL;
}

static bool verify_actions(struct verify *v, struct err *e)
{
	for (size_t i = 0; i < v->c.actions.count; i++) {
		const struct content_action *action = &v->c.actions.items[i];
		const char *lost = lost_output(v, action);

		v->out->actions++;
		if (!lost)
			continue;
		FAULT(v, "%s: its %s is not in the store", step_of(v, &action->key), lost);
		if (v->heal && (!store_drop_action(v->s, &action->key, e) ||
				!drop_manifests_of(v, &action->key, e)))
			return false;
	}
	return true;
}

static bool verify_lasts(struct verify *v, struct err *e)
{
	for (size_t i = 0; i < v->c.lasts.count; i++) {
		const struct content_last *last = &v->c.lasts.items[i];
		sqlite3_stmt *st;

		if (digest_is_zero(&last->parts) || contents_blob(&v->c, &last->parts))
			continue;
		FAULT(v, "%s: what it was made of is not in the store", step_of(v, &last->key));
		if (!v->heal)
			continue;
		st = db_statement(&v->s->db, DROP_LAST, e);
		if (!st)
			return false;
		db_bind_text(st, 1, last->step);
		if (!db_run(&v->s->db, st, e))
			return false;
	}
	return true;
}

/* --- paths and manifests -------------------------------------------------------------------------------------- */

/* A row that cannot be read hides all that come after it; manifests that name those are dropped next. */
static bool verify_paths(struct verify *v, struct store_paths *paths, struct err *e)
{
	int64_t count = 0;
	sqlite3_stmt *st;

	if (!store_paths(v->s, paths, e) ||
	    !db_number(&v->s->db, "SELECT coalesce(max(first + count), 0) FROM paths", &count, e))
		return false;
	if (count <= (int64_t)paths->count)
		return true;
	FAULT(v, "%lld of %lld paths cannot be read", (long long)(count - paths->count),
	      (long long)count);
	if (!v->heal)
		return true;
	st = db_statement(&v->s->db, DROP_PATHS, e);
	if (!st)
		return false;
	db_bind_int(st, 1, paths->count);
	return db_run(&v->s->db, st, e);
}

struct bad_manifest {
	struct digest weak, key;
};

static bool drop_manifest(struct verify *v, const struct bad_manifest *bad, struct err *e)
{
	sqlite3_stmt *st = db_statement(&v->s->db, DROP_MANIFEST, e);

	if (!st)
		return false;
	db_bind_digest(st, 1, &bad->weak);
	db_bind_digest(st, 2, &bad->key);
	return db_run(&v->s->db, st, e);
}

static bool verify_manifests(struct verify *v, const struct store_paths *paths, struct err *e)
{
	sqlite3_stmt *st = db_statement(&v->s->db, LIST_MANIFESTS, e);
	VEC(struct bad_manifest) bad = { 0 };
	bool row = true, ok = st != NULL;

	while (ok && (ok = db_step(&v->s->db, st, &row, e)) && row) {
		struct manifest m;

		v->out->manifests++;
		if (manifest_decode(sqlite3_column_blob(st, 2), (size_t)sqlite3_column_bytes(st, 2),
				    paths->count, &m)) {
			vec_free(&m.entries);
			continue;
		}
		vec_push(&bad, (struct bad_manifest){ db_digest(st, 0), db_digest(st, 1) });
	}
	for (size_t i = 0; ok && i < bad.count; i++) {
		FAULT(v, "%s: its list of inputs is damaged", step_of(v, &bad.items[i].key));
		ok = !v->heal || drop_manifest(v, &bad.items[i], e);
	}
	vec_free(&bad);
	return ok;
}

/* --- all ------------------------------------------------------------------------------------------------------ */

static bool verify_rows(struct verify *v, struct err *e)
{
	struct store_paths paths;

	return verify_actions(v, e) && verify_lasts(v, e) && verify_paths(v, &paths, e) &&
	       verify_manifests(v, &paths, e);
}

static bool verify_all(struct verify *v, struct err *e)
{
	if (!contents_read_rows(v->s, &v->c, e) || !contents_read_blobs(v->s, &v->c, e) ||
	    !verify_blobs(v, e))
		return false;
	if (!v->heal)
		return verify_rows(v, e);
	if (!db_begin(&v->s->db, e))
		return false;
	if (verify_rows(v, e) && store_flush(v->s, e) &&
	    store_set_total(v->s, (int64_t)contents_bytes(&v->c), e) && db_commit(&v->s->db, e))
		return true;
	db_rollback(&v->s->db);
	return false;
}

bool store_verify(struct store *s, bool heal, struct arena *a, struct verify_result *out,
		  struct err *e)
{
	struct verify v = { .s = s, .a = a, .out = out, .heal = heal && !s->dry };
	bool ok = true;

	*out = (struct verify_result){ 0 };
	if (!db_is_whole(&s->db)) {
		FAULT(&v, "%s/index.db: SQLite finds it damaged", s->dir);
		s->db.damaged = true;
	} else {
		ok = verify_all(&v, e);
	}
	contents_free(&v.c);
	return ok;
}
