/* SPDX-License-Identifier: MIT
 *
 * Eviction of actions and blobs. Planned in memory in one transaction: rows go first, then files, so that a process that
 * is killed in between leaves blobs that nothing refers to, never rows without blobs.
 */
#include "cache/gc.h"

#include <stdlib.h>
#include <string.h>

#include "base/size.h"
#include "cache/gc_internal.h"
#include "os/clock.h"
#include "os/fs.h"

static const uint64_t default_limit = 5 * UINT64_C(1000000000);
/* A use is written down once an hour, and a run may take another. */
static const int64_t used_grace_ns = 2 * 3600 * INT64_C(1000000000);
/* Between putting an output and recording its action. */
static const int64_t put_grace_ns = 600 * INT64_C(1000000000);
static const int64_t manifest_age_ns = 90 * 86400 * INT64_C(1000000000);

static bool read_limit(const char *variable, uint64_t *out, struct err *e)
{
	const char *text = getenv(variable);

	*out = default_limit;
	if (!text || !*text || size_parse(text, out))
		return true;
	err_usage(e, "%s wants a size, not '%s'", variable, text);
	return err_hint(e, "for example %s=2G; 0 means no limit", variable);
}

bool gc_read_limits(struct gc_limits *out, struct err *e)
{
	return read_limit("MPFLASH_CACHE_SIZE", &out->blobs, e) &&
	       read_limit("MPFLASH_WORK_SIZE", &out->work, e);
}

/* --- the plan ------------------------------------------------------------------------------------------------- */

/* The blobs that a last run keeps: its parts, and what they name. */
struct last_refs {
	size_t first, count;
};

struct plan {
	struct store *s;
	struct contents c;
	VEC(struct content_blob *) refs; /* of all last runs, one after the other */
	struct gc_texts texts;
	VEC(struct last_refs) lasts;      /* as c.lasts */
	VEC(struct content_action *) old; /* all actions, the one not used for longest first */
	VEC(struct content_blob) gone;    /* files to be removed */
	VEC(const struct content_action *) evicted;
	VEC(const struct content_last *) dropped;
	uint64_t bytes; /* of blobs that stay */
	int64_t now;
	bool alone;
	bool by_itself; /* nobody asked for it */
	size_t spared;  /* actions over the limit that are in use */
};

static void plan_free(struct plan *p)
{
	contents_free(&p->c);
	vec_free(&p->refs);
	vec_free(&p->texts);
	vec_free(&p->lasts);
	vec_free(&p->old);
	vec_free(&p->gone);
	vec_free(&p->evicted);
	vec_free(&p->dropped);
}

static void add_ref(struct plan *p, const struct digest *d)
{
	struct content_blob *b = contents_blob(&p->c, d);

	if (!b)
		return;
	b->refs++;
	vec_push(&p->refs, b);
}

/* Parts are text; a value of 32 hex digits may be the name of a blob (a list of inputs). */
static void add_named(struct plan *p, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	while (*text) {
		size_t len = strspn(text, hex);
		struct digest d;
		char word[DIGEST_HEX_SIZE] = "";

		if (len == DIGEST_HEX_SIZE - 1) {
			memcpy(word, text, len);
			if (digest_parse(&d, word))
				add_ref(p, &d);
		}
		text += len;
		text += strcspn(text, hex);
	}
}

static void count_refs(struct plan *p)
{
	for (size_t i = 0; i < p->c.outputs.count; i++) {
		struct content_blob *b = contents_blob(&p->c, &p->c.outputs.items[i].blob);

		if (b)
			b->refs++;
	}
	for (size_t i = 0; i < p->c.lasts.count; i++) {
		AUTO_STRBUF parts = STRBUF_INIT;
		size_t first = p->refs.count;

		add_ref(p, &p->c.lasts.items[i].parts);
		if (store_read_blob(p->s, &p->c.lasts.items[i].parts, &parts))
			add_named(p, parts.buf);
		vec_push(&p->lasts, (struct last_refs){ first, p->refs.count - first });
	}
}

