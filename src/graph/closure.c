/* SPDX-License-Identifier: MIT
 *
 * Closures: their paths, what is at them, their key and their form in the store.
 */
#include "graph/closure.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "graph/action.h"
#include "graph/closure_internal.h"
#include "source/listing.h"

/* Bump when what an entry means changes: then no action recorded before is found. */
static const char key_version[] = "mpflash closure 2";

void closure_free(struct closure *c)
{
	vec_free(&c->entries);
	arena_free(&c->arena);
}

/* The home when it is a folder of somebody's, not the root of the system. */
static const char *home_folder(void)
{
	const char *home = getenv("HOME");

	return home && home[0] == '/' && home[1] ? home : NULL;
}

const char *closure_spell(const struct session *s, const char *absolute, struct arena *a)
{
	const char *below = s->tree.root ? path_below(absolute, s->tree.root) : NULL;
	const char *home = home_folder();

	if (below)
		return *below ? arena_strdup(a, below) : ".";
	below = home ? path_below(absolute, home) : NULL;
	return below ? arena_printf(a, "~/%s", below) : arena_strdup(a, absolute);
}

const char *closure_spell_beside(const struct session *s, const char *absolute, struct arena *a)
{
	AUTO_STRBUF path = STRBUF_INIT;
	const char *dir = s->tree.root, *below;

	for (; !(below = path_below(absolute, dir)); dir = path_dir(a, dir))
		strbuf_adds(&path, "../");
	strbuf_adds(&path, below);
	if (!*below)
		strbuf_set_len(&path, path.len - 1);
	return arena_strdup(a, path.buf);
}

static bool climbs(const char *path)
{
	return strcmp(path, "..") == 0 || strncmp(path, "../", 3) == 0;
}

void closure_locate(const struct session *s, const char *path, struct strbuf *out)
{
	const char *home = home_folder();

	strbuf_reset(out);
	if (path[0] == '/') {
		strbuf_adds(out, path);
	} else if (path[0] == '~' && path[1] == '/' && home) {
		strbuf_adds(out, home);
		if (path[2])
			strbuf_adds(out, path + 1);
	} else if (climbs(path)) {
		AUTO_ARENA a = ARENA_INIT;

		path_normalize(out, path_join(&a, s->tree.root, path));
	} else {
		strbuf_adds(out, s->tree.root);
		if (strcmp(path, ".") != 0) {
			strbuf_addch(out, '/');
			strbuf_adds(out, path);
		}
	}
}

void closure_add(struct closure *to, const struct closure *from)
{
	for (size_t i = 0; i < from->entries.count; i++) {
		struct closure_entry entry = from->entries.items[i];

		entry.path = arena_strdup(&to->arena, entry.path);
		vec_push(&to->entries, entry);
	}
}

/* --- what is there ---------------------------------------------------------------------------------------- */

/* A file that we may not read gives no digest, then and now: what is compared is that. */
static bool read_content(struct session *s, const char *path, struct look *look)
{
	AUTO_ERR unreadable = ERR_INIT;
	bool missing = false;

	look->has_content = true;
	if (statcache_known(s->stats, path, &look->st, &look->content))
		return true;
	if (!statcache_digest(s->stats, path, &look->content, &missing, &unreadable))
		look->content = (struct digest){ { 0 } };
	look->gone = missing;
	return true;
}

bool look_at(struct session *s, const char *path, uint8_t kind, struct look *look, struct err *e)
{
	if (!look->looked) {
		look->looked = true;
		look->gone = !fs_lstat(path, &look->st);
	}
	if (look->gone)
		return true;
	switch (kind) {
	case MANIFEST_CONTENT:
	case MANIFEST_LINK:
		if (!look->has_content && (look->st.type == FS_FILE || look->st.type == FS_LINK))
			return read_content(s, path, look);
		return true;
	case MANIFEST_LISTING:
		if (!look->has_names && look->st.type == FS_DIR) {
			look->has_names = true;
			return listing_digest(session_listings(s), path, &look->names, &look->gone,
					      e);
		}
		return true;
	default:
		return true;
	}
}

