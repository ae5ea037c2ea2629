/* SPDX-License-Identifier: MIT
 *
 * UF2 as a container of files (flag 0x1000 of the UF2 specification): for boot loaders whose drive holds a file
 * system.
 */
#ifndef IMAGE_UF2_CONTAINER_H
#define IMAGE_UF2_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

struct uf2_container_file {
	char *name;          /* relative, with '/', UTF-8, nothing that climbs or cannot be shown */
	uint32_t size;       /* of the file; all sizes together are at most that of the container */
	size_t first, count; /* its chunks, sorted and without a gap */
};

struct uf2_container_chunk; /* uf2_container.c's own */

struct uf2_container {
	struct uf2_container_file *items; /* sorted by name */
	size_t count, cap;
	struct {
		struct uf2_container_chunk *items;
		size_t count, cap;
	} chunks;
};

/* True for a UF2 file whose first block belongs to a file. There may be blocks of a flash image behind it. */
bool uf2_container_probe(const uint8_t *data, size_t size);

/*
 * Lists the files and checks all of them: each byte is there once, no name leads out of a folder. The data is UF2 and
 * outlives the list. Errors name the offset, or the file and what is missing of it. Free in any case.
 */
bool uf2_container_open(struct uf2_container *c, const uint8_t *data, size_t size, struct err *e);
void uf2_container_free(struct uf2_container *c);

/* Appends the bytes of file `i`. */
void uf2_container_read(const struct uf2_container *c, size_t i, struct strbuf *out);

#endif
