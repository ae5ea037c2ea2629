/* SPDX-License-Identifier: MIT
 *
 * Packing actions of the store into one file. Everything is sorted and undated, so that equal contents are equal bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache/archive.h"
#include "os/archive_lib.h"
#include "cache/archive_index.h"
#include "cache/contents.h"
#include "os/fs.h"

bool store_last_keys(struct store *s, struct store_keys *out, struct err *e)
{
	struct contents c = { 0 };
	bool ok = contents_read_rows(s, &c, e);

	for (size_t i = 0; ok && i < c.lasts.count; i++)
		if (contents_action(&c, &c.lasts.items[i].key))
			vec_push(out, c.lasts.items[i].key);
	contents_free(&c);
	return ok;
}

/* --- the index ------------------------------------------------------------------------------------------------ */

struct packing {
	struct store *s;
	struct archive_index x;
	struct store_paths paths;
	VEC(uint32_t)
	numbers; /* of each path of the store: its number in the archive, if it is in it */
};

static int compare_keys(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

static bool add_action(struct packing *p, const struct digest *key, struct err *e)
{
	struct archive_action a = { .key = *key };
	struct store_action found;
	bool known;

	if (!store_get_action(p->s, key, &p->x.arena, &found, &known, e))
		return false;
	if (!known)
		return err_set(e, "the store does not know what is to be exported");
	a.action = found;
	a.action.outputs.items = NULL;
	a.action.outputs.count = a.action.outputs.cap = 0;
	for (size_t i = 0; i < found.outputs.count; i++)
		vec_push(&a.action.outputs, found.outputs.items[i]);
	vec_push(&p->x.actions, a);
	return true;
}

static bool add_actions(struct packing *p, const struct store_keys *keys, struct err *e)
{
	struct digest *sorted = xcalloc(keys->count + 1, sizeof(*sorted));
	bool ok = true;

	if (keys->count) {
		memcpy(sorted, keys->items, keys->count * sizeof(*sorted));
		qsort(sorted, keys->count, sizeof(*sorted), compare_keys);
	}
	for (size_t i = 0; ok && i < keys->count; i++)
		if (!i || !digest_equal(&sorted[i], &sorted[i - 1]))
			ok = add_action(p, &sorted[i], e);
	free(sorted);
	return ok;
}

static bool add_manifests_of(struct packing *p, const struct digest *key, struct err *e)
{
	sqlite3_stmt *st = db_statement(&p->s->db, MANIFESTS_OF, e);
	bool row = true, ok = st != NULL;

	if (st)
		db_bind_digest(st, 1, key);
	while (ok && (ok = db_step(&p->s->db, st, &row, e)) && row) {
		struct archive_manifest m = { .weak = db_digest(st, 0), .key = db_digest(st, 1) };

		/* A damaged one is not worth the journey. */
		if (manifest_decode(sqlite3_column_blob(st, 2), (size_t)sqlite3_column_bytes(st, 2),
				    p->paths.count, &m.manifest))
			vec_push(&p->x.manifests, m);
	}
	return ok;
}

static int compare_manifests(const void *a, const void *b)
{
	return memcmp(a, b, 2 * sizeof(struct digest));
}

static bool add_manifests(struct packing *p, struct err *e)
{
	for (size_t i = 0; i < p->x.actions.count; i++)
		if (!add_manifests_of(p, &p->x.actions.items[i].key, e))
			return false;
	if (p->x.manifests.count)
		qsort(p->x.manifests.items, p->x.manifests.count, sizeof(*p->x.manifests.items),
		      compare_manifests);
	return true;
}

struct named {
	const char *path;
	uint32_t number; /* the store's */
};

static int compare_named(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->path, ((const struct named *)b)->path);
}

