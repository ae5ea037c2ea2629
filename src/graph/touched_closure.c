/* SPDX-License-Identifier: MIT
 *
 * One closure and the changes since a commit; see touched.h.
 */
#include <string.h>

#include "base/path.h"
#include "cache/manifest.h"
#include "graph/closure.h"
#include "graph/touched_internal.h"
#include "os/fs.h"
#include "source/names.h"

/* --- one path ----------------------------------------------------------------------------------------------------- */

static bool is_in_tree(const char *path)
{
	return path[0] != '/' && strncmp(path, "~/", 2) != 0 && strcmp(path, "..") != 0 &&
	       strncmp(path, "../", 3) != 0;
}

static bool is_folder_now(const struct session *s, const char *path)
{
	AUTO_ARENA a = ARENA_INIT;
	struct fs_stat st;

	return fs_lstat(path_join(&a, s->tree.root, path), &st) && st.type == FS_DIR;
}

/* The folder came or went. */
static bool folder_differs(const struct touched *t, const char *path)
{
	return since_had_folder(&t->since, path) != is_folder_now(t->s, path);
}

static bool name_counts(const char *name, bool file)
{
	return !name_is_scratch(name) && strcmp(name, "__pycache__") != 0 &&
	       strcmp(name, "build-mpflash") != 0 && !(file && name_is_unlisted(name));
}

/* Whether a change below `folder` adds a name to its listing, takes one away, or makes one another kind of thing. */
static bool changes_listing(const struct touched *t, const char *folder,
			    const struct since_change *c)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *rest = strcmp(folder, ".") == 0 ? c->path : path_below(c->path, folder);
	size_t len = strcspn(rest, "/");
	const char *name = arena_strndup(&a, rest, len);
	bool direct = !rest[len];

	if (direct && !c->whole)
		return c->how != SINCE_CHANGED && name_counts(name, c->file);
	return name_counts(name, false) &&
	       folder_differs(t, arena_strndup(&a, c->path, strlen(c->path) - strlen(rest) + len));
}

/* The change that makes an entry of a closure another one; NULL: none. */
static const struct since_change *find_change(const struct touched *t, const char *path,
					      uint8_t kind)
{
	const struct since_change *c = since_find(&t->since, path);
	size_t from, to;

	if (!c)
		c = since_whole(&t->since, path);
	if (c || kind == MANIFEST_CONTENT || kind == MANIFEST_LINK)
		return c;
	since_below(&t->since, path, &from, &to);
	if (from == to)
		return NULL;
	if (folder_differs(t, path))
		return &t->since.changes.items[from];
	for (; kind == MANIFEST_LISTING && from < to; from++)
		if (changes_listing(t, path, &t->since.changes.items[from]))
			return &t->since.changes.items[from];
	return NULL;
}

const char *touched_text(const struct touched *t, const struct since_change *c)
{
	static const char *const texts[] = {
		[SINCE_ADDED] = "is new",
		[SINCE_REMOVED] = "was removed",
		[SINCE_CHANGED] = "changed",
		[SINCE_TYPE] = "is another kind of file",
	};

	return arena_printf(&t->s->arena, "%s %s", c->path, c->whole ? "changed" : texts[c->how]);
}

/* --- a closure ---------------------------------------------------------------------------------------------------- */

enum { UNKNOWN, SAME, DIFFERS };

/* Boards share most of their paths: each is looked up once. */
static const struct since_change *find_entry_change(struct touched *t,
						    const struct store_paths *paths,
						    const struct manifest_entry *entry)
{
	size_t i = (size_t)entry->path * MANIFEST_KINDS + entry->kind;
	const struct since_change *c;

	if (t->known[i] == SAME)
		return NULL;
	c = is_in_tree(paths->items[entry->path])
		    ? find_change(t, paths->items[entry->path], entry->kind)
		    : NULL;
	t->known[i] = c ? DIFFERS : SAME;
	return c;
}

static bool judge_manifest(struct touched *t, const struct store_manifest *stored,
			   struct verdict *v, struct err *e)
{
	const struct since_change *c = NULL;
	struct store_paths paths;
	struct manifest m;

	if (!store_paths(t->s->store, &paths, e))
		return false;
	if (!manifest_decode(stored->data, stored->len, paths.count, &m)) {
		*v = (struct verdict){ true, "its closure in the store is damaged" };
		return true;
	}
	if (paths.count > t->known_count) {
		free(t->known);
		t->known = xcalloc(paths.count, MANIFEST_KINDS);
		t->known_count = paths.count;
	}
	for (size_t i = 0; i < m.entries.count && !c; i++)
		c = find_entry_change(t, &paths, &m.entries.items[i]);
	if (c)
		*v = (struct verdict){ true, touched_text(t, c) };
	vec_free(&m.entries);
	return true;
}

/* A closure that does not hold now, and did not at REF either, says nothing about what a build would read. */
static bool judge_age(struct touched *t, const struct digest *weak, const struct digest *key,
		      struct verdict *v, struct err *e)
{
	struct closure_changes changes = { 0 };
	struct closure c = { 0 };
	bool found = false;
	bool ok = closure_get(t->s, weak, key, &c, &found, e) &&
		  closure_compare(t->s, &c, 1, &changes, e);

	if (ok) {
		v->is = true;
		v->why = changes.items.count
				 ? arena_printf(
					   &t->s->arena,
					   "its last build is older: %s is not what it was then",
					   changes.items.items[0].change.path)
				 : "its last build is older";
	}
	vec_free(&changes.items);
	closure_free(&c);
	return ok;
}

bool touched_closure(struct touched *t, const struct digest *weak, struct verdict *v, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct store_manifests stored;
	struct digest key;
	size_t count, i = 0;
	bool holds;

	if (!store_get_manifests(t->s->store, weak, &a, &stored, e) ||
	    !closure_find(t->s, weak, &key, &holds, &count, e))
		return false;
	if (!stored.count) {
		*v = (struct verdict){ true, "no build of it like this is recorded" };
		return true;
	}
	while (holds && i + 1 < stored.count && !digest_equal(&stored.items[i].key, &key))
		i++;
	if (!judge_manifest(t, &stored.items[i], v, e))
		return false;
	return v->is || holds || judge_age(t, weak, &stored.items[i].key, v, e);
}
