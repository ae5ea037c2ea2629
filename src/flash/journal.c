/* SPDX-License-Identifier: MIT
 *
 * The file: a line that names it, then for each sector its numbers (little-endian) and its bytes, old and planned, then the digest of all
 * that. It is replaced as a whole.
 */
#include "flash/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "os/fs.h"

static const char MAGIC[] = "mpflash kept bytes 1\n";

enum {
	MAGIC_SIZE = sizeof(MAGIC) - 1,
	DIGEST_SIZE = 16,
	HEAD_SIZE = 8 + 4 + 1 + DIGEST_SIZE, /* address, size, erased, wrong */
	MOST_BYTES = 256 << 20,
};

void journal_free(struct journal *j)
{
	for (size_t i = 0; i < j->count; i++) {
		free(j->entries[i].old);
		free(j->entries[i].planned);
	}
	free(j->entries);
	free(j->path);
	*j = (struct journal)JOURNAL_INIT;
}

/* --- the file ------------------------------------------------------------------------------------------------- */

static void put_number(struct strbuf *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		strbuf_addch(out, (char)(value >> (8 * i)));
}

static uint64_t get_number(const uint8_t *p, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)p[i] << (8 * i);
	return value;
}

static void put_entry(struct strbuf *out, const struct journal_entry *entry)
{
	put_number(out, entry->address, 8);
	put_number(out, entry->size, 4);
	put_number(out, entry->erased, 1);
	strbuf_add(out, entry->wrong.bytes, DIGEST_SIZE);
	strbuf_add(out, entry->old, entry->size);
	strbuf_add(out, entry->planned, entry->size);
}

static bool make_folder(const struct journal *j, struct err *e)
{
	AUTO_STRBUF dir = STRBUF_INIT;

	strbuf_add(&dir, j->path, (size_t)(strrchr(j->path, '/') - j->path));
	return fs_mkdirs(dir.buf, e);
}

static bool write_file(const struct journal *j, struct err *e)
{
	AUTO_STRBUF out = STRBUF_INIT;
	struct digest d;

	if (!j->count)
		return unlink(j->path) == 0 || errno == ENOENT || err_sys(e, errno, "%s", j->path);
	strbuf_adds(&out, MAGIC);
	for (size_t i = 0; i < j->count; i++)
		put_entry(&out, &j->entries[i]);
	d = digest_of(out.buf, out.len);
	strbuf_add(&out, d.bytes, DIGEST_SIZE);
	if (j->change == JOURNAL_LESS)
		return fs_write_lazy(j->path, out.buf, out.len, 0600, e);
	return make_folder(j, e) && fs_write_atomic(j->path, out.buf, out.len, 0600, e);
}

bool journal_save(struct journal *j, struct err *e)
{
	if (!j->path || j->change == JOURNAL_AS_SAVED)
		return true;
	if (!write_file(j, e))
		return false;
	j->change = JOURNAL_AS_SAVED;
	return true;
}

static uint8_t *copy(const uint8_t *data, size_t size)
{
	return memcpy(xmalloc(size ? size : 1), data, size);
}

static struct journal_entry *push(struct journal *j, struct journal_entry entry)
{
	if (j->count == j->cap) {
		j->cap = j->cap ? j->cap * 2 : 4;
		j->entries = xrealloc(j->entries, j->cap * sizeof(*j->entries));
	}
	j->entries[j->count] = entry;
	return &j->entries[j->count++];
}

/* False: it is not what `save` wrote. */
static bool parse(struct journal *j, const uint8_t *data, size_t len)
{
	size_t at = MAGIC_SIZE;
	struct digest d;

	if (len < MAGIC_SIZE + DIGEST_SIZE || memcmp(data, MAGIC, MAGIC_SIZE) != 0)
		return false;
	len -= DIGEST_SIZE;
	d = digest_of(data, len);
	if (memcmp(d.bytes, data + len, DIGEST_SIZE) != 0)
		return false;
	while (at < len) {
		struct journal_entry entry = { 0 };

		if (len - at < HEAD_SIZE)
			return false;
		entry.address = get_number(data + at, 8);
		entry.size = (uint32_t)get_number(data + at + 8, 4);
		entry.erased = data[at + 12];
		memcpy(entry.wrong.bytes, data + at + 13, DIGEST_SIZE);
		at += HEAD_SIZE;
		if ((len - at) / 2 < entry.size)
			return false;
		entry.old = copy(data + at, entry.size);
		entry.planned = copy(data + at + entry.size, entry.size);
		at += 2 * (size_t)entry.size;
		push(j, entry);
	}
	return true;
}

