/* SPDX-License-Identifier: MIT
 *
 * Which firmware of the library a board gets.
 */
#ifndef LIBRARY_SELECT_H
#define LIBRARY_SELECT_H

#include "library/database.h"
#include "library/version.h"

struct library_wish {
	const char *board_id;               /* BOARD or BOARD-VARIANT; with `custom` a custom_id */
	const char *port;                   /* NULL or "": any */
	const struct version_want *version; /* VERSION_ASK: any */
	/* Extensions without '.' that can be used ("uf2"); NULL: those of the port, as the Python tool has them. */
	const struct strv *formats;
	bool custom; /* only firmware that a user added under this custom_id */
};

/*
 * Rows that fit, the best one first: of the newest version (stable, preview) that has a file on the disk, then by: file is there,
 * extension fits, source is mpbuild, custom, build, added last. When there is none under the board's name, its older and
 * newer names are tried. Items in the arena; none: no such firmware, which is no error.
 */
bool library_select(struct database *db, const struct library_wish *wish, struct arena *a,
		    struct firmware_rows *out, struct err *e);

/*
 * Released firmware whose file is on the disk, of a board and its variants (of one that is named BOARD-VARIANT: of that alone):
 * of each the newest of the version, in all formats that its port can use. Appended (vec_free); strings in the arena.
 */
bool library_releases(struct database *db, const char *board_id, const struct version_want *version,
		      struct arena *a, struct firmware_rows *out, struct err *e);

/* Whether a port can use a file of this extension, without '.'; unknown ports can use any. */
bool library_port_takes(const char *port, const char *ext);

/* Whether the row's file is on the disk. */
bool library_has_file(const struct database *db, const struct firmware_row *row);

#endif
