/* SPDX-License-Identifier: MIT
 *
 * What a firmware file is: for which board and port, of which version. Told by its path, its name, its content and git.
 */
#ifndef LIBRARY_IDENTIFY_H
#define LIBRARY_IDENTIFY_H

#include "library/database.h"
#include "library/version.h"

struct identified {
	/* All in the arena. */
	const char *board_id; /* BOARD or BOARD-VARIANT */
	const char *port;     /* "": not to be told */
	const char *version;  /* "v1.26.0", "v1.29.0-preview", "unknown" */
	int build;
	const char *
		branch; /* of the tree it was built in, what stands behind its last '/'; NULL: none */
	const char *ext; /* with the dot: ".uf2" */
	bool released;   /* named as on micropython.org, and nothing in it says otherwise */
};

struct identify_from {
	const char *path;    /* absolute path, URL, or name in an archive */
	const uint8_t *data; /* the file's bytes */
	size_t size;
	bool on_disk; /* path is the file's own: git may be asked in its folder */
	/* What the user says; NULL: nothing. */
	const char *board_id, *port, *version;
};

/*
 * In order: what the user says; /ports/PORT/build-BOARD[-VARIANT]/ and build-mpflash/BOARD[-VARIANT][@REF]/ in the path; the name
 * (BOARD-DATE-vX.Y.Z.EXT); the port's folder or a port in the name; the chip, the version and the description in the image (by
 * the boards of the database); git describe; the name without its extension as board. False: it is no firmware, or it cannot be
 * told which board it is for (a file called "firmware" that says nothing).
 */
bool identify(struct database *db, const struct identify_from *from, struct arena *a,
	      struct identified *out, struct err *e);

#endif
