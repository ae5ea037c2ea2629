/* SPDX-License-Identifier: MIT
 *
 * What the download pages of micropython.org say. There is no other index: BASE/download/?port=PORT lists the boards of a
 * port (<a class="board-card" href="BOARD">), BASE/download/BOARD the files of a board (<a href="/resources/firmware/
 * BOARD[-VARIANT]-YYYYMMDD-vX.Y.Z[-preview.N.gHASH].EXT">), the newest first.
 */
#ifndef LIBRARY_INDEX_H
#define LIBRARY_INDEX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "library/version.h"

/* The ports whose firmware micropython.org has; ends with NULL. */
extern const char *const index_ports[];

/* The boards of a port's page, appended, each once; strings in the arena. False: libxml2 cannot be loaded, or no HTML. */
bool index_read_boards(const char *html, size_t len, struct arena *a, struct strv *out,
		       struct err *e);

struct index_file {
	const char *path; /* "/resources/firmware/RPI_PICO-20250415-v1.25.0.uf2" */
	struct firmware_name name;
};
struct index_files {
	struct index_file *items; /* vec_free; the paths are in the arena */
	size_t count, cap;
};

/*
 * Whether it is a page of a download site at all: networks answer with pages of their own, to log in, and such a page must not
 * take the place of one that is kept. A check for pages_get.
 */
bool index_check_page(const char *html, size_t len, struct err *e);

/*
 * The files of a board's page, in its order, each once. Links to anything else are passed over. *port: what the page says of
 * the board's port, in the arena; NULL: nothing.
 */
bool index_read_files(const char *html, size_t len, struct arena *a, struct index_files *out,
		      const char **port, struct err *e);

/*
 * Which of a board's files are meant: of each (board id, preview, extension) one, of the newest release (`stable`,
 * `preview`) that the page has, or of the version that is asked for; the first on the page of several builds is not
 * always the newest, so numbers decide. Extensions that the port cannot use are left out. VERSION_ASK: nothing.
 */
void index_select(const struct index_files *files, const struct version_want *want,
		  const char *port, struct index_files *out);

/* The versions that the page has, the newest first, each once, as version_text has them. */
void index_versions(const struct index_files *files, struct arena *a, struct strv *out);

#endif
