/* SPDX-License-Identifier: MIT
 *
 * The files in a UF2 container. A block carries a piece of a file, where it belongs in it, how long the whole file is
 * and, right behind the piece, the file's name.
 */
#include "image/uf2_container.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "image/le.h"
#include "image/uf2.h"

struct uf2_container_chunk {
	const uint8_t *data;
	const char *name; /* inside the block */
	uint32_t at, size, file_size;
	size_t offset; /* of the block */
};

bool uf2_container_probe(const uint8_t *data, size_t size)
{
	return size >= UF2_BLOCK && get_le32(data) == UF2_MAGIC_0 &&
	       get_le32(data + 4) == UF2_MAGIC_1 && (get_le32(data + 8) & UF2_FILE_CONTAINER);
}

/* A part of a name between two slashes; Windows' separator is one too. */
static bool climbs(const char *name)
{
	for (const char *p = name;; p++) {
		size_t n = strcspn(p, "/\\");

		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.') || n == 0)
			return true;
		p += n;
		if (!*p)
			return false;
	}
}

static bool check_name(const struct uf2_container_chunk *c, struct err *e)
{
	size_t at = c->offset + UF2_DATA_AT + c->size;
	char shown[UF2_DATA_SIZE];

	utf8_printable(shown, sizeof(shown), c->name, strlen(c->name));
	if (!c->name[0])
		return err_set(e, "offset %zu: a file without a name", at);
	if (strcmp(shown, c->name) != 0)
		return err_set(e, "offset %zu: the file name '%s' has characters that no name has",
			       at, shown);
	if (climbs(c->name) || strchr(c->name, ':'))
		return err_set(e, "offset %zu: the file name '%s' leads out of its folder", at,
			       shown);
	return true;
}

static bool take_chunk(const struct uf2_file *f, const struct uf2_block *b,
		       struct uf2_container_chunk *c, struct err *e)
{
	const uint8_t *p = uf2_payload(f, b);
	size_t end = UF2_DATA_SIZE - (b->flags & UF2_MD5 ? UF2_MD5_SIZE : 0);

	*c = (struct uf2_container_chunk){
		.data = p,
		.name = (const char *)p + b->size,
		.at = b->address,
		.size = b->size,
		.file_size = get_le32(f->data + b->offset + 28),
		.offset = b->offset,
	};
	if (b->size >= end || !memchr(c->name, 0, end - b->size))
		return err_set(e, "offset %zu: the file's name does not end inside the block",
			       b->offset);
	if (c->size > c->file_size || c->at > c->file_size - c->size)
		return err_set(e,
			       "offset %zu: %" PRIu32 " bytes at %" PRIu32
			       " of a file that has %" PRIu32,
			       b->offset, c->size, c->at, c->file_size);
	return check_name(c, e);
}

static int by_place(const void *left, const void *right)
{
	const struct uf2_container_chunk *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	/* An empty piece is before the one that begins where it is. */
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static bool same_chunk(const struct uf2_container_chunk *a, const struct uf2_container_chunk *b)
{
	return a->at == b->at && a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static bool lack(const char *name, uint64_t from, uint64_t to, struct err *e)
{
	err_set(e, "bytes %" PRIu64 "-%" PRIu64 " of the file '%s' are missing", from, to - 1,
		name);
	return err_hint(e, "the file is cut off: download it again");
}

/* Chunks [first, end) have one name; those that are there again go. */
static bool take_file(struct uf2_container *c, size_t first, size_t end, struct err *e)
{
	struct uf2_container_chunk *chunks = c->chunks.items;
	struct uf2_container_file file = { .size = chunks[first].file_size, .first = first };
	const char *name = chunks[first].name;
	size_t kept = first;
	uint64_t next = 0;

	for (size_t i = first; i < end; i++) {
		const struct uf2_container_chunk *k = &chunks[i];

		if (k->file_size != file.size)
			return err_set(e,
				       "offset %zu: the file '%s' has %" PRIu32
				       " bytes, but %" PRIu32 " by the block at offset %zu",
				       k->offset, name, k->file_size, file.size,
				       chunks[first].offset);
		if (i > first && same_chunk(&chunks[kept - 1], k))
			continue;
		if (k->at < next)
			return err_set(e,
				       "offset %zu: bytes %" PRIu32 "-%" PRIu64
				       " of the file '%s' are in the block at offset %zu too",
				       k->offset, k->at, next - 1, name, chunks[kept - 1].offset);
		if (k->at > next)
			return lack(name, next, k->at, e);
		next += k->size;
		chunks[kept++] = *k;
	}
	if (next < file.size)
		return lack(name, next, file.size, e);
	file.count = kept - first;
	file.name = xstrdup(name);
	vec_push(c, file);
	return true;
}

static bool take_files(struct uf2_container *c, struct err *e)
{
	size_t count = c->chunks.count;

	if (!count)
		return err_set(e, "there are no files in it");
	qsort(c->chunks.items, count, sizeof(*c->chunks.items), by_place);
	for (size_t first = 0, end; first < count; first = end) {
		const char *name = c->chunks.items[first].name;

		for (end = first + 1; end < count && !strcmp(c->chunks.items[end].name, name);)
			end++;
		if (!take_file(c, first, end, e))
			return false;
	}
	return true;
}

/* Numbers count all blocks of the container; with a flash image in it they are left to that. */
static bool check_numbers(struct uf2_file *f, struct err *e)
{
	if (f->family_count)
		return true;
	for (size_t i = 0; i < f->blocks.count; i++)
		f->blocks.items[i].rider = false;
	uf2_blocks_sort(f, f->blocks.items, f->blocks.count);
	return uf2_blocks_complete(f->blocks.items, f->blocks.count, e);
}

bool uf2_container_open(struct uf2_container *c, const uint8_t *data, size_t size, struct err *e)
{
	struct uf2_file f;
	bool good = uf2_parse(&f, data, size, e);

	*c = (struct uf2_container){ 0 };
	for (size_t i = 0; good && i < f.blocks.count; i++) {
		struct uf2_container_chunk chunk;

		if (!(f.blocks.items[i].flags & UF2_FILE_CONTAINER))
			continue;
		good = take_chunk(&f, &f.blocks.items[i], &chunk, e);
		if (good)
			vec_push(&c->chunks, chunk);
	}
	good = good && take_files(c, e) && check_numbers(&f, e);
	uf2_free(&f);
	return good;
}

void uf2_container_free(struct uf2_container *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->items[i].name);
	vec_free(c);
	vec_free(&c->chunks);
}

void uf2_container_read(const struct uf2_container *c, size_t i, struct strbuf *out)
{
	const struct uf2_container_file *file = &c->items[i];

	for (size_t k = 0; k < file->count; k++) {
		const struct uf2_container_chunk *chunk = &c->chunks.items[file->first + k];

		strbuf_add(out, chunk->data, chunk->size);
	}
}
