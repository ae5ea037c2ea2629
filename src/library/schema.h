/* SPDX-License-Identifier: MIT
 *
 * Opening mpflash.db: which of its forms a file has, and making what is missing. Only database.c and its parts include this.
 */
#ifndef LIBRARY_SCHEMA_H
#define LIBRARY_SCHEMA_H

#include "cache/db.h"

/* The newest schema_version that the Python tool knows, and so do we. */
enum { SCHEMA_VERSION = 1 };

struct schema {
	bool metadata, boards, firmwares, digests; /* tables that are there */
	bool custom_id;                            /* firmwares has that column */
};

/* Finds out; refuses a newer version and another program's file. */
bool schema_read(struct db *db, struct schema *s, struct err *e);

/* Makes what is missing (but for the digests), in the words that the Python tool's library has for it. */
bool schema_make(struct db *db, struct schema *s, struct err *e);

bool schema_make_digests(struct db *db, struct schema *s, struct err *e);

#endif
