/* SPDX-License-Identifier: MIT
 *
 * What a closure's digests of folders and links stand for. Only reasons need it, so it may be lost: a collection keeps
 * the names of folders (cache/gc_texts.c), and not the texts of links.
 */
#include <string.h>

#include "graph/closure_internal.h"
#include "os/fs.h"
#include "source/listing.h"

/* The digest of a link has the mark of an executable file: see statcache_digest. */
static struct digest blob_of(uint8_t kind, const struct digest *digest)
{
	struct digest d = *digest;

	if (kind == MANIFEST_LINK)
		d.bytes[0] ^= 0x80;
	return d;
}

bool closure_text_now(struct session *s, const char *path, uint8_t kind, struct strbuf *out)
{
	AUTO_STRBUF absolute = STRBUF_INIT;
	AUTO_ERR ignored = ERR_INIT;
	size_t start = out->len;

	closure_locate(s, path, &absolute);
	if (kind == MANIFEST_LINK)
		return fs_read_link(absolute.buf, out, &ignored);
	if (!listing_text(session_listings(s), absolute.buf, out, &ignored))
		return false;
	for (char *p = out->buf + start; (p = strchr(p, '\n')); p++)
		*p = '\0'; /* the form that the digest is of */
	return true;
}

bool closure_text_then(struct session *s, uint8_t kind, const struct digest *digest,
		       struct strbuf *out)
{
	struct digest d = blob_of(kind, digest);

	return store_read_blob(s->store, &d, out);
}

void closure_keep_texts(struct session *s, const struct closure *c)
{
	for (size_t i = 0; i < c->entries.count; i++) {
		const struct closure_entry *entry = &c->entries.items[i];
		struct digest blob = blob_of(entry->kind, &entry->digest), now;
		AUTO_STRBUF text = STRBUF_INIT;
		AUTO_ERR ignored = ERR_INIT;

		if ((entry->kind != MANIFEST_LISTING && entry->kind != MANIFEST_LINK) ||
		    store_check_blob(s->store, &blob, NULL) ||
		    !closure_text_now(s, entry->path, entry->kind, &text))
			continue;
		now = digest_of(text.buf, text.len);
		if (digest_equal(&now, &blob))
			store_put_bytes(s->store, text.buf, text.len, &now, &ignored);
	}
}