static bool is_of_tree(const char *step, const struct strv *trees)
{
	for (size_t i = 0; i < trees->count; i++) {
		size_t len = strlen(trees->items[i]);

		if (strncmp(step, trees->items[i], len) == 0 && step[len] == ' ')
			return true;
	}
	return false;
}

static bool mark_builds(struct plan *p, const char *work_root, struct err *e)
{
	struct strv trees = { 0 };
	bool ok = !work_root || gc_busy_trees(work_root, &p->c.arena, &trees, e);

	for (size_t i = 0; ok && trees.count && i < p->c.lasts.count; i++) {
		struct content_action *a = contents_action(&p->c, &p->c.lasts.items[i].key);

		if (a && is_of_tree(p->c.lasts.items[i].step, &trees))
			a->in_use = true;
	}
	vec_free(&trees);
	return ok;
}

/* Firmware that a board runs can be flashed again without a build. */
static bool mark_devices(struct plan *p, struct err *e)
{
	struct store_devices devices;

	if (!store_list_devices(p->s, &p->c.arena, &devices, e))
		return false;
	for (size_t i = 0; i < devices.count; i++)
		for (size_t k = 0; k < p->c.outputs.count; k++) {
			const struct content_output *o = &p->c.outputs.items[k];
			struct content_action *a;

			if (digest_is_zero(&o->image) ||
			    !digest_equal(&o->image, &devices.items[i].image))
				continue;
			a = contents_action(&p->c, &o->key);
			if (a)
				a->in_use = true;
		}
	return true;
}

static void mark_recent(struct plan *p)
{
	if (p->alone && !p->by_itself)
		return;
	for (size_t i = 0; i < p->c.actions.count; i++)
		if (p->c.actions.items[i].used_ns > p->now - used_grace_ns)
			p->c.actions.items[i].in_use = true;
}

static void free_blob(struct plan *p, struct content_blob *b)
{
	if (!p->alone && b->mtime_ns > p->now - put_grace_ns)
		return;
	p->bytes -= b->size;
	vec_push(&p->gone, *b);
}

static void unref(struct plan *p, struct content_blob *b)
{
	if (b && b->refs && !--b->refs)
		free_blob(p, b);
}

static void drop_last(struct plan *p, size_t i)
{
	const struct last_refs *r = &p->lasts.items[i];

	for (size_t k = 0; k < r->count; k++)
		unref(p, p->refs.items[r->first + k]);
	vec_push(&p->dropped, &p->c.lasts.items[i]);
}

