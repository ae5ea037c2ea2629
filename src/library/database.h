/* SPDX-License-Identifier: MIT
 *
 * mpflash.db: what the firmware folder holds, in the tables of the Python mpflash, which reads and writes the same file.
 *
 *	boards      each board and variant of each version: names, MCU, where it is in the tree, what it calls itself
 *	firmwares   each file: for which board, of which version, where it comes from
 *	metadata    schema_version, boards_version (ours), boards_hash (of the Python tool's board list)
 *	firmware_digests   ours, made when first needed: SHA-256 of files; the Python tool takes no notice of it
 *
 * Both forms of the file are taken as they are (older ones say BOOLEAN and VARCHAR, have a foreign key, and "\" in paths), the
 * journal mode too, since others have the file open. Nothing of anybody else's is changed, and reading changes no byte.
 */
#ifndef LIBRARY_DATABASE_H
#define LIBRARY_DATABASE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "base/vec.h"

/* A row of `firmwares`. NULL on writing stands for "". */
struct firmware_row {
	const char *board_id; /* BOARD or BOARD-VARIANT */
	const char *version;  /* "v1.26.0", "v1.29.0-preview": the build is not in it */
	/* Relative to the firmware folder, with '/', no "./" before it; or absolute. As read from any form. */
	const char *file;
	const char *port;
	const char *description;
	const char *source;    /* URL, or "mpbuild" for what was built here */
	const char *custom_id; /* BOARD[@BRANCH] of firmware that a user added; NULL: none */
	int64_t build;         /* commits since the version's tag; 0: none, or not known */
	bool custom;
};
struct firmware_rows {
	struct firmware_row *items;
	size_t count, cap;
};

/* A row of `boards`. NULL on writing stands for "" (family: "micropython"). */
struct board_row {
	const char *board_id, *version;
	const char *board_name; /* board_id without the variant */
	const char *mcu, *variant, *port;
	const char *path; /* "ports/rp2/boards/RPI_PICO"; "built" for what was built here */
	const char *
		description; /* "Raspberry Pi Pico with RP2040": what sys.implementation._machine says */
	const char *family;
	bool custom;
};
struct board_rows {
	struct board_row *items;
	size_t count, cap;
};

struct database;

enum database_mode {
	DATABASE_READ, /* nothing on the disk is made or changed; no file is as good as an empty one */
	DATABASE_WRITE, /* folder, file and tables are made when they are missing */
};

/*
 * Opens mpflash.db in the folder. NULL: an error that names the file. One that is damaged, of a newer version, or another
 * program's is left as it is.
 */
struct database *database_open(const char *folder, enum database_mode mode, struct err *e);
void database_close(struct database *db); /* takes NULL */
const char *database_folder(const struct database *db);

/* One transaction for several changes; may be nested. Rolling back is safe when none is open. */
bool database_begin(struct database *db, struct err *e);
bool database_commit(struct database *db, struct err *e);
void database_rollback(struct database *db);

/* The folder's path of a row's file, appended. */
void database_file_path(const struct database *db, const struct firmware_row *row,
			struct strbuf *out);

/*
 * Rows in the order in which they were added, appended; strings and items in the arena: no vec_free. board_id NULL: all.
 * `custom`: board_id is the one of custom_id, also without its "@BRANCH".
 */
bool database_firmwares(struct database *db, const char *board_id, bool custom, struct arena *a,
			struct firmware_rows *out, struct err *e);

/* Adds a row, or replaces the one of that board, version and file. */
bool database_put_firmware(struct database *db, const struct firmware_row *row, struct err *e);
bool database_drop_firmware(struct database *db, const struct firmware_row *row, struct err *e);

/*
 * Drops the rows whose files are gone (for certain: a folder that cannot be entered proves nothing, nor does a path with a
 * drive or a server of Windows), as the Python tool does after each download. Each is appended to `dropped` (NULL: nobody asks), in the arena.
 */
bool database_prune(struct database *db, struct arena *a, struct firmware_rows *dropped,
		    struct err *e);

/* Boards of one version (NULL: of all), by version as text, then board id. */
bool database_boards(struct database *db, const char *version, struct arena *a,
		     struct board_rows *out, struct err *e);
/* One board's, of all versions, by version as text. */
bool database_boards_of(struct database *db, const char *board_id, struct arena *a,
			struct board_rows *out, struct err *e);
bool database_put_board(struct database *db, const struct board_row *row, struct err *e);

/* In the arena; NULL: not there. */
bool database_get_metadata(struct database *db, const char *name, struct arena *a,
			   const char **value, struct err *e);
bool database_put_metadata(struct database *db, const char *name, const char *value, struct err *e);

/* --- digests -------------------------------------------------------------------------------------------------- */

enum { SHA256_HEX_SIZE = 65 };

/* Records what a file's bytes are, and its size and date by which a later change by others is seen. */
bool database_put_digest(struct database *db, const char *file, const char *sha256, struct err *e);

/* "", when none is recorded or the file was changed since. */
bool database_get_digest(struct database *db, const char *file, char sha256[static SHA256_HEX_SIZE],
			 struct err *e);

#endif
