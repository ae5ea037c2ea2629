/* SPDX-License-Identifier: MIT
 *
 * Shared libraries that are loaded when they are first needed: most runs do without, and loading a library with all that
 * it drags in costs more than such a run.
 */
#ifndef OS_LIBRARY_H
#define OS_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

struct library_function {
	const char *name;
	size_t offset; /* of its pointer in the table that library_load fills */
};

/*
 * Opens `file` ("libgit2.so.1.5") where the system has its libraries, else in `dir`, and fills the table. False when the
 * library is not there or lacks a function. It stays loaded.
 */
bool library_load(const char *file, const char *dir, const struct library_function *functions,
		  size_t count, void *table);

#endif
