/* SPDX-License-Identifier: MIT
 *
 * Blobs: files named by the digest of their bytes, so that a wrong one can always be told from a right one.
 */
#include <string.h>

#include "base/path.h"
#include "cache/store.h"
#include "cache/store_internal.h"
#include "os/fs.h"

void store_blob_path(const struct store *s, const struct digest *d, struct strbuf *out)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(d, hex);
	strbuf_addf(out, "%s/blobs/%.2s/%s", s->dir, hex, hex + 2);
}

static bool make_parent(const char *path, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;

	return fs_mkdirs(path_dir(&a, path), e);
}

/* A whole blob was renamed into place after an fsync; whether its bytes are still right is store_check_blob's business. */
static bool is_there(const char *path, uint64_t size)
{
	struct fs_stat st;

	return fs_lstat(path, &st) && st.type == FS_FILE && st.size == size;
}

bool store_has_blob(const struct store *s, const struct digest *d, uint64_t size)
{
	AUTO_STRBUF path = STRBUF_INIT;

	store_blob_path(s, d, &path);
	return is_there(path.buf, size);
}

/* What a running process is about to refer to must look new to gc. */
static bool have_blob(struct store *s, const struct digest *d, const char *path)
{
	if (!store_check_blob(s, d, NULL))
		return false;
	fs_touch(path);
	return true;
}

bool store_put_file(struct store *s, const char *path, struct digest *out, struct err *e)
{
	AUTO_STRBUF to = STRBUF_INIT;
	struct fs_map m;
	bool ok = true;

	if (!fs_map(&m, path, e))
		return false;
	*out = digest_of(m.data, m.size);
	store_blob_path(s, out, &to);
	if (!s->dry && !have_blob(s, out, to.buf)) {
		ok = make_parent(to.buf, e) && fs_clone(path, to.buf, 0444, e);
		if (ok)
			store_count_bytes(s, (int64_t)m.size);
	}
	fs_unmap(&m);
	return ok;
}

bool store_put_bytes(struct store *s, const void *data, size_t len, struct digest *out,
		     struct err *e)
{
	AUTO_STRBUF to = STRBUF_INIT;

	*out = digest_of(data, len);
	store_blob_path(s, out, &to);
	if (s->dry || have_blob(s, out, to.buf))
		return true;
	if (!make_parent(to.buf, e) || !fs_write_lazy(to.buf, data, len, 0444, e))
		return false;
	store_count_bytes(s, (int64_t)len);
	return true;
}

bool store_adopt_blob(struct store *s, const struct digest *d, uint64_t size, const char *from,
		      bool *added, struct err *e)
{
	AUTO_STRBUF to = STRBUF_INIT;

	store_blob_path(s, d, &to);
	*added = !have_blob(s, d, to.buf);
	if (!*added)
		return true;
	if (!make_parent(to.buf, e) || !fs_rename(from, to.buf, e))
		return false;
	store_count_bytes(s, (int64_t)size);
	return true;
}

bool store_remove_blob(struct store *s, const struct digest *d, uint64_t size, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;

	store_blob_path(s, d, &path);
	if (!fs_remove_tree(path.buf, e))
		return false;
	s->added_bytes -= (int64_t)size;
	return true;
}

/* Maps a blob and checks its bytes; a corrupt one is removed, unless nothing may change. */
static bool map_checked(struct store *s, const struct digest *d, struct fs_map *m, bool *corrupt)
{
	AUTO_STRBUF path = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT; /* missing and unreadable are both "not there" */
	struct digest now;

	*corrupt = false;
	store_blob_path(s, d, &path);
	if (!fs_map(m, path.buf, &ignored))
		return false;
	now = digest_of(m->data, m->size);
	if (digest_equal(&now, d))
		return true;
	*corrupt = true;
	if (!s->dry)
		store_remove_blob(s, d, m->size, &ignored);
	fs_unmap(m);
	return false;
}

bool store_check_blob(struct store *s, const struct digest *d, bool *corrupt)
{
	struct fs_map m;
	bool bad, ok = map_checked(s, d, &m, &bad);

	if (corrupt)
		*corrupt = bad;
	if (ok)
		fs_unmap(&m);
	return ok;
}

bool store_place(struct store *s, const struct digest *d, const char *path, unsigned mode,
		 struct err *e)
{
	AUTO_STRBUF from = STRBUF_INIT;

	if (!store_check_blob(s, d, NULL))
		return err_set(e, "the store has lost the content of %s", path);
	store_blob_path(s, d, &from);
	return fs_clone_lazy(from.buf, path, mode, e);
}

bool store_read_blob(struct store *s, const struct digest *d, struct strbuf *out)
{
	struct fs_map m;
	bool corrupt;

	if (!map_checked(s, d, &m, &corrupt))
		return false;
	strbuf_add(out, m.data, m.size);
	fs_unmap(&m);
	return true;
}
