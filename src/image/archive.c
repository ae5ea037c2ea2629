/* SPDX-License-Identifier: MIT
 *
 * Archives in memory, by libarchive. A compressed file is unpacked as a whole first, so that its size can be limited and
 * gzip's checksum, which libarchive does not look at, be compared; a .tar or .zip is then gone through in the memory.
 */
#include "image/archive.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "image/crc.h"
#include "image/le.h"
#include "image/uf2.h"
#include "image/uf2_container.h"
#include "os/archive_lib.h"

enum { CHUNK = 64 * 1024, NAME_SHOWN = 200, TAR_BLOCK = 512 };

enum packing { PACKED_NOT, PACKED_GZIP, PACKED_BZIP2, PACKED_XZ, PACKED_ZSTD };

struct image_archive {
	bool is_container;
	struct uf2_container container;
	size_t next_file;       /* of the container */
	struct archive *reader; /* NULL: `unpacked` is the only member */
	struct strbuf unpacked; /* what a compressed file held */
	uint64_t packed_size;   /* of the file: what came out of it is measured by that */
	uint64_t total;         /* bytes that came out, read as members */
	size_t entries;
	bool given, can_read; /* the only member was given; the member's bytes can be asked for */
	struct strbuf name;   /* the member's, as it stands in the archive */
	struct strbuf shown;
	struct archive_member member;
};

