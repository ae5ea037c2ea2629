/* SPDX-License-Identifier: MIT
 *
 * Counting.
 */
#include "cache/usage.h"

#include "base/path.h"
#include "cache/gc_internal.h"
#include "os/fs.h"

static bool count_rows(struct store *s, struct store_usage *u, struct err *e)
{
	const struct {
		const char *sql;
		int64_t *out;
	} questions[] = {
		{ "SELECT count(*) FROM actions", &u->actions },
		{ "SELECT count(*) FROM outputs", &u->outputs },
		{ "SELECT count(*) FROM manifests", &u->manifests },
		{ "SELECT coalesce(sum(count), 0) FROM paths", &u->paths },
		{ "SELECT count(*) FROM last", &u->last_runs },
		{ "SELECT count(*) FROM devices", &u->devices },
		{ "SELECT coalesce(min(used_ns), 0) FROM actions", &u->oldest_use_ns },
		{ "SELECT coalesce(max(used_ns), 0) FROM actions", &u->newest_use_ns },
	};

	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		if (!db_number(&s->db, questions[i].sql, questions[i].out, e))
			return false;
	return true;
}

static void count_files(const char *dir, int depth, uint64_t *files, uint64_t *bytes)
{
	AUTO_ARENA a = ARENA_INIT;
	AUTO_ERR ignored = ERR_INIT; /* it comes and goes */
	struct fs_list list;

	if (depth > 4 || !fs_list(&list, dir, &ignored))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const char *path = path_join(&a, dir, list.names[i]);
		struct fs_stat st;

		if (list.types[i] == FS_DIR) {
			count_files(path, depth + 1, files, bytes);
		} else if (fs_lstat(path, &st)) {
			*files += 1;
			*bytes += st.size;
		}
	}
	fs_list_free(&list);
}

bool store_measure(struct store *s, const char *work_root, struct store_usage *out, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct contents c = { 0 };
	struct gc_works works = { 0 };
	struct fs_stat st;
	bool ok;

	*out = (struct store_usage){ 0 };
	ok = count_rows(s, out, e) && contents_read_blobs(s, &c, e) &&
	     gc_list_works(s, work_root, &a, &works, e);
	out->blobs = c.blobs.count;
	out->blob_bytes = contents_bytes(&c);
	out->works = works.count;
	for (size_t i = 0; i < works.count; i++)
		out->work_bytes += works.items[i].bytes;
	count_files(store_path(s, &a, "log"), 0, &out->logs, &out->log_bytes);
	if (fs_lstat(store_path(s, &a, "index.db"), &st))
		out->index_bytes = st.size;
	contents_free(&c);
	vec_free(&works);
	return ok;
}