/* The first of a key in the sorted list; its count when there is none. */
static size_t first_text(const struct gc_texts *texts, const struct digest *key)
{
	size_t low = 0, high = texts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&texts->items[middle].key, key, sizeof(*key)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void evict(struct plan *p, const struct content_action *a)
{
	for (size_t i = 0; i < a->count; i++)
		unref(p, contents_blob(&p->c, &p->c.outputs.items[a->first + i].blob));
	for (size_t i = first_text(&p->texts, &a->key);
	     i < p->texts.count && digest_equal(&p->texts.items[i].key, &a->key); i++)
		unref(p, p->texts.items[i].blob);
	for (size_t i = 0; i < p->c.lasts.count; i++)
		if (digest_equal(&p->c.lasts.items[i].key, &a->key))
			drop_last(p, i);
	vec_push(&p->evicted, a);
}

static int older_first(const void *a, const void *b)
{
	const struct content_action *x = *(struct content_action *const *)a;
	const struct content_action *y = *(struct content_action *const *)b;

	if (x->used_ns != y->used_ns)
		return x->used_ns < y->used_ns ? -1 : 1;
	return memcmp(&x->key, &y->key, sizeof(x->key));
}

static void choose(struct plan *p, uint64_t limit)
{
	for (size_t i = 0; i < p->c.blobs.count; i++)
		if (!p->c.blobs.items[i].refs)
			free_blob(p, &p->c.blobs.items[i]);
	if (!limit)
		return;
	/* What is known only of runs whose result is gone: first of all. */
	for (size_t i = 0; p->bytes > limit && i < p->c.lasts.count; i++)
		if (!contents_action(&p->c, &p->c.lasts.items[i].key))
			drop_last(p, i);
	for (size_t i = 0; i < p->c.actions.count; i++)
		vec_push(&p->old, &p->c.actions.items[i]);
	if (p->old.count)
		qsort((void *)p->old.items, p->old.count, sizeof(*p->old.items), older_first);
	for (size_t i = 0; p->bytes > limit && i < p->old.count; i++) {
		if (p->old.items[i]->in_use)
			p->spared++;
		else
			evict(p, p->old.items[i]);
	}
}

static bool make_plan(struct plan *p, const struct gc_options *o, uint64_t limit, struct err *e)
{
	if (!contents_read_rows(p->s, &p->c, e) || !contents_read_blobs(p->s, &p->c, e))
		return false;
	p->bytes = contents_bytes(&p->c);
	count_refs(p);
	mark_recent(p);
	if (!gc_read_texts(p->s, &p->c, &p->texts, e) || !mark_builds(p, o->work_root, e) ||
	    !mark_devices(p, e))
		return false;
	choose(p, limit);
	return true;
}

/* --- the deed ------------------------------------------------------------------------------------------------- */

static bool drop_by_digest(struct store *s, int number, const struct digest *d, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, number, e);

	if (!st)
		return false;
	db_bind_digest(st, 1, d);
	return db_run(&s->db, st, e);
}

static bool drop_by_text(struct store *s, int number, const char *text, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, number, e);

	if (!st)
		return false;
	db_bind_text(st, 1, text);
	return db_run(&s->db, st, e);
}

static bool list_dead_roots(struct store *s, struct arena *a, struct strv *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_STATS, e);
	bool row = true, ok = st != NULL;

	while (ok && (ok = db_step(&s->db, st, &row, e)) && row) {
		const char *root = db_text(st, 0, a);

		if (*root == '/' && !fs_exists(root))
			vec_push(out, root);
	}
	return ok;
}

static bool drop_old_rows(struct plan *p, struct err *e)
{
	sqlite3_stmt *st = db_statement(&p->s->db, DROP_OLD_MANIFESTS, e);
	struct strv roots = { 0 };
	bool ok;

	if (!st)
		return false;
	db_bind_int(st, 1, p->now - manifest_age_ns);
	ok = db_run(&p->s->db, st, e) && list_dead_roots(p->s, &p->c.arena, &roots, e);
	for (size_t i = 0; ok && i < roots.count; i++)
		ok = drop_by_text(p->s, DROP_STATS, roots.items[i], e);
	vec_free(&roots);
	return ok;
}

static bool drop_rows(struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->evicted.count; i++)
		if (!store_drop_action(p->s, &p->evicted.items[i]->key, e) ||
		    !drop_by_digest(p->s, DROP_MANIFESTS_OF, &p->evicted.items[i]->key, e))
			return false;
	for (size_t i = 0; i < p->dropped.count; i++)
		if (!drop_by_text(p->s, DROP_LAST, p->dropped.items[i]->step, e))
			return false;
	return drop_old_rows(p, e);
}

/* One that was put again since we looked is somebody's. */
static bool remove_files(struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->gone.count; i++) {
		const struct content_blob *b = &p->gone.items[i];
		AUTO_STRBUF path = STRBUF_INIT;
		struct fs_stat st;

		store_blob_path(p->s, &b->digest, &path);
		if (!fs_lstat(path.buf, &st))
			continue;
		if (st.mtime_ns != b->mtime_ns) {
			p->bytes += b->size;
			continue;
		}
		if (!store_remove_blob(p->s, &b->digest, b->size, e))
			return false;
	}
	return store_set_total(p->s, (int64_t)p->bytes, e);
}

