/* SPDX-License-Identifier: MIT
 *
 * Files inside of a file: .zip, .tar, one compressed file (.gz .bz2 .xz .zst), a compressed .tar, a UF2 container. All is done
 * in memory, nothing is ever written to disk, and archives inside of archives are not opened.
 */
#ifndef IMAGE_ARCHIVE_H
#define IMAGE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

/* What is looked at. No chip has more flash than the first; the second keeps a hostile file from using up the memory. */
enum {
	ARCHIVE_MAX_MEMBER = 64 << 20, /* bytes of one member */
	ARCHIVE_MAX_TOTAL = 256 << 20, /* bytes that come out of one archive, looked at or not */
	ARCHIVE_MAX_ENTRIES = 10000,
	/*
	 * Deflate makes at most 1032 bytes of one. What becomes larger than this (and a bit, for small files) is a bomb;
	 * firmware does not compress a tenth as well.
	 */
	ARCHIVE_MAX_RATIO = 1032,
	ARCHIVE_RATIO_SLACK = 1 << 20,
};

struct archive_member {
	/* Both live until the next call. */
	const char *raw_name; /* as it stands in the archive */
	const char *name;     /* the same without control characters, for messages */
	uint64_t size;        /* as the archive says it; UINT64_MAX: it does not */
	bool is_file;         /* else a folder, a link, a device */
	bool encrypted;
	bool climbs; /* its name is absolute or leaves the archive by ".." */
};

/* By content: never by name. */
bool image_archive_probe(const uint8_t *data, size_t size);

struct image_archive;

/*
 * Opens the archive in these bytes, which must outlive it. `path` names a single compressed file: "a.dfu.gz" holds "a.dfu".
 * NULL: damaged, or a bomb; the caller names the file.
 */
struct image_archive *image_archive_open(const uint8_t *data, size_t size, const char *path,
					 struct err *e);

/* True when it is one compressed file, not a collection. */
bool image_archive_single(const struct image_archive *a);

/* The next member; true with *m NULL at the end. False: what follows cannot be had any more. */
bool image_archive_next(struct image_archive *a, const struct archive_member **m, struct err *e);

/*
 * The bytes of the member that came last, into an empty buffer. False: this member is damaged, encrypted or too large (the
 * caller names it); the next can be asked for. Each member at most once.
 */
bool image_archive_read(struct image_archive *a, struct strbuf *out, struct err *e);

void image_archive_close(struct image_archive *a); /* takes NULL */

#endif
