/* SPDX-License-Identifier: MIT
 *
 * Reading all rows of the index and the names of all blobs.
 */
#include "cache/contents.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "os/fs.h"

static bool read_actions(struct store *s, struct contents *c, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_ACTIONS, e);
	bool row = true, ok = st != NULL;

	while (ok && (ok = db_step(&s->db, st, &row, e)) && row)
		vec_push(&c->actions,
			 (struct content_action){ .key = db_digest(st, 0),
						  .used_ns = sqlite3_column_int64(st, 1) });
	return ok;
}

static bool read_outputs(struct store *s, struct contents *c, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_OUTPUTS, e);
	bool row = true, ok = st != NULL;

	while (ok && (ok = db_step(&s->db, st, &row, e)) && row)
		vec_push(&c->outputs,
			 (struct content_output){ .key = db_digest(st, 0),
						  .blob = db_digest(st, 1),
						  .image = db_digest(st, 2),
						  .size = (uint64_t)sqlite3_column_int64(st, 3),
						  .name = db_text(st, 4, &c->arena) });
	return ok;
}

static bool read_lasts(struct store *s, struct contents *c, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_LAST, e);
	bool row = true, ok = st != NULL;

	while (ok && (ok = db_step(&s->db, st, &row, e)) && row)
		vec_push(&c->lasts, (struct content_last){ .step = db_text(st, 0, &c->arena),
							   .key = db_digest(st, 1),
							   .parts = db_digest(st, 2) });
	return ok;
}

/* Both lists are sorted by key. */
static void join_outputs(struct contents *c)
{
	size_t at = 0;

	for (size_t i = 0; i < c->actions.count; i++) {
		struct content_action *a = &c->actions.items[i];

		while (at < c->outputs.count && memcmp(&c->outputs.items[at].key, &a->key, 16) < 0)
			at++;
		a->first = at;
		while (at < c->outputs.count && digest_equal(&c->outputs.items[at].key, &a->key))
			at++;
		a->count = at - a->first;
	}
}

bool contents_read_rows(struct store *s, struct contents *c, struct err *e)
{
	if (!read_actions(s, c, e) || !read_outputs(s, c, e) || !read_lasts(s, c, e))
		return false;
	join_outputs(c);
	return true;
}

static void add_name(struct contents *c, const char *folder, const char *name, enum fs_type type,
		     const char *path)
{
	AUTO_STRBUF hex = STRBUF_INIT;
	struct content_blob blob = { .refs = 0 };
	char again[DIGEST_HEX_SIZE] = "";
	struct fs_stat st;

	strbuf_addf(&hex, "%s%s", folder, name);
	if (type == FS_FILE && digest_parse(&blob.digest, hex.buf))
		digest_hex(&blob.digest, again); /* small letters only */
	if (strcmp(again, hex.buf) == 0 && fs_lstat(path, &st)) {
		blob.size = st.size;
		blob.mtime_ns = st.mtime_ns;
		vec_push(&c->blobs, blob);
	} else if (type == FS_FILE && fs_is_temp(name)) {
		vec_push(&c->temps, arena_strdup(&c->arena, path));
	} else {
		vec_push(&c->strangers, arena_strdup(&c->arena, path));
	}
}

static bool read_folder(struct contents *c, const char *dir, const char *name, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *path = path_join(&a, dir, name);
	struct fs_list list;

	if (!fs_list(&list, path, e))
		return false;
	for (size_t i = 0; i < list.count; i++)
		add_name(c, name, list.names[i], list.types[i], path_join(&a, path, list.names[i]));
	fs_list_free(&list);
	return true;
}

bool contents_read_blobs(struct store *s, struct contents *c, struct err *e)
{
	AUTO_ARENA a = ARENA_INIT;
	const char *dir = path_join(&a, s->dir, "blobs");
	struct fs_list list;
	bool ok = true;

	if (!fs_is_dir(dir))
		return true; /* a dry store that does not exist */
	if (!fs_list(&list, dir, e))
		return false;
	for (size_t i = 0; ok && i < list.count; i++) {
		const char *path = path_join(&a, dir, list.names[i]);

		if (list.types[i] == FS_DIR && strlen(list.names[i]) == 2)
			ok = read_folder(c, dir, list.names[i], e);
		else
			vec_push(&c->strangers, arena_strdup(&c->arena, path));
	}
	fs_list_free(&list);
	return ok;
}

void contents_free(struct contents *c)
{
	vec_free(&c->actions);
	vec_free(&c->outputs);
	vec_free(&c->lasts);
	vec_free(&c->blobs);
	vec_free(&c->temps);
	vec_free(&c->strangers);
	arena_free(&c->arena);
}

/* The digest comes first in both kinds of items. */
static int compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

struct content_blob *contents_blob(const struct contents *c, const struct digest *d)
{
	if (!c->blobs.count)
		return NULL;
	return bsearch(d, c->blobs.items, c->blobs.count, sizeof(*c->blobs.items), compare_digests);
}

struct content_action *contents_action(const struct contents *c, const struct digest *key)
{
	if (!c->actions.count)
		return NULL;
	return bsearch(key, c->actions.items, c->actions.count, sizeof(*c->actions.items),
		       compare_digests);
}

uint64_t contents_bytes(const struct contents *c)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < c->blobs.count; i++)
		sum += c->blobs.items[i].size;
	return sum;
}
