/* SPDX-License-Identifier: MIT
 *
 * Blobs that manifests name: the names in a folder that was listed. Reasons show them.
 */
#include "cache/gc_internal.h"
#include "cache/manifest.h"

static void count_manifest(struct contents *c, const void *data, size_t len)
{
	struct manifest m;

	/* Whether its paths are known does not matter here. */
	if (!manifest_decode(data, len, UINT32_MAX, &m))
		return;
	for (size_t i = 0; i < m.entries.count; i++) {
		struct content_blob *b = m.entries.items[i].kind == MANIFEST_LISTING
						 ? contents_blob(c, &m.entries.items[i].digest)
						 : NULL;

		if (b)
			b->refs++;
	}
	vec_free(&m.entries);
}

bool gc_count_texts(struct store *s, struct contents *c, struct err *e)
{
	sqlite3_stmt *st = db_statement(&s->db, LIST_MANIFESTS, e);
	bool row = true, ok;

	if (!st)
		return false;
	while ((ok = db_step(&s->db, st, &row, e)) && row)
		count_manifest(c, sqlite3_column_blob(st, 2), (size_t)sqlite3_column_bytes(st, 2));
	return ok;
}
