/* SPDX-License-Identifier: MIT
 *
 * Work folders and worktrees: big, and cheap to have made again. ROOT/TREE/NAME is one, its builder holds the lock of
 * ROOT/TREE/NAME.lock; "NAME-x" without a lock of its own goes by that of NAME. The lock file's date is that of its last use.
 * What runs in a container holds NAME.inside.lock, also when its builder was killed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "cache/gc_internal.h"
#include "os/clock.h"
#include "os/fs.h"

/* Behind the name of a folder that is being removed: a rename takes it out of use in one go. */
static const char removed[] = ".removed";

static bool has_suffix(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n > k && strcmp(name + n - k, suffix) == 0;
}

static uint64_t measure(const char *path, int depth)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT; /* it may be in the middle of a build */
	struct fs_list list;
	uint64_t sum = 0;

	if (depth > 100 || !fs_list(&list, path, &ignored))
		return 0;
	for (size_t i = 0; i < list.count; i++) {
		const char *below = path_join(&a, path, list.names[i]);
		struct fs_stat st;

		if (list.types[i] == FS_DIR)
			sum += measure(below, depth + 1);
		else if (fs_lstat(below, &st))
			sum += st.size;
	}
	fs_list_free(&list);
	return sum;
}

/* NAME.lock, or that of the longest part of NAME before a '-' that has one. */
static const char *lock_of(const char *path, struct arena *a)
{
	char *stem = arena_strdup(a, path);
	const char *own = arena_printf(a, "%s.lock", path), *lock = own;

	for (;;) {
		char *base = stem + (path_base(stem) - stem), *dash;

		if (fs_exists(lock))
			return lock;
		dash = strrchr(base, '-');
		if (!dash)
			return own;
		*dash = '\0';
		lock = arena_printf(a, "%s.lock", stem);
	}
}

/* "NAME.lock" -> "NAME.inside.lock" */
static const char *inside_lock(const struct gc_work *w, struct arena *a)
{
	return arena_printf(a, "%.*s.inside.lock", (int)(strlen(w->lock) - strlen(".lock")),
			    w->lock);
}

static bool remembered(struct store *s, const struct gc_work *w, uint64_t *bytes, bool *known,
		       struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, GET_WORK, e);

	*known = false;
	if (!st)
		return false;
	db_bind_text(st, 1, w->path);
	if (!db_step(&s->db, st, known, e))
		return false;
	if (*known) {
		*bytes = (uint64_t)sqlite3_column_int64(st, 0);
		*known = sqlite3_column_int64(st, 1) > w->used_ns;
		sqlite3_reset(st);
	}
	return true;
}

static bool remember(struct store *s, const struct gc_work *w, int64_t now, struct err *e)
{
	sqlite3_stmt *st = s->dry ? NULL : db_statement(&s->db, PUT_WORK, e);

	if (!st)
		return s->dry;
	db_bind_text(st, 1, w->path);
	db_bind_int(st, 2, (int64_t)w->bytes);
	db_bind_int(st, 3, now);
	return db_run(&s->db, st, e);
}

static bool forget(struct store *s, const char *path, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, DROP_WORK, e);

	if (!st)
		return false;
	db_bind_text(st, 1, path);
	return db_run(&s->db, st, e);
}

static bool add_work(struct store *s, const char *path, struct arena *a, struct gc_works *out,
		     struct err *e)
{
	struct gc_work w = { .path = path, .lock = lock_of(path, a) };
	AUTO_STRBUF holder = STRBUF_INIT;
	struct fs_stat st;
	int64_t now = clock_now_ns();
	bool known;

	if (fs_lstat(path, &st))
		w.used_ns = st.mtime_ns;
	if (fs_lstat(w.lock, &st) && st.mtime_ns > w.used_ns)
		w.used_ns = st.mtime_ns;
	if (lock_is_held(w.lock, &holder) || lock_is_held(inside_lock(&w, a), &holder))
		w.holder = arena_strdup(a, holder.buf);
	if (!remembered(s, &w, &w.bytes, &known, e))
		return false;
	if (!known) {
		w.bytes = measure(path, 0);
		if (!w.holder && !remember(s, &w, now, e))
			return false;
	}
	vec_push(out, w);
	return true;
}

/* Calls what for each folder ROOT/TREE/NAME; a root that is not there has none. */
static bool list_folders(const char *root, struct arena *a, struct strv *out, struct err *e)
{
	struct fs_list trees, names;
	bool ok = true;

	if (!fs_is_dir(root))
		return true;
	if (!fs_list(&trees, root, e))
		return false;
	for (size_t i = 0; ok && i < trees.count; i++) {
		const char *tree = path_join(a, root, trees.names[i]);

		if (trees.types[i] != FS_DIR)
			continue;
		ok = fs_list(&names, tree, e);
		for (size_t k = 0; ok && k < names.count; k++)
			if (names.types[k] == FS_DIR)
				vec_push(out, path_join(a, tree, names.names[k]));
		if (ok)
			fs_list_free(&names);
	}
	fs_list_free(&trees);
	return ok;
}