static enum packing packing_of(const uint8_t *data, size_t size)
{
	static const struct {
		enum packing packing;
		size_t size;
		const char *magic;
	} table[] = {
		{ PACKED_GZIP, 3, "\x1f\x8b\x08" },
		{ PACKED_BZIP2, 3, "BZh" },
		{ PACKED_XZ, 6,
		  "\xfd"
		  "7zXZ\0" },
		{ PACKED_ZSTD, 4, "\x28\xb5\x2f\xfd" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (size > table[i].size && memcmp(data, table[i].magic, table[i].size) == 0)
			return table[i].packing;
	return PACKED_NOT;
}

static bool is_zip(const uint8_t *data, size_t size)
{
	return size >= 22 && (memcmp(data, "PK\3\4", 4) == 0 || memcmp(data, "PK\5\6", 4) == 0);
}

/* Every .tar begins with a header whose bytes add up to the octal number in it; the oldest ones have no other mark. */
static bool is_tar(const uint8_t *data, size_t size)
{
	uint32_t sum = 0, stated = 0;
	size_t i = 148, digits = 0;

	if (size < TAR_BLOCK || !data[0])
		return false;
	while (i < 156 && data[i] == ' ')
		i++;
	for (; i < 156 && data[i] >= '0' && data[i] <= '7'; i++, digits++)
		stated = stated * 8 + (uint32_t)(data[i] - '0');
	for (size_t at = 0; at < TAR_BLOCK; at++)
		sum += at >= 148 && at < 156 ? ' ' : data[at];
	return digits && sum == stated;
}

/* One with blocks of a flash image besides is read for those. */
static bool is_container(const uint8_t *data, size_t size)
{
	if (!uf2_container_probe(data, size))
		return false;
	for (size_t at = 0; at + UF2_BLOCK <= size; at += UF2_BLOCK)
		if (!(get_le32(data + at + 8) & UF2_FILE_CONTAINER))
			return false;
	return true;
}

bool image_archive_probe(const uint8_t *data, size_t size)
{
	return packing_of(data, size) != PACKED_NOT || is_zip(data, size) || is_tar(data, size) ||
	       is_container(data, size);
}

/* Why libarchive would not go on. Its words may repeat what stands in the file. */
static bool failed(struct archive *reader, struct err *e)
{
	const char *why = lib.archive_error_string(reader);
	AUTO_STRBUF shown = STRBUF_INIT;

	strbuf_add_shown(&shown, why ? why : "it cannot be unpacked", NAME_SHOWN);
	err_set(e, "%s", shown.buf);
	return err_hint(e, "the file is damaged: download it again");
}

/* How much may still come out of an archive. */
static uint64_t allowance(const struct image_archive *a, uint64_t max)
{
	uint64_t left = ARCHIVE_MAX_TOTAL - a->total;
	uint64_t ratio = a->packed_size * ARCHIVE_MAX_RATIO + ARCHIVE_RATIO_SLACK;

	if (left > max)
		left = max;
	return ratio - a->total < left ? ratio - a->total : left;
}

static bool too_large(const struct image_archive *a, uint64_t max, struct err *e)
{
	if (a->total + allowance(a, max) == ARCHIVE_MAX_TOTAL) {
		err_set(e, "more than %d MiB come out of it", ARCHIVE_MAX_TOTAL >> 20);
		return err_hint(e, "unpack it and name the firmware file");
	}
	if (allowance(a, max) == max)
		return err_set(e, "it is larger than %" PRIu64 " MiB; no firmware is", max >> 20);
	return err_set(e, "more than %d bytes come out of one; that is no firmware",
		       ARCHIVE_MAX_RATIO);
}

/* All that the reader has of the current member, up to `max` bytes. */
static bool read_all(struct image_archive *a, struct archive *reader, struct strbuf *out,
		     uint64_t max, struct err *e)
{
	uint64_t allowed = allowance(a, max);
	la_ssize_t n;

	do {
		strbuf_reserve(out, CHUNK);
		n = lib.archive_read_data(reader, out->buf + out->len, CHUNK);
		if (n < 0) {
			a->total += out->len;
			return failed(reader, e);
		}
		out->len += (size_t)n;
		if (out->len > allowed) {
			too_large(a, max, e);
			a->total += allowed;
			return false;
		}
	} while (n > 0);
	out->buf[out->len] = '\0';
	a->total += out->len;
	return true;
}

/* RFC 1952, section 2.3.1: the last eight bytes are the CRC-32 and the size of what was packed. */
static bool check_gzip(const struct strbuf *unpacked, const uint8_t *data, size_t size,
		       struct err *e)
{
	uint32_t crc = ~dfu_crc((const uint8_t *)unpacked->buf, unpacked->len);

	if (size >= 18 && get_le32(data + size - 4) == (uint32_t)unpacked->len &&
	    get_le32(data + size - 8) == crc)
		return true;
	err_set(e, "offset %zu: the checksum of gzip is not that of what came out",
		size >= 8 ? size - 8 : size);
	return err_hint(e, "the file is damaged, or more than one .gz: try `gzip -d`");
}

static bool open_packed(struct archive *reader, const uint8_t *data, size_t size,
			enum packing packing)
{
	int supported = packing == PACKED_GZIP    ? lib.archive_read_support_filter_gzip(reader)
			: packing == PACKED_BZIP2 ? lib.archive_read_support_filter_bzip2(reader)
			: packing == PACKED_XZ    ? lib.archive_read_support_filter_xz(reader)
						  : lib.archive_read_support_filter_zstd(reader);
	struct archive_entry *entry;

	/* A warning would mean that it starts a program for it. */
	return supported == ARCHIVE_OK &&
	       lib.archive_read_support_format_raw(reader) == ARCHIVE_OK &&
	       lib.archive_read_support_format_empty(reader) == ARCHIVE_OK &&
	       lib.archive_read_open_memory(reader, data, size) == ARCHIVE_OK &&
	       lib.archive_read_next_header(reader, &entry) >= ARCHIVE_WARN;
}

static bool unpack(struct image_archive *a, const uint8_t *data, size_t size, enum packing packing,
		   struct err *e)
{
	struct archive *reader = lib.archive_read_new();
	bool good;

	if (!reader)
		return err_set(e, "no memory for unpacking");
	good = open_packed(reader, data, size, packing)
		       ? read_all(a, reader, &a->unpacked, ARCHIVE_MAX_TOTAL, e)
		       : failed(reader, e);
	lib.archive_read_free(reader);
	return good && (packing != PACKED_GZIP || check_gzip(&a->unpacked, data, size, e));
}

/* Only a .zip with its directory: without, members' sizes and names are guesses. */
static bool open_members(struct image_archive *a, const uint8_t *data, size_t size, struct err *e)
{
	a->is_container = is_container(data, size);
	if (a->is_container)
		return uf2_container_open(&a->container, data, size, e);
	a->reader = lib.archive_read_new();
	if (!a->reader)
		return err_set(e, "no memory for unpacking");
	if (lib.archive_read_support_format_tar(a->reader) == ARCHIVE_OK &&
	    lib.archive_read_support_format_zip_seekable(a->reader) == ARCHIVE_OK &&
	    lib.archive_read_open_memory(a->reader, data, size) == ARCHIVE_OK)
		return true;
	if (!is_zip(data, size))
		return failed(a->reader, e);
	err_set(e, "the directory of the .zip, which stands at its end, is not there");
	return err_hint(e, "the file is cut off: download it again");
}

/* "a.dfu" of "dir/a.dfu.gz" */
static void name_unpacked(struct image_archive *a, const char *path)
{
	const char *base = path_base(path), *dot = strrchr(base, '.');

	strbuf_add(&a->name, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

struct image_archive *image_archive_open(const uint8_t *data, size_t size, const char *path,
					 struct err *e)
{
	enum packing packing = packing_of(data, size);
	struct image_archive *a = xmalloc(sizeof(*a));
	bool good = is_container(data, size) || archive_lib_load(e);

	*a = (struct image_archive){
		.unpacked = STRBUF_INIT,
		.name = STRBUF_INIT,
		.shown = STRBUF_INIT,
		.packed_size = size,
	};
	if (good && packing) {
		name_unpacked(a, path);
		good = unpack(a, data, size, packing, e);
		data = (const uint8_t *)a->unpacked.buf;
		size = a->unpacked.len;
		a->total = 0;
	}
	if (good && (is_zip(data, size) || is_tar(data, size) || is_container(data, size)))
		good = open_members(a, data, size, e);
	if (good)
		return a;
	image_archive_close(a);
	return NULL;
}

bool image_archive_single(const struct image_archive *a)
{
	return !a->reader && !a->is_container;
}

/* Also "a\..\b", as some packers on Windows write it. */
static bool climbs(const char *name)
{
	if (*name == '/' || *name == '\\' || (*name && name[1] == ':'))
		return true;
	for (const char *p = name; *p;) {
		size_t len = strcspn(p, "/\\");

		if (len == 2 && p[0] == '.' && p[1] == '.')
			return true;
		p += len + (p[len] != '\0');
	}
	return false;
}

static void show_name(struct image_archive *a, const char *name)
{
	strbuf_reset(&a->name);
	strbuf_adds(&a->name, name);
	strbuf_reset(&a->shown);
	strbuf_add_shown(&a->shown, name, NAME_SHOWN);
	a->member.raw_name = a->name.buf;
	a->member.name = a->shown.buf;
	a->can_read = true;
}

/* The names of a container were checked when it was opened. */
static void next_of_container(struct image_archive *a, const struct archive_member **m)
{
	const struct uf2_container_file *file = &a->container.items[a->next_file];

	if (a->next_file == a->container.count)
		return;
	a->next_file++;
	a->member = (struct archive_member){ .size = file->size, .is_file = true };
	show_name(a, file->name);
	*m = &a->member;
}

static void set_member(struct image_archive *a, struct archive_entry *entry)
{
	const char *name;

	a->member = (struct archive_member){ .size = a->unpacked.len, .is_file = true };
	if (!entry) {
		AUTO_FREE char *own = xstrdup(a->name.buf);

		show_name(a, own);
		return;
	}
	name = lib.archive_entry_pathname_utf8(entry);
	if (!name)
		name = lib.archive_entry_pathname(entry);
	show_name(a, name ? name : "(a name in no known encoding)");
	a->member.size = lib.archive_entry_size_is_set(entry)
				 ? (uint64_t)lib.archive_entry_size(entry)
				 : UINT64_MAX;
	a->member.is_file =
		lib.archive_entry_filetype(entry) == AE_IFREG && !lib.archive_entry_hardlink(entry);
	a->member.encrypted = lib.archive_entry_is_data_encrypted(entry);
	a->member.climbs = climbs(a->name.buf);
}

bool image_archive_next(struct image_archive *a, const struct archive_member **m, struct err *e)
{
	struct archive_entry *entry = NULL;
	int result = a->given ? ARCHIVE_EOF : ARCHIVE_OK;

	*m = NULL;
	a->can_read = false;
	if (a->is_container) {
		next_of_container(a, m);
		return true;
	}
	if (a->reader)
		result = lib.archive_read_next_header(a->reader, &entry);
	if (result == ARCHIVE_EOF)
		return true;
	/* A warning is about a name or an attribute. */
	if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
		return failed(a->reader, e);
	if (a->entries++ == ARCHIVE_MAX_ENTRIES) {
		err_set(e, "it has more than %d entries", ARCHIVE_MAX_ENTRIES);
		return err_hint(e, "unpack it and name the firmware file");
	}
	a->given = true;
	set_member(a, entry);
	*m = &a->member;
	return true;
}

bool image_archive_read(struct image_archive *a, struct strbuf *out, struct err *e)
{
	if (!a->can_read)
		BUG("a member is read once");
	a->can_read = false;
	if (a->member.encrypted) {
		err_set(e, "it is encrypted");
		return err_hint(e, "unpack it with its password first");
	}
	if (a->is_container) {
		uf2_container_read(&a->container, a->next_file - 1, out);
		return true;
	}
	if (a->reader)
		return read_all(a, a->reader, out, ARCHIVE_MAX_MEMBER, e);
	if (a->unpacked.len > ARCHIVE_MAX_MEMBER)
		return too_large(a, ARCHIVE_MAX_MEMBER, e);
	*out = a->unpacked;
	a->unpacked = (struct strbuf)STRBUF_INIT;
	return true;
}

void image_archive_close(struct image_archive *a)
{
	if (!a)
		return;
	if (a->reader)
		lib.archive_read_free(a->reader);
	uf2_container_free(&a->container);
	strbuf_free(&a->unpacked);
	strbuf_free(&a->name);
	strbuf_free(&a->shown);
	free(a);
}
