/* SPDX-License-Identifier: MIT
 *
 * What the store reads from outside or may have been damaged: manifests (first byte 'm'), the index of an archive (any other).
 * What is accepted is written again: an index gives the same bytes, a manifest the same entries.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cache/archive_index.h"
#include "cache/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static bool is_sorted(const struct manifest *m)
{
	for (size_t i = 1; i < m->entries.count; i++)
		if (m->entries.items[i].path < m->entries.items[i - 1].path)
			return false;
	return true;
}

static void try_manifest(const uint8_t *data, size_t size, uint32_t paths)
{
	AUTO_STRBUF again = STRBUF_INIT;
	struct manifest m, back;

	if (!manifest_decode(data, size, paths, &m))
		return;
	must(is_sorted(&m));
	for (size_t i = 0; i < m.entries.count; i++)
		must(m.entries.items[i].path < paths && m.entries.items[i].kind < MANIFEST_KINDS);
	manifest_encode(&m, &again);
	must(manifest_decode(again.buf, again.len, paths, &back));
	must(back.entries.count == m.entries.count);
	for (size_t i = 0; i < m.entries.count; i++) {
		const struct manifest_entry *x = &m.entries.items[i], *y = &back.entries.items[i];

		must(x->path == y->path && x->kind == y->kind && x->readers == y->readers &&
		     digest_equal(&x->digest, &y->digest));
	}
	vec_free(&m.entries);
	vec_free(&back.entries);
}

static void try_index(const char *text, size_t size)
{
	AUTO_STRBUF again = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	struct archive_index x = { 0 };

	if (archive_index_parse(text, size, &x, &e)) {
		archive_index_write(&x, &again);
		must(!x.manifests.count || again.len);
		/* A manifest may be encoded in more ways than one; the rest may not. */
		if (!x.manifests.count)
			must(again.len == size && memcmp(again.buf, text, size) == 0);
	} else {
		must(e.msg != NULL);
	}
	archive_index_free(&x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size && data[0] == 'm' && (size < 7 || memcmp(data, "mpflash", 7) != 0)) {
		try_manifest(data + 1, size - 1, 3);
		try_manifest(data + 1, size - 1, 100000);
		try_manifest(data + 1, size - 1, UINT32_MAX);
	} else {
		try_index((const char *)data, size);
	}
	return 0;
}
