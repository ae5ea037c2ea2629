/* SPDX-License-Identifier: MIT
 *
 * Unpacking an archive into the store. It may come from anybody: its files go into a folder of their own first, under names
 * of ours, and into the store only when all of it was read and found right.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "cache/archive.h"
#include "os/archive_lib.h"
#include "cache/archive_index.h"
#include "cache/store_internal.h"
#include "os/fs.h"

struct unpacking {
	struct store *s;
	const char *file;
	struct archive *a;
	struct archive_index x;
	struct arena arena;
	const char *stage; /* the folder for files that are not yet in the store */
	bool has_index;
};

/* --- reading -------------------------------------------------------------------------------------------------- */

/* A name from outside, fit to be printed. */
static const char *shown(struct unpacking *u, const char *name)
{
	char *copy =
		arena_strndup(&u->arena, name ? name : "(no name)", name ? strnlen(name, 200) : 9);

	for (char *p = copy; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return copy;
}

static bool refuse(struct unpacking *u, const char *name, const char *why, struct err *e)
{
	err_set(e, "%s: '%s': %s", u->file, shown(u, name), why);
	return err_hint(e, "nothing of it was taken; `mpflash cache export` writes such files");
}

static bool broken(struct unpacking *u, struct err *e)
{
	const char *why = lib.archive_error_string(u->a);

	err_set(e, "%s: %s", u->file, why ? why : "it cannot be read");
	return err_hint(
		e, "nothing of it was taken; the file is no export, or was not copied as a whole");
}

static bool read_index(struct unpacking *u, uint64_t size, struct err *e)
{
	AUTO_STRBUF text = STRBUF_INIT;
	size_t left = (size_t)size;

	strbuf_reserve(&text, left);
	while (left) {
		ssize_t n = lib.archive_read_data(u->a, text.buf + text.len, left);

		if (n <= 0)
			return broken(u, e);
		text.len += (size_t)n;
		left -= (size_t)n;
	}
	text.buf[text.len] = '\0';
	u->has_index = true;
	if (archive_index_parse(text.buf, text.len, &u->x, e))
		return true;
	err_wrap(e, "%s", u->file);
	return e->hint ? false : err_hint(e, "nothing of it was taken");
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Writes the entry's bytes to fd; *out is their digest. */
static bool copy_entry(struct unpacking *u, int fd, uint64_t size, struct digest *out,
		       struct err *e)
{
	static const size_t chunk = 1 << 18;
	AUTO_FREE char *buf = xmalloc(chunk);
	struct hasher h;
	bool ok = true;

	hasher_init(&h);
	while (ok && size) {
		ssize_t n = lib.archive_read_data(u->a, buf, size < chunk ? (size_t)size : chunk);

		if (n <= 0) {
			ok = broken(u, e);
			break;
		}
		hasher_add(&h, buf, (size_t)n);
		size -= (uint64_t)n;
		ok = write_all(fd, buf, (size_t)n) ||
		     err_sys(e, errno, "cannot write below %s", u->stage);
	}
	*out = hasher_finish(&h);
	return ok;
}

static const char *staged(struct unpacking *u, const struct digest *d)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(d, hex);
	return path_join(&u->arena, u->stage, hex);
}

static bool stage_blob(struct unpacking *u, const char *name, struct archive_blob *b, struct err *e)
{
	AUTO_FD fd = open(staged(u, &b->digest), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	struct digest d;

	if (fd < 0)
		return err_sys(e, errno, "cannot write below %s", u->stage);
	if (!copy_entry(u, fd, b->size, &d, e))
		return false;
	b->seen = true;
	return digest_equal(&d, &b->digest) ||
	       refuse(u, name, "its bytes are not those that its name stands for", e);
}

/* "blobs/<digest>" of a file that the index names. */
static struct archive_blob *expected(struct unpacking *u, const char *name)
{
	static const char folder[] = "blobs/";
	char again[DIGEST_HEX_SIZE];
	struct digest d;

	if (strncmp(name, folder, strlen(folder)) != 0 || !digest_parse(&d, name + strlen(folder)))
		return NULL;
	digest_hex(&d, again);
	return strcmp(again, name + strlen(folder)) == 0 ? archive_index_blob(&u->x, &d) : NULL;
}

static bool read_entry(struct unpacking *u, struct archive_entry *entry, struct err *e)
{
	const char *name = lib.archive_entry_pathname(entry);
	uint64_t size = (uint64_t)lib.archive_entry_size(entry);
	struct archive_blob *b;

	if (!name || lib.archive_entry_filetype(entry) != AE_IFREG ||
	    lib.archive_entry_hardlink(entry) || lib.archive_entry_symlink(entry))
		return refuse(u, name, "it is no regular file", e);
	if (!lib.archive_entry_size_is_set(entry) || lib.archive_entry_size(entry) < 0)
		return refuse(u, name, "it does not say its size", e);
	if (!u->has_index) {
		if (strcmp(name, "index") != 0)
			return refuse(u, name, "the first entry has to be the index", e);
		if (size > ARCHIVE_INDEX_MAX)
			return refuse(u, name, "it is too large", e);
		return read_index(u, size, e);
	}
	b = expected(u, name);
	if (!b)
		return refuse(u, name, "the index does not name it", e);
	if (b->seen)
		return refuse(u, name, "it is there twice", e);
	if (size != b->size)
		return refuse(u, name, "its size is not what the index says", e);
	return stage_blob(u, name, b, e);
}

static bool check_complete(struct unpacking *u, struct err *e)
{
	if (!u->has_index)
		return broken(u, e);
	for (size_t i = 0; i < u->x.blobs.count; i++)
		if (!u->x.blobs.items[i].seen) {
			char hex[DIGEST_HEX_SIZE], name[sizeof(hex) + 6];

			digest_hex(&u->x.blobs.items[i].digest, hex);
			snprintf(name, sizeof(name), "blobs/%s", hex);
			return refuse(u, name, "it is missing", e);
		}
	return true;
}

static bool read_entries(struct unpacking *u, struct err *e)
{
	struct archive_entry *entry;
	int code;

	while ((code = lib.archive_read_next_header(u->a, &entry)) == ARCHIVE_OK)
		if (!read_entry(u, entry, e))
			return false;
	/* A warning is about something that we do not write. */
	return code == ARCHIVE_EOF ? check_complete(u, e) : broken(u, e);
}

static bool read_archive(struct unpacking *u, struct err *e)
{
	struct fs_stat st;
	bool ok;

	if (!fs_lstat(u->file, &st))
		return err_sys(e, errno, "cannot read %s", u->file);
	if (!archive_lib_load(e))
		return false;
	u->a = lib.archive_read_new();
	if (!u->a)
		return err_set(e, "libarchive is out of memory");
	ok = lib.archive_read_support_filter_zstd(u->a) == ARCHIVE_OK &&
	     lib.archive_read_support_format_tar(u->a) == ARCHIVE_OK &&
	     lib.archive_read_open_filename(u->a, u->file, 1 << 16) == ARCHIVE_OK;
	ok = ok ? read_entries(u, e) : broken(u, e);
	lib.archive_read_free(u->a);
	return ok;
}

/* --- taking --------------------------------------------------------------------------------------------------- */

static bool take_blobs(struct unpacking *u, struct archive_result *out, struct err *e)
{
	/* One wait for all: an action must not be recorded before its files are on the disk. */
	if (!fs_sync(u->stage, e))
		return false;
	for (size_t i = 0; i < u->x.blobs.count; i++) {
		const struct archive_blob *b = &u->x.blobs.items[i];
		bool added;

		if (!store_adopt_blob(u->s, &b->digest, b->size, staged(u, &b->digest), &added, e))
			return false;
		out->new_blobs += added;
		out->bytes += b->size;
	}
	return true;
}

static bool take_action(struct unpacking *u, const struct archive_action *a,
			struct archive_result *out, struct err *e)
{
	struct store_action known;
	bool found;

	if (!store_get_action(u->s, &a->key, &u->arena, &known, &found, e))
		return false;
	if (found)
		return true;
	out->new_actions++;
	if (!store_put_action(u->s, &a->key, &a->action, e))
		return false;
	store_note_use(u->s, &a->key, 0); /* the newest comer is not the first to go */
	return true;
}

static int compare_entries(const void *a, const void *b)
{
	const struct manifest_entry *x = a, *y = b;

	if (x->path != y->path)
		return x->path < y->path ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

static bool take_manifest(struct unpacking *u, struct archive_manifest *m, const uint32_t *numbers,
			  struct err *e)
{
	AUTO_STRBUF bytes = STRBUF_INIT;
	struct store_manifest stored = { .key = m->key }, known;
	bool found;

	if (!store_get_manifest(u->s, &m->weak, &m->key, &u->arena, &known, &found, e))
		return false;
	if (found)
		return true;
	for (size_t i = 0; i < m->manifest.entries.count; i++)
		m->manifest.entries.items[i].path = numbers[m->manifest.entries.items[i].path];
	if (m->manifest.entries.count)
		qsort(m->manifest.entries.items, m->manifest.entries.count,
		      sizeof(*m->manifest.entries.items), compare_entries);
	manifest_encode(&m->manifest, &bytes);
	stored.data = bytes.buf;
	stored.len = bytes.len;
	return store_put_manifest(u->s, &m->weak, &stored, e);
}

static bool take_rows(struct unpacking *u, struct archive_result *out, struct err *e)
{
	uint32_t *numbers = xcalloc(u->x.paths.count + 1, sizeof(*numbers));
	bool ok = !u->x.paths.count ||
		  store_intern_paths(u->s, u->x.paths.items, u->x.paths.count, numbers, e);

	for (size_t i = 0; ok && i < u->x.actions.count; i++)
		ok = take_action(u, &u->x.actions.items[i], out, e);
	for (size_t i = 0; ok && i < u->x.manifests.count; i++)
		ok = take_manifest(u, &u->x.manifests.items[i], numbers, e);
	free(numbers);
	return ok && store_flush(u->s, e);
}

static bool take(struct unpacking *u, struct archive_result *out, struct err *e)
{
	out->actions = u->x.actions.count;
	out->manifests = u->x.manifests.count;
	out->blobs = u->x.blobs.count;
	if (!take_blobs(u, out, e) || !store_begin(u->s, e))
		return false;
	if (take_rows(u, out, e) && store_commit(u->s, e))
		return true;
	store_rollback(u->s);
	return false;
}

bool store_import(struct store *s, const char *file, struct archive_result *out, struct err *e)
{
	struct unpacking u = { .s = s, .file = file };
	AUTO_STRBUF stage = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	bool ok;

	*out = (struct archive_result){ 0 };
	if (!fs_temp_dir(&stage, store_path(s, &u.arena, "import"), e)) {
		arena_free(&u.arena);
		return false;
	}
	u.stage = stage.buf;
	ok = read_archive(&u, e) && take(&u, out, e);
	/* gc removes it some day if this fails. */
	fs_remove_tree(stage.buf, &ignored);
	archive_index_free(&u.x);
	arena_free(&u.arena);
	return ok;
}
