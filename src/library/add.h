/* SPDX-License-Identifier: MIT
 *
 * Firmware into the library: files, whole folders, archives, downloads; and what was built here.
 */
#ifndef LIBRARY_ADD_H
#define LIBRARY_ADD_H

#include "library/database.h"

struct add_options {
	const char *description;               /* NULL: none */
	const char *board_id, *port, *version; /* what the user knows better; NULL: nothing */
	bool force; /* a file of that name with other bytes is replaced */
};

struct added {
	struct firmware_row row;
	const char *from; /* where it was: a path, "ARCHIVE: MEMBER", a URL */
	char sha256[SHA256_HEX_SIZE];
	bool was_there; /* with the same bytes: only the row is new, if that */
};
struct added_list {
	struct added *items; /* free(); what is in them is in the arena */
	size_t count, cap;
};

/* One that could not be added, told while the others go on; `e` is the callback's to read. */
typedef void add_failed_fn(void *ctx, const struct err *e);

/*
 * Adds a file, all firmware in a folder (of a build folder the port's firmware.*, of others what is named as firmware, below it
 * too) or in an archive. The bytes are copied under the library's names (PORT/BOARD-VERSION[.BUILD].EXT, of firmware that was
 * not released BOARD@BRANCH), rows and digests recorded, one transaction each. `source`: what to record as the source instead of
 * the path (a URL that was fetched); NULL: file://... False: nothing could be read there. Single files that fail go to `failed`.
 */
bool library_add(struct database *db, const char *path, const char *source,
		 const struct add_options *opt, struct arena *a, struct added_list *out,
		 add_failed_fn *failed, void *ctx, struct err *e);

/*
 * Records a file that is at its place below the firmware folder already (a download), with its digest. `sha256` NULL: it is
 * computed.
 */
bool library_record(struct database *db, const struct firmware_row *row, const char *sha256,
		    struct err *e);

/*
 * Puts what was built here into the library, as the Python tool's `flash --build` does, so that both prefer it: copies
 * below builds/, source "mpbuild", and a row of the board. `version`: "v1.29.0-preview".
 */
struct built {
	const char *board_id, *port, *version;
	const struct strv *files; /* paths; the extension says the format */
};
bool library_import_built(struct database *db, const struct built *b, struct arena *a,
			  struct added_list *out, struct err *e);

/*
 * Imports a firmware.jsonl of an old Python tool that lies in the folder, once: it is renamed to firmware.jsonl.bak (or
 * .jsonl.N.bak). *count: rows that were taken; 0 without the file. Lines that are damaged are an error, and then nothing is taken.
 */
bool library_import_jsonl(struct database *db, size_t *count, struct err *e);

#endif
