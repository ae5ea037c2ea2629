/* SPDX-License-Identifier: MIT
 *
 * Firmware from the download site into the library.
 */
#ifndef LIBRARY_DOWNLOAD_H
#define LIBRARY_DOWNLOAD_H

#include "library/find.h"

enum download_state {
	DOWNLOAD_FETCHED,
	DOWNLOAD_THERE, /* it was there, whole */
	DOWNLOAD_FAILED,
};

struct download {
	struct firmware_row row;
	const char *target; /* path of the file */
	enum download_state state;
	uint64_t size, resumed;
	char sha256[SHA256_HEX_SIZE];
	struct err
		error; /* DOWNLOAD_FAILED; without a message: interrupted before it was its turn */
	bool recorded; /* its row is written */
};
struct download_list {
	struct download *items; /* downloads_free */
	size_t count, cap;
};
void downloads_free(struct download_list *d);

struct download_options {
	bool keep_names; /* with date and hash, as the site has them */
	bool force;      /* fetch what is there too */
	bool offline;
	const struct http_options *net; /* its progress sees the files that are fetched */
	/* Called when one is over: as soon as it is there and recorded, or has failed. NULL: nobody asks. */
	void (*ended)(void *ctx, const struct download *d);
	void *ctx;
};

/*
 * Fetches what was found into FOLDER/PORT/NAME and records it; rows of files that are gone are dropped. Strings in `out` are in
 * the arena. Files that fail do not stop the others. False: interrupted (what was fetched until then is recorded), the
 * library cannot be written, or libcurl is not there.
 */
bool download_all(struct database *db, const struct found_list *found,
		  const struct download_options *opt, struct arena *a, struct download_list *out,
		  struct err *e);

#endif
