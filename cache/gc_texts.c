/* SPDX-License-Identifier: MIT
 *
 * Blobs that manifests name: they stay as long as the action whose manifest it is.
 */
#include <stdlib.h>
#include <string.h>

#include "cache/gc_internal.h"
#include "cache/manifest.h"

static void add_manifest(struct contents *c, const struct digest *key, const void *data, size_t len,
			 struct gc_texts *out)
{
	struct manifest m;

	/* Whether its paths are known does not matter here. */
	if (!manifest_decode(data, len, UINT32_MAX, &m))
		return;
	for (size_t i = 0; i < m.entries.count; i++) {
		struct content_blob *b = m.entries.items[i].kind == MANIFEST_LISTING
						 ? contents_blob(c, &m.entries.items[i].digest)
						 : NULL;

		if (!b)
			continue;
		b->refs++;
		vec_push(out, (struct gc_text){ *key, b });
	}
	vec_free(&m.entries);
}

/* The digest comes first. */
static int compare_texts(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct digest));
}

bool gc_read_texts(struct store *s, struct contents *c, struct gc_texts *out, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_MANIFESTS, e);
	bool row = true, ok = st != NULL;

	while (ok && (ok = db_step(&s->db, st, &row, e)) && row) {
		struct digest key = db_digest(st, 1);

		add_manifest(c, &key, sqlite3_column_blob(st, 2),
			     (size_t)sqlite3_column_bytes(st, 2), out);
	}
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), compare_texts);
	return ok;
}