bool gc_list_works(struct store *s, const char *work_root, struct arena *a, struct gc_works *out,
		   struct err *e)
{
	struct strv paths = { 0 };
	bool ok = list_folders(work_root, a, &paths, e) &&
		  list_folders(store_path(s, a, "worktrees"), a, &paths, e);

	for (size_t i = 0; ok && i < paths.count; i++)
		ok = add_work(s, paths.items[i], a, out, e);
	vec_free(&paths);
	return ok;
}

bool gc_busy_trees(const char *work_root, struct arena *a, struct strv *out, struct err *e)
{
	AUTO_STRBUF holder = STRBUF_INIT;
	struct fs_list trees, names;
	bool ok = true;

	if (!fs_is_dir(work_root))
		return true;
	if (!fs_list(&trees, work_root, e))
		return false;
	for (size_t i = 0; ok && i < trees.count; i++) {
		const char *tree = path_join(a, work_root, trees.names[i]);
		bool busy = false;

		if (trees.types[i] != FS_DIR)
			continue;
		ok = fs_list(&names, tree, e);
		for (size_t k = 0; ok && !busy && k < names.count; k++)
			busy = has_suffix(names.names[k], ".lock") &&
			       lock_is_held(path_join(a, tree, names.names[k]), &holder);
		if (busy)
			vec_push(out, arena_strdup(a, trees.names[i]));
		if (ok)
			fs_list_free(&names);
	}
	fs_list_free(&trees);
	return ok;
}

/* --- removal -------------------------------------------------------------------------------------------------- */

static int older_first(const void *a, const void *b)
{
	const struct gc_work *x = a, *y = b;

	if (x->used_ns != y->used_ns)
		return x->used_ns < y->used_ns ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void spare(struct arena *a, const struct gc_work *w, const char *holder,
		  struct gc_result *out)
{
	vec_push(&out->spared, arena_printf(a, "%s: %s works in it", w->path, holder));
	out->work_kept += w->bytes;
}

static bool remove_work(struct store *s, const struct gc_work *w, bool alone, struct arena *a,
			struct gc_result *out, struct err *e)
{
	const char *aside = arena_printf(a, "%s%s", w->path, removed);
	AUTO_STRBUF holder = STRBUF_INIT;
	struct lock l = LOCK_INIT;
	bool taken, ok;

	if (!lock_try(&l, w->lock, "mpflash cache gc", &taken, &holder, e))
		return false;
	if (!taken || lock_is_held(inside_lock(w, a), &holder)) {
		lock_release(&l);
		spare(a, w, holder.buf, out);
		return true;
	}
	if (!fs_exists(w->path)) { /* another gc, or its builder, was faster */
		lock_release(&l);
		return forget(s, w->path, e);
	}
	/* What its builder wrote down of it first: without that it is started from nothing. */
	ok = fs_remove_tree(arena_printf(a, "%s.state", w->path), e) && fs_remove_tree(aside, e) &&
	     fs_rename(w->path, aside, e) && forget(s, w->path, e);
	if (alone) { /* else somebody may have it open and be about to lock it */
		unlink(w->lock);
		unlink(inside_lock(w, a));
	}
	lock_release(&l);
	ok = ok && fs_remove_tree(aside, e);
	out->works++;
	out->work_bytes += w->bytes;
	return ok;
}

static bool trim(struct store *s, const struct gc_options *o, const struct gc_works *works,
		 uint64_t limit, struct arena *a, struct gc_result *out, struct err *e)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < works->count; i++)
		sum += works->items[i].bytes;
	for (size_t i = 0; i < works->count; i++) {
		const struct gc_work *w = &works->items[i];
		size_t before = out->works;
		bool rest = has_suffix(w->path, removed); /* somebody was killed removing it */

		if (!rest && (!limit || sum <= limit)) {
			out->work_kept += w->bytes;
		} else if (w->holder) {
			spare(a, w, w->holder, out);
		} else if (o->dry_run) {
			out->works++;
			out->work_bytes += w->bytes;
		} else if (!remove_work(s, w, out->alone, a, out, e)) {
			return false;
		}
		if (out->works > before)
			sum -= w->bytes;
	}
	return true;
}

bool gc_trim_works(struct store *s, const struct gc_options *o, uint64_t limit, struct arena *a,
		   struct gc_result *out, struct err *e)
{
	struct gc_works works = { 0 };
	bool ok;

	if (!o->work_root)
		return true;
	ok = gc_list_works(s, o->work_root, a, &works, e);
	if (works.count)
		qsort(works.items, works.count, sizeof(*works.items), older_first);
	ok = ok && trim(s, o, &works, limit, a, out, e);
	vec_free(&works);
	return ok;
}
