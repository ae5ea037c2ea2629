/* SPDX-License-Identifier: MIT
 *
 * What killed processes and time leave behind in the store's folder: temporary files, logs of boards that nobody builds
 * any more, damaged indexes that were put aside, copies of an mpy-cross that is gone.
 */
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "cache/gc_internal.h"
#include "os/clock.h"
#include "os/fs.h"

static const int64_t hour_ns = 3600 * INT64_C(1000000000);
static const int64_t month_ns = 30 * 86400 * INT64_C(1000000000);

struct clean {
	const struct gc_options *o;
	struct gc_result *out;
	int64_t now;
};

static bool is_older(const struct clean *c, const char *path, int64_t age_ns)
{
	struct fs_stat st;

	return fs_lstat(path, &st) && st.mtime_ns < c->now - age_ns;
}

static bool drop(struct clean *c, const char *path, struct err *e)
{
	c->out->leftovers++;
	return c->o->dry_run || fs_remove_tree(path, e);
}

static bool clean_blobs(struct clean *c, const struct contents *contents, struct err *e)
{
	for (size_t i = 0; i < contents->temps.count; i++)
		if (is_older(c, contents->temps.items[i], hour_ns) &&
		    !drop(c, contents->temps.items[i], e))
			return false;
	return true;
}

/* "import.tmpPID.XXXXXX", "index.db.bad-TIME" and what belongs to it */
static bool clean_top(struct clean *c, const char *dir, struct arena *a, struct err *e)
{
	static const char bad[] = "index.db.bad-", import[] = "import.";
	struct fs_list list;
	bool ok = true;

	if (!fs_is_dir(dir))
		return true;
	if (!fs_list(&list, dir, e))
		return false;
	for (size_t i = 0; ok && i < list.count; i++) {
		const char *name = list.names[i], *path = path_join(a, dir, name);

		if (strncmp(name, bad, strlen(bad)) == 0 ? is_older(c, path, month_ns)
		    : strncmp(name, import, strlen(import)) == 0 && fs_is_temp(name)
			    ? is_older(c, path, hour_ns)
			    : false)
			ok = drop(c, path, e);
	}
	fs_list_free(&list);
	return ok;
}

static bool is_stale_log(const struct clean *c, const char *dir, struct arena *a)
{
	AUTO_ERR ignored = ERR_INIT;
	struct fs_list list;
	bool stale = true;

	if (!fs_list(&list, dir, &ignored))
		return false;
	for (size_t i = 0; stale && i < list.count; i++)
		stale = is_older(c, path_join(a, dir, list.names[i]), month_ns);
	fs_list_free(&list);
	return stale && is_older(c, dir, month_ns);
}

/* log/TREE/BOARD; a tree without any goes too. */
static bool clean_tree_logs(struct clean *c, const char *tree, struct arena *a, struct err *e)
{
	struct fs_list list;
	size_t left;
	bool ok = true;

	if (!fs_list(&list, tree, e))
		return false;
	left = list.count;
	for (size_t i = 0; ok && i < list.count; i++) {
		const char *dir = path_join(a, tree, list.names[i]);

		if (list.types[i] != FS_DIR || !is_stale_log(c, dir, a))
			continue;
		ok = drop(c, dir, e);
		left--;
	}
	fs_list_free(&list);
	if (!left && !c->o->dry_run)
		rmdir(tree);
	return ok;
}

static bool clean_logs(struct clean *c, const char *dir, struct arena *a, struct err *e)
{
	struct fs_list list;
	bool ok = true;

	if (!fs_is_dir(dir))
		return true;
	if (!fs_list(&list, dir, e))
		return false;
	for (size_t i = 0; ok && i < list.count; i++)
		if (list.types[i] == FS_DIR)
			ok = clean_tree_logs(c, path_join(a, dir, list.names[i]), a, e);
	fs_list_free(&list);
	return ok;
}

/* ROOT/mpy-cross-DIGEST: wanted as long as the store has a file whose digest begins so, and while it is new. */
static bool is_wanted(const struct contents *contents, const char *digits)
{
	for (size_t i = 0; i < contents->outputs.count; i++) {
		char hex[DIGEST_HEX_SIZE];

		digest_hex(&contents->outputs.items[i].blob, hex);
		if (strncmp(hex, digits, strlen(digits)) == 0)
			return true;
	}
	return false;
}

static bool clean_work_root(struct clean *c, const struct contents *contents, struct arena *a,
			    struct err *e)
{
	static const char cross[] = "mpy-cross-";
	const char *root = c->o->work_root;
	struct fs_list list;
	bool ok = true;

	if (!root || !fs_is_dir(root))
		return true;
	if (!fs_list(&list, root, e))
		return false;
	for (size_t i = 0; ok && i < list.count; i++) {
		const char *path = path_join(a, root, list.names[i]);

		if (strncmp(list.names[i], cross, strlen(cross)) == 0 &&
		    is_older(c, path, 24 * hour_ns) &&
		    !is_wanted(contents, list.names[i] + strlen(cross)))
			ok = drop(c, path, e);
	}
	fs_list_free(&list);
	return ok;
}

bool gc_clean(struct store *s, const struct gc_options *o, const struct contents *contents,
	      struct gc_result *out, struct err *e)
{
	struct clean c = { .o = o, .out = out, .now = clock_now_ns() };
	AUTO_ARENA a = ARENA_INIT;

	return clean_blobs(&c, contents, e) && clean_top(&c, s->dir, &a, e) &&
	       clean_logs(&c, store_path(s, &a, "log"), &a, e) &&
	       clean_work_root(&c, contents, &a, e);
}
