/* SPDX-License-Identifier: MIT
 *
 * Comma-separated values (RFC 4180): fields in double quotes may hold commas, line ends and doubled quotes.
 */
#ifndef LIBRARY_CSV_H
#define LIBRARY_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

struct csv {
	const char *text, *end; /* what is not read yet; not owned */
	size_t line;            /* of the record that was read last, from 1 */
	size_t lines;           /* read so far */
};

void csv_init(struct csv *c, const char *text, size_t size);

/*
 * The next record's fields into `fields` (emptied first; the caller's vec_free), strings in the arena; empty lines are passed
 * over. True with no fields at the end. False: a quote that is not closed, or a NUL byte.
 */
bool csv_next(struct csv *c, struct arena *a, struct strv *fields, struct err *e);

#endif