bool look_holds(const struct look *look, uint8_t kind, const struct digest *digest)
{
	if (kind == MANIFEST_ABSENT || look->gone)
		return look->gone == (kind == MANIFEST_ABSENT);
	switch (kind) {
	case MANIFEST_CONTENT:
		return look->st.type == FS_FILE && digest_equal(&look->content, digest);
	case MANIFEST_LINK:
		return look->st.type == FS_LINK && digest_equal(&look->content, digest);
	case MANIFEST_LISTING:
		return look->st.type == FS_DIR && digest_equal(&look->names, digest);
	default:
		return look->st.type == FS_DIR;
	}
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct closure_entry *)a)->path,
		      ((const struct closure_entry *)b)->path);
}

/* One entry a path: who read it adds up, and a folder that was listed once counts as listed. */
static void join_doubles(struct closure *c)
{
	size_t kept = 0;

	if (!c->entries.count)
		return;
	qsort(c->entries.items, c->entries.count, sizeof(*c->entries.items), by_path);
	for (size_t i = 0; i < c->entries.count; i++) {
		struct closure_entry *entry = &c->entries.items[i], *last = &c->entries.items[kept];

		if (kept && strcmp((--last)->path, entry->path) == 0) {
			last->readers |= entry->readers;
			if (entry->kind == MANIFEST_LISTING)
				last->kind = MANIFEST_LISTING;
		} else {
			c->entries.items[kept++] = *entry;
		}
	}
	c->entries.count = kept;
}

/* False: a thing that has no content of its own (a pipe, a device). */
static bool name_kind(struct closure_entry *entry, const struct look *look)
{
	if (look->gone)
		entry->kind = MANIFEST_ABSENT;
	else if (look->st.type == FS_FILE)
		entry->kind = MANIFEST_CONTENT;
	else if (look->st.type == FS_LINK)
		entry->kind = MANIFEST_LINK;
	else if (look->st.type == FS_DIR)
		entry->kind = entry->kind == MANIFEST_LISTING ? MANIFEST_LISTING : MANIFEST_FOLDER;
	else
		return false;
	return true;
}

static void later(int64_t *newest, int64_t ns)
{
	if (ns > *newest)
		*newest = ns;
}

/* The folders of the tree above a path; each once. */
static void look_above(struct session *s, struct map *seen, struct arena *a, const char *path,
		       int64_t *newest_ns)
{
	const char *dir = path;
	struct fs_stat st;

	while (path_below(dir = path_dir(a, dir), s->tree.root) && !map_get(seen, dir)) {
		map_put(seen, dir, (void *)dir);
		if (fs_lstat(dir, &st))
			later(newest_ns, st.ctime_ns);
	}
}

bool closure_look(struct session *s, struct closure *c, int64_t *newest_ns,
		  int64_t *newest_folder_ns, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ARENA a = ARENA_INIT;
	struct map seen = MAP_INIT;
	size_t kept = 0;
	bool ok = true;

	*newest_ns = *newest_folder_ns = 0;
	join_doubles(c);
	for (size_t i = 0; ok && i < c->entries.count; i++) {
		struct closure_entry *entry = &c->entries.items[i];
		struct look look = { 0 };

		entry->stale = false;
		closure_locate(s, entry->path, &path);
		ok = look_at(s, path.buf, MANIFEST_FOLDER, &look, e);
		if (!name_kind(entry, &look))
			continue;
		ok = ok && look_at(s, path.buf, entry->kind, &look, e);
		entry->digest = entry->kind == MANIFEST_LISTING ? look.names : look.content;
		if (path_below(path.buf, s->tree.root))
			look_above(s, &seen, &a, path.buf, newest_folder_ns);
		if (entry->kind == MANIFEST_LISTING && path_below(path.buf, s->tree.root))
			later(newest_folder_ns, look.st.ctime_ns);
		if (entry->kind == MANIFEST_CONTENT || entry->kind == MANIFEST_LINK)
			later(newest_ns, look.st.ctime_ns);
		c->entries.items[kept++] = *entry;
	}
	if (ok)
		c->entries.count = kept;
	map_free(&seen);
	return ok;
}