static int compare_entries(const void *a, const void *b)
{
	const struct manifest_entry *x = a, *y = b;

	if (x->path != y->path)
		return x->path < y->path ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

/* The paths that are named get numbers of the archive: those of the store differ from store to store. */
static void number_paths(struct packing *p)
{
	VEC(struct named) named = { 0 };
	bool *used = xcalloc(p->paths.count + 1, sizeof(*used));

	for (size_t i = 0; i < p->x.manifests.count; i++) {
		const struct manifest *m = &p->x.manifests.items[i].manifest;

		for (size_t k = 0; k < m->entries.count; k++)
			used[m->entries.items[k].path] = true;
	}
	for (uint32_t i = 0; i < p->paths.count; i++) {
		vec_push(&p->numbers, 0);
		if (used[i])
			vec_push(&named, (struct named){ p->paths.items[i], i });
	}
	if (named.count)
		qsort(named.items, named.count, sizeof(*named.items), compare_named);
	for (size_t i = 0; i < named.count; i++) {
		p->numbers.items[named.items[i].number] = (uint32_t)i;
		vec_push(&p->x.paths, arena_strdup(&p->x.arena, named.items[i].path));
	}
	vec_free(&named);
	free(used);
}

static void renumber(struct packing *p)
{
	for (size_t i = 0; i < p->x.manifests.count; i++) {
		struct manifest *m = &p->x.manifests.items[i].manifest;

		for (size_t k = 0; k < m->entries.count; k++)
			m->entries.items[k].path = p->numbers.items[m->entries.items[k].path];
		if (m->entries.count)
			qsort(m->entries.items, m->entries.count, sizeof(*m->entries.items),
			      compare_entries);
	}
}

static bool collect(struct packing *p, const struct store_keys *keys, struct err *e)
{
	if (!add_actions(p, keys, e) || !store_paths(p->s, &p->paths, e) || !add_manifests(p, e))
		return false;
	number_paths(p);
	renumber(p);
	return archive_index_blobs(&p->x, e);
}

/* --- the file ------------------------------------------------------------------------------------------------- */

static bool failed(struct archive *a, const char *file, struct err *e)
{
	if (lib.archive_errno(a) > 0)
		return err_sys(e, lib.archive_errno(a), "cannot write %s", file);
	return err_set(e, "cannot write %s: %s", file, lib.archive_error_string(a));
}

static bool put_entry(struct archive *a, const char *name, const void *data, size_t size,
		      const char *file, struct err *e)
{
	struct archive_entry *entry = lib.archive_entry_new();
	bool ok;

	lib.archive_entry_set_pathname(entry, name);
	lib.archive_entry_set_filetype(entry, AE_IFREG);
	lib.archive_entry_set_perm(entry, 0444);
	lib.archive_entry_set_size(entry, (int64_t)size);
	lib.archive_entry_set_mtime(entry, 0, 0);
	ok = lib.archive_write_header(a, entry) == ARCHIVE_OK &&
	     (!size || lib.archive_write_data(a, data, size) == (ssize_t)size);
	lib.archive_entry_free(entry);
	return ok || failed(a, file, e);
}

static bool put_blob(struct packing *p, struct archive *a, const struct archive_blob *b,
		     const char *file, struct err *e)
{
	AUTO_STRBUF path = STRBUF_INIT;
	char hex[DIGEST_HEX_SIZE], name[sizeof(hex) + 6];
	struct digest now;
	struct fs_map m;
	bool ok;

	store_blob_path(p->s, &b->digest, &path);
	if (!fs_map(&m, path.buf, e)) {
		err_wrap(e, "the store has lost a file");
		return err_hint(e, "`mpflash cache verify` removes what depends on it");
	}
	now = digest_of(m.data, m.size);
	digest_hex(&b->digest, hex);
	snprintf(name, sizeof(name), "blobs/%s", hex);
	if (digest_equal(&now, &b->digest) && m.size == b->size) {
		ok = put_entry(a, name, m.data, m.size, file, e);
	} else {
		err_set(e, "the store holds a damaged file: %s", path.buf);
		ok = err_hint(e, "`mpflash cache verify` removes what depends on it");
	}
	fs_unmap(&m);
	return ok;
}

static bool put_all(struct packing *p, struct archive *a, const char *file, struct err *e)
{
	AUTO_STRBUF index = STRBUF_INIT;

	archive_index_write(&p->x, &index);
	if (!put_entry(a, "index", index.buf, index.len, file, e))
		return false;
	for (size_t i = 0; i < p->x.blobs.count; i++)
		if (!put_blob(p, a, &p->x.blobs.items[i], file, e))
			return false;
	return lib.archive_write_close(a) == ARCHIVE_OK || failed(a, file, e);
}

static bool pack(struct packing *p, int fd, const char *file, struct err *e)
{
	struct archive *a;
	bool ok;

	if (!archive_lib_load(e))
		return false;
	a = lib.archive_write_new();
	if (!a)
		return err_set(e, "libarchive is out of memory");
	if (lib.archive_write_set_format_ustar(a) != ARCHIVE_OK ||
	    lib.archive_write_add_filter_zstd(a) != ARCHIVE_OK ||
	    lib.archive_write_open_fd(a, fd) != ARCHIVE_OK)
		ok = failed(a, file, e);
	else
		ok = put_all(p, a, file, e);
	lib.archive_write_free(a);
	return ok;
}

static bool write_file(struct packing *p, const char *file, struct err *e)
{
	struct fs_temp temp;

	if (!fs_temp_begin(&temp, file, e))
		return false;
	return fs_temp_end(&temp, file, 0644, pack(p, temp.fd, file, e), e);
}

static void count(const struct archive_index *x, struct archive_result *out)
{
	out->actions = x->actions.count;
	out->manifests = x->manifests.count;
	out->blobs = x->blobs.count;
	for (size_t i = 0; i < x->blobs.count; i++)
		out->bytes += x->blobs.items[i].size;
}

bool store_export(struct store *s, const struct store_keys *keys, const char *file,
		  struct archive_result *out, struct err *e)
{
	struct packing p = { .s = s };
	bool ok;

	*out = (struct archive_result){ 0 };
	ok = collect(&p, keys, e) && write_file(&p, file, e);
	count(&p.x, out);
	vec_free(&p.numbers);
	archive_index_free(&p.x);
	return ok;
}
