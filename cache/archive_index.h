/* SPDX-License-Identifier: MIT
 *
 * The index of an archive as text, one row a line, fields divided by tabs (in them \t, \n and \\ are escaped):
 *
 *     mpflash store 1
 *     path TEXT                                        sorted; numbered from 0 for the manifests
 *     action KEY TIME-NS DURATION-MS EPOCH STAMP STAMP-HASH
 *     output BLOB IMAGE SIZE MODE NAME                 of the action above
 *     manifest WEAK KEY HEX                            cache/manifest.h, of an action above
 *     end
 */
#ifndef CACHE_ARCHIVE_INDEX_H
#define CACHE_ARCHIVE_INDEX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "cache/manifest.h"
#include "cache/store.h"

struct archive_action {
	struct digest key;
	struct store_action action;
};

struct archive_manifest {
	struct digest weak, key;
	struct manifest manifest; /* paths are numbers of the index */
};

struct archive_blob {
	struct digest digest;
	uint64_t size;
	bool seen; /* the reader's */
};

struct archive_index {
	struct arena arena;
	struct strv paths;                      /* sorted, no doubles */
	VEC(struct archive_action) actions;     /* sorted by key, no doubles */
	VEC(struct archive_manifest) manifests; /* sorted by weak, then key */
	VEC(struct archive_blob) blobs;         /* of all outputs, sorted, no doubles */
};

enum {
	ARCHIVE_INDEX_MAX = 256 << 20, /* bytes of text */
	ARCHIVE_NAME_MAX = 255,        /* of an output's name */
};
/* Bytes of one blob: more than any firmware, and less than what fills a disk by accident. */
static const uint64_t ARCHIVE_BLOB_MAX = UINT64_C(4) << 30;

void archive_index_write(const struct archive_index *x, struct strbuf *out);

/* Anything that archive_index_write would not write is refused. Fills a zeroed index; free it also after a failure. */
bool archive_index_parse(const char *text, size_t len, struct archive_index *out, struct err *e);
void archive_index_free(struct archive_index *x);

/* Fills blobs from the actions. False with an error: two outputs give one blob two sizes. */
bool archive_index_blobs(struct archive_index *x, struct err *e);

/* NULL: no output has it. */
struct archive_blob *archive_index_blob(const struct archive_index *x, const struct digest *d);

#endif