static bool put_aside(struct journal *j, char **note, struct err *e)
{
	AUTO_STRBUF aside = STRBUF_INIT, text = STRBUF_INIT;
	char *path = j->path;

	j->path = NULL;
	journal_free(j);
	j->path = path;
	strbuf_addf(&aside, "%s.bad", path);
	if (!fs_rename(path, aside.buf, e))
		return false;
	strbuf_addf(&text, "the bytes that an earlier run kept are damaged: %s", aside.buf);
	*note = strbuf_detach(&text);
	return true;
}

bool journal_open(struct journal *j, const char *dir, const char *number, char **note,
		  struct err *e)
{
	struct digest id = digest_of(number, strlen(number));
	AUTO_STRBUF path = STRBUF_INIT, data = STRBUF_INIT;
	char hex[DIGEST_HEX_SIZE];

	*note = NULL;
	if (!dir)
		return true;
	digest_hex(&id, hex); /* an id may hold any character */
	strbuf_addf(&path, "%s/kept-%.16s", dir, hex);
	j->path = strbuf_detach(&path);
	if (!fs_exists(j->path))
		return true;
	if (!fs_read(&data, j->path, MOST_BYTES, e))
		return false;
	return parse(j, (const uint8_t *)data.buf, data.len) || put_aside(j, note, e);
}

/* --- entries -------------------------------------------------------------------------------------------------- */

static struct journal_entry *find(struct journal *j, uint64_t address, uint32_t size)
{
	for (size_t i = 0; i < j->count; i++)
		if (j->entries[i].address == address && j->entries[i].size == size)
			return &j->entries[i];
	return NULL;
}

void journal_add(struct journal *j, const struct plan_sector *s)
{
	struct journal_entry *entry = find(j, s->address, s->size);

	if (!j->path)
		return;
	if (entry) {
		free(entry->planned);
	} else {
		entry = push(j, (struct journal_entry){ .address = s->address, .size = s->size });
		entry->old = copy(s->before, s->size);
	}
	entry->erased = s->zone->erased;
	entry->planned = copy(s->content, s->size);
	j->change = JOURNAL_MORE;
}

void journal_add_wrong(struct journal *j, uint64_t address, uint32_t size, const uint8_t *now)
{
	struct journal_entry *entry = find(j, address, size);

	if (!entry)
		return;
	entry->wrong = digest_of(now, size);
	j->change = JOURNAL_MORE;
}

void journal_drop(struct journal *j, uint64_t address, uint32_t size)
{
	struct journal_entry *entry = find(j, address, size);

	if (!entry)
		return;
	free(entry->old);
	free(entry->planned);
	*entry = j->entries[--j->count];
	if (j->change == JOURNAL_AS_SAVED)
		j->change = JOURNAL_LESS;
}

static bool is_between(uint8_t now, uint8_t a, uint8_t b)
{
	return (now & ~(a | b)) == 0 && (a & b & ~now) == 0;
}

enum journal_verdict journal_judge(const struct journal_entry *entry, const uint8_t *now)
{
	struct digest d = digest_of(now, entry->size);
	bool old = true, planned = true, between = true;

	for (uint32_t i = 0; i < entry->size; i++) {
		old = old && now[i] == entry->old[i];
		planned = planned && now[i] == entry->planned[i];
		between = between && (is_between(now[i], entry->old[i], entry->erased) ||
				      is_between(now[i], entry->planned[i], entry->erased));
	}
	if (old || planned)
		return JOURNAL_WHOLE;
	return between || digest_equal(&d, &entry->wrong) ? JOURNAL_INTERRUPTED : JOURNAL_STALE;
}