/* --- in the store ------------------------------------------------------------------------------------------- */

struct digest closure_weak_key(const struct strbuf *parts)
{
	struct digest key = action_key(parts);
	struct hasher h;

	hasher_init(&h);
	hasher_str(&h, key_version);
	hasher_digest(&h, &key);
	return hasher_finish(&h);
}

struct digest closure_key(const struct digest *weak, const struct closure *c)
{
	struct hasher h;

	hasher_init(&h);
	hasher_digest(&h, weak);
	for (size_t i = 0; i < c->entries.count; i++) {
		hasher_str(&h, c->entries.items[i].path);
		hasher_u64(&h, c->entries.items[i].kind);
		hasher_digest(&h, &c->entries.items[i].digest);
	}
	return hasher_finish(&h);
}

static int by_number(const void *a, const void *b)
{
	const struct manifest_entry *x = a, *y = b;

	return x->path < y->path ? -1 : x->path > y->path;
}

static bool put_manifest(struct session *s, const struct digest *weak, const struct digest *key,
			 struct manifest *m, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	struct store_manifest stored = { .key = *key };

	if (m->entries.count)
		qsort(m->entries.items, m->entries.count, sizeof(*m->entries.items), by_number);
	manifest_encode(m, &text);
	stored.data = text.buf;
	stored.len = text.len;
	return store_put_manifest(s->store, weak, &stored, e);
}

bool closure_put(struct session *s, const struct digest *weak, const struct digest *key,
		 const struct closure *c, struct err *e)
{
	size_t count = c->entries.count;
	const char **paths = xcalloc(count + 1, sizeof(*paths));
	uint32_t *numbers = xcalloc(count + 1, sizeof(*numbers));
	struct manifest m = { 0 };
	bool ok;

	for (size_t i = 0; i < count; i++)
		paths[i] = c->entries.items[i].path;
	ok = store_intern_paths(s->store, paths, count, numbers, e);
	for (size_t i = 0; ok && i < count; i++)
		vec_push(&m.entries, (struct manifest_entry){
					     .path = numbers[i],
					     .kind = c->entries.items[i].kind,
					     .readers = c->entries.items[i].readers,
					     .digest = c->entries.items[i].digest,
				     });
	ok = ok && put_manifest(s, weak, key, &m, e);
	vec_free(&m.entries);
	free((void *)paths);
	free(numbers);
	return ok;
}

bool closure_get(struct session *s, const struct digest *weak, const struct digest *key,
		 struct closure *out, bool *found, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	struct store_manifest stored;
	struct store_paths paths;
	struct manifest m;

	if (!store_get_manifest(s->store, weak, key, &a, &stored, found, e) ||
	    !store_paths(s->store, &paths, e))
		return false;
	if (!*found || !manifest_decode(stored.data, stored.len, paths.count, &m)) {
		*found = false;
		return true;
	}
	for (size_t i = 0; i < m.entries.count; i++) {
		const struct manifest_entry *entry = &m.entries.items[i];

		vec_push(&out->entries,
			 (struct closure_entry){
				 .path = arena_strdup(&out->arena, paths.items[entry->path]),
				 .kind = entry->kind,
				 .readers = entry->readers,
				 .digest = entry->digest,
			 });
	}
	vec_free(&m.entries);
	if (out->entries.count)
		qsort(out->entries.items, out->entries.count, sizeof(*out->entries.items), by_path);
	return true;
}
