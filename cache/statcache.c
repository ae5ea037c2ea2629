/* SPDX-License-Identifier: MIT
 *
 * Digests of files remembered by lstat; see statcache.h. The saved form is one record per path, fixed part first
 * (native byte order: the store never leaves its machine).
 */
#include "cache/statcache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"
#include "os/clock.h"
#include "os/fs.h"

static const size_t MAX_FILE = (size_t)4 << 30;

/* Bump when struct record changes: older data is then forgotten. */
static const char magic[8] = "mpstat2";

struct record {
	uint64_t dev, ino, size;
	int64_t mtime_ns, ctime_ns;
	struct digest content; /* of a folder: of the names in it that count */
	struct digest rules;   /* of a folder: of what decides which names count */
	uint32_t mode;
	uint32_t path_len; /* the path and a NUL follow, padded to 8 bytes */
};

struct entry {
	struct record r;
	const char *path;
	bool used; /* asked for in this run: others that are gone are dropped on saving */
};

struct statcache {
	struct store *store;
	char *root;
	struct strbuf saved; /* entries' paths point in here or into the arena */
	struct arena arena;
	struct map map; /* path -> struct entry */
	VEC(struct entry *) entries;
	bool dirty;
	int64_t newest_ns;
};

static size_t padded(size_t len)
{
	return (len + 1 + 7) & ~(size_t)7;
}

static struct entry *add_entry(struct statcache *c, const struct record *r, const char *path)
{
	struct entry *entry = ARENA_NEW(&c->arena, struct entry);

	entry->r = *r;
	entry->path = path;
	map_put(&c->map, path, entry);
	vec_push(&c->entries, entry);
	return entry;
}

/* A truncated or foreign blob ends the loading: what is not known is hashed again. */
static void load(struct statcache *c)
{
	const char *p = c->saved.buf, *end = p + c->saved.len;

	if (c->saved.len < sizeof(magic) || memcmp(p, magic, sizeof(magic)) != 0)
		return;
	p += sizeof(magic);
	map_reserve(&c->map, c->saved.len / (sizeof(struct record) + 24));
	while ((size_t)(end - p) > sizeof(struct record)) {
		struct record r;
		size_t room;

		memcpy(&r, p, sizeof(r));
		p += sizeof(r);
		room = padded(r.path_len);
		if ((size_t)(end - p) < room || p[r.path_len] != '\0')
			return;
		add_entry(c, &r, p);
		p += room;
	}
}

struct statcache *statcache_open(struct store *s, const char *root, struct err *e)
{
	struct statcache *c = xcalloc(1, sizeof(*c));

	c->store = s;
	c->root = xstrdup(root);
	c->saved = (struct strbuf)STRBUF_INIT;
	if (!store_get_stats(s, root, &c->saved, e)) {
		statcache_close(c, true, e);
		return NULL;
	}
	load(c);
	return c;
}

static bool still_there(const struct entry *entry)
{
	struct fs_stat st;

	return entry->used || fs_lstat(entry->path, &st);
}

static bool save(struct statcache *c, struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;
	static const char zeros[8];

	strbuf_add(&out, magic, sizeof(magic));
	for (size_t i = 0; i < c->entries.count; i++) {
		struct entry *entry = c->entries.items[i];
		size_t len = strlen(entry->path);

		if (!entry->r.ino || !still_there(entry))
			continue;
		entry->r.path_len = (uint32_t)len;
		strbuf_add(&out, &entry->r, sizeof(entry->r));
		strbuf_add(&out, entry->path, len);
		strbuf_add(&out, zeros, padded(len) - len);
	}
	return store_put_stats(c->store, c->root, out.buf, out.len, e);
}

bool statcache_close(struct statcache *c, bool forget, struct err *e)
{
	bool ok = true;

	if (!c)
		return true;
	if (c->dirty && !forget)
		ok = save(c, e);
	map_free(&c->map);
	vec_free(&c->entries);
	arena_free(&c->arena);
	strbuf_free(&c->saved);
	free(c->root);
	free(c);
	return ok;
}

static bool same(const struct record *r, const struct fs_stat *st)
{
	return r->ino == st->ino && r->dev == st->dev && r->size == st->size &&
	       r->mode == st->mode && r->mtime_ns == st->mtime_ns && r->ctime_ns == st->ctime_ns;
}

