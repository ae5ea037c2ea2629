/* SPDX-License-Identifier: MIT
 *
 * A folder for fuzz targets of what reads files. It goes when the process ends.
 */
#ifndef TESTS_FUZZ_FOLDER_H
#define TESTS_FUZZ_FOLDER_H

#include <stddef.h>

/* The folder of this process, made when first asked for: in memory where the system has such a place. */
const char *fuzz_folder(void);

/* Writes a file in it, as a whole. */
void fuzz_write(const char *name, const void *data, size_t size);

#endif