static bool plan_and_drop(struct plan *p, const struct gc_options *o, uint64_t limit, struct err *e)
{
	if (o->dry_run)
		return make_plan(p, o, limit, e);
	if (!db_begin(&p->s->db, e))
		return false;
	if (store_flush(p->s, e) && make_plan(p, o, limit, e) && drop_rows(p, e) &&
	    db_commit(&p->s->db, e))
		return true;
	db_rollback(&p->s->db);
	return false;
}

static void fill_result(const struct plan *p, struct arena *a, struct gc_result *out)
{
	out->alone = p->alone;
	out->actions = p->evicted.count;
	out->blobs = p->gone.count;
	for (size_t i = 0; i < p->gone.count; i++)
		out->blob_bytes += p->gone.items[i].size;
	out->bytes = p->bytes;
	if (p->spared)
		vec_push(&out->spared, arena_printf(a, "%zu action%s in use", p->spared,
						    p->spared == 1 ? "" : "s"));
}

static bool run(struct store *s, const struct gc_options *o, const struct gc_limits *limits,
		bool by_itself, struct arena *a, struct gc_result *out, struct err *e)
{
	struct plan p = { .s = s, .now = clock_now_ns(), .by_itself = by_itself };
	bool ok;

	*out = (struct gc_result){ 0 };
	p.alone = lock_alone(&s->use);
	ok = plan_and_drop(&p, o, limits->blobs, e) && (o->dry_run || remove_files(&p, e));
	if (ok)
		fill_result(&p, a, out);
	ok = ok && gc_clean(s, o, &p.c, out, e) && gc_trim_works(s, o, limits->work, a, out, e);
	if (p.alone)
		lock_share(&s->use);
	plan_free(&p);
	return ok;
}

bool gc_run(struct store *s, const struct gc_options *o, struct arena *a, struct gc_result *out,
	    struct err *e)
{
	return run(s, o, &o->limits, false, a, out, e);
}

/* --- by itself ------------------------------------------------------------------------------------------------ */

static bool blobs_are_over(struct store *s, uint64_t limit, bool *over, struct err *e)
{
	int64_t total;

	*over = false;
	if (!limit || !store_grew(s))
		return true;
	if (!store_get_total(s, &total, e))
		return false;
	if (total < 0) { /* the first time: count once */
		struct contents c = { 0 };
		bool ok = contents_read_blobs(s, &c, e);

		total = (int64_t)contents_bytes(&c);
		contents_free(&c);
		if (!ok || !store_set_total(s, total, e))
			return false;
	}
	*over = total > 0 && (uint64_t)total > limit;
	return true;
}

static bool works_are_over(struct store *s, const struct gc_options *o, struct arena *a, bool *over,
			   struct err *e)
{
	struct gc_works works = { 0 };
	uint64_t sum = 0;
	bool ok = !o->work_root || !o->limits.work || gc_list_works(s, o->work_root, a, &works, e);

	for (size_t i = 0; i < works.count; i++)
		sum += works.items[i].bytes;
	*over = o->limits.work && sum > o->limits.work;
	vec_free(&works);
	return ok;
}

/* Nine tenths of a limit: room for some runs until the next time. */
static uint64_t lower(uint64_t limit)
{
	return limit - limit / 10;
}

bool gc_after_run(struct store *s, const struct gc_options *o, struct arena *a,
		  struct gc_result *out, bool *ran, struct err *e)
{
	struct gc_limits limits = o->limits;
	bool blobs, works;

	*out = (struct gc_result){ 0 };
	*ran = false;
	if (!blobs_are_over(s, o->limits.blobs, &blobs, e) || !works_are_over(s, o, a, &works, e))
		return false;
	*ran = blobs || works;
	if (!*ran)
		return true;
	if (blobs)
		limits.blobs = lower(limits.blobs);
	if (works)
		limits.work = lower(limits.work);
	return run(s, o, &limits, true, a, out, e);
}