/* Read, not mapped: an editor may cut the file short at any time, and touching a map past its end is a signal. */
static bool hash_content(const char *path, const struct fs_stat *st, struct digest *out,
			 struct err *e)
{
	AUTO_STRBUF bytes = STRBUF_INIT;

	if (st->type != FS_LINK &&
	    st->type != FS_FILE) /* reading a pipe would wait for its writer */
		return err_set(e, "cannot read %s: not a file", path);
	if (st->type == FS_LINK ? !fs_read_link(path, &bytes, e)
				: !fs_read(&bytes, path, MAX_FILE, e))
		return false;
	*out = digest_of(bytes.buf, bytes.len);
	return true;
}

/* Fills the entry; ino 0 never matches: what changed just now is looked at again next time. */
static void remember(struct statcache *c, struct entry *entry, const struct fs_stat *st,
		     int64_t now)
{
	static const int64_t settle_ns = 2000000000;

	entry->used = true;
	entry->r.mode = st->mode;
	entry->r.dev = st->dev;
	entry->r.size = st->size;
	entry->r.mtime_ns = st->mtime_ns;
	entry->r.ctime_ns = st->ctime_ns;
	entry->r.ino =
		st->ctime_ns < now - settle_ns && st->mtime_ns < now - settle_ns ? st->ino : 0;
	c->dirty = true;
}

/* The entry for a path with a digest that holds now; NULL with *missing or with an error. */
static struct entry *refresh(struct statcache *c, const char *path, bool *missing, struct err *e)
{
	struct entry *entry = map_get(&c->map, path);
	struct fs_stat st;
	int64_t now;

	*missing = false;
	if (!fs_lstat(path, &st)) {
		*missing = errno == ENOENT || errno == ENOTDIR;
		if (!*missing)
			err_sys(e, errno, "cannot read %s", path);
		return NULL;
	}
	if (st.ctime_ns > c->newest_ns)
		c->newest_ns = st.ctime_ns;
	if (entry && same(&entry->r, &st)) {
		entry->used = true;
		return entry;
	}
	if (!entry)
		entry = add_entry(c, &(struct record){ 0 }, arena_strdup(&c->arena, path));
	now = clock_now_ns();
	if (!hash_content(path, &st, &entry->r.content, e))
		return NULL;
	remember(c, entry, &st, now);
	return entry;
}

int64_t statcache_newest(struct statcache *c, bool reset)
{
	int64_t newest = c->newest_ns;

	if (reset)
		c->newest_ns = 0;
	return newest;
}

bool statcache_content(struct statcache *c, const char *path, struct digest *out, bool *missing,
		       struct err *e)
{
	struct entry *entry = refresh(c, path, missing, e);

	*out = entry ? entry->r.content : (struct digest){ { 0 } };
	return entry || *missing;
}

static struct digest with_mode(const struct entry *entry)
{
	struct digest d = entry->r.content;

	/* 0111: a script that loses its executable bit is another input. */
	if (entry->r.mode & 0111)
		d.bytes[0] ^= 0x80;
	return d;
}

bool statcache_known(struct statcache *c, const char *path, const struct fs_stat *st,
		     struct digest *out)
{
	struct entry *entry = map_get(&c->map, path);

	if (st->ctime_ns > c->newest_ns)
		c->newest_ns = st->ctime_ns;
	if (!entry || !same(&entry->r, st))
		return false;
	entry->used = true;
	*out = with_mode(entry);
	return true;
}

bool statcache_digest(struct statcache *c, const char *path, struct digest *out, bool *missing,
		      struct err *e)
{
	struct entry *entry = refresh(c, path, missing, e);

	*out = entry ? with_mode(entry) : (struct digest){ { 0 } };
	return entry || *missing;
}

bool statcache_get_folder(struct statcache *c, const char *path, const struct fs_stat *st,
			  struct digest *rules, struct digest *names)
{
	struct entry *entry = map_get(&c->map, path);

	if (!entry || !same(&entry->r, st))
		return false;
	entry->used = true;
	*rules = entry->r.rules;
	*names = entry->r.content;
	return true;
}

void statcache_put_folder(struct statcache *c, const char *path, const struct fs_stat *st,
			  int64_t now_ns, const struct digest *rules, const struct digest *names)
{
	struct entry *entry = map_get(&c->map, path);

	if (!entry)
		entry = add_entry(c, &(struct record){ 0 }, arena_strdup(&c->arena, path));
	entry->r.rules = *rules;
	entry->r.content = *names;
	remember(c, entry, st, now_ns);
}
