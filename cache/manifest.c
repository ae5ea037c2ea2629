/* SPDX-License-Identifier: MIT
 *
 * Manifests as bytes: a count, then per entry the distance to the entry before (a varint), kind, readers, and the
 * digest where the kind has one.
 */
#include "cache/manifest.h"

#include <string.h>

static bool has_digest(uint8_t kind)
{
	return kind == MANIFEST_CONTENT || kind == MANIFEST_LISTING || kind == MANIFEST_LINK;
}

static void put_varint(struct strbuf *out, uint32_t v)
{
	for (; v >= 0x80; v >>= 7)
		strbuf_addch(out, (char)(v | 0x80));
	strbuf_addch(out, (char)v);
}

static bool get_varint(const uint8_t **p, const uint8_t *end, uint32_t *out)
{
	uint64_t v = 0;

	for (unsigned shift = 0; *p < end && shift < 35; shift += 7) {
		uint8_t byte = *(*p)++;

		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*out = (uint32_t)v;
			return v <= UINT32_MAX;
		}
	}
	return false;
}

void manifest_encode(const struct manifest *m, struct strbuf *out)
{
	uint32_t last = 0;

	put_varint(out, (uint32_t)m->entries.count);
	for (size_t i = 0; i < m->entries.count; i++) {
		const struct manifest_entry *entry = &m->entries.items[i];

		put_varint(out, entry->path - last);
		last = entry->path;
		strbuf_addch(out, (char)entry->kind);
		strbuf_addch(out, (char)entry->readers);
		if (has_digest(entry->kind))
			strbuf_add(out, entry->digest.bytes, sizeof(entry->digest.bytes));
	}
}

static bool get_entry(const uint8_t **p, const uint8_t *end, uint32_t *last, uint32_t paths,
		      struct manifest_entry *out)
{
	uint32_t step;

	*out = (struct manifest_entry){ 0 };
	if (!get_varint(p, end, &step) || step >= paths - *last || end - *p < 2)
		return false;
	out->path = *last += step;
	out->kind = *(*p)++;
	out->readers = *(*p)++;
	if (out->kind >= MANIFEST_KINDS)
		return false;
	if (!has_digest(out->kind))
		return true;
	if ((size_t)(end - *p) < sizeof(out->digest.bytes))
		return false;
	memcpy(out->digest.bytes, *p, sizeof(out->digest.bytes));
	*p += sizeof(out->digest.bytes);
	return true;
}

bool manifest_decode(const void *data, size_t len, uint32_t paths, struct manifest *out)
{
	const uint8_t *p = data, *end = p + len;
	uint32_t count, last = 0;

	*out = (struct manifest){ 0 };
	/* 3 bytes are the least that an entry takes: a damaged count asks for no more memory than that. */
	if (!get_varint(&p, end, &count) || count > (size_t)(end - p) / 3)
		return false;
	out->entries.items = xcalloc(count ? count : 1, sizeof(*out->entries.items));
	out->entries.cap = count ? count : 1;
	for (; out->entries.count < count; out->entries.count++)
		if (!get_entry(&p, end, &last, paths, &out->entries.items[out->entries.count]))
			break;
	if (out->entries.count == count && p == end)
		return true;
	vec_free(&out->entries);
	return false;
}
