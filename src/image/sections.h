/* SPDX-License-Identifier: MIT
 *
 * The sections and symbols of an ELF executable: what of a program takes how much room, by name. Files may be hostile: names
 * are slices of the file, not terminated, with any bytes in them.
 */
#ifndef IMAGE_SECTIONS_H
#define IMAGE_SECTIONS_H

#include "base/arena.h"
#include "image/image.h"

enum { NAME_SLICE_MAX = 255 }; /* longer names are cut */

struct name_slice {
	const char *text; /* of the file, which must outlive it */
	size_t len;       /* up to NAME_SLICE_MAX */
};
int name_slice_compare(const struct name_slice *a, const struct name_slice *b);

enum section_kind {
	SECTION_TEXT,   /* can be executed */
	SECTION_RODATA, /* can not be written */
	SECTION_DATA,   /* has bytes in the file and can be written */
	SECTION_BSS,    /* has no bytes in the file */
	SECTION_BYTES,  /* a segment of a file that has no sections */
};
const char *section_kind_name(enum section_kind kind); /* "text" */

struct section {
	struct name_slice name;
	uint32_t address; /* where it is when the program runs */
	uint32_t load;    /* where its bytes are put (LMA, as objdump -h prints it) */
	uint32_t size;    /* not 0; address + size <= 2^32 */
	enum section_kind kind;
	bool stored; /* it has bytes in the file */
};

/* In the file's order: what takes room in the chip (SHF_ALLOC). */
struct sections {
	struct section *items;
	size_t count, cap;
	struct arena arena; /* names of segments */
};
#define AUTO_SECTIONS __attribute__((cleanup(sections_free))) struct sections

struct symbol {
	struct name_slice name;
	uint32_t address, size; /* size is not 0 */
};
struct symbols {
	struct symbol *items;
	size_t count, cap;
};
#define AUTO_SYMBOLS __attribute__((cleanup(symbols_free))) struct symbols

/*
 * Of an ELF executable's bytes, which must outlive them. Tables that lie outside of the file are errors that name the offset; a
 * file without a table of sections, or of symbols, has none.
 */
bool sections_read(struct sections *out, const uint8_t *data, size_t size, struct err *e);
bool symbols_read(struct symbols *out, const uint8_t *data, size_t size, struct err *e);

/* One for each segment of an image, named by its address: for formats that have no sections. */
void sections_of_image(struct sections *out, const struct image *img);

void sections_free(struct sections *s); /* all zero afterwards */
void symbols_free(struct symbols *s);

#endif
