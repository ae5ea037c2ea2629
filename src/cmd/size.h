/* SPDX-License-Identifier: MIT
 *
 * What `mpflash size` has found out, and its two ways to say it.
 */
#ifndef CMD_SIZE_H
#define CMD_SIZE_H

#include "image/usage.h"
#include "os/fs.h"

struct size_side {
	const char *path;
	struct image_file file;
	bool is_elf;
	struct sections sections;
	struct symbols symbols;
	struct usage_regions regions;
	struct fs_map map;      /* the linker's map; data NULL: none */
	char *map_path;         /* NULL: none */
	const char *regions_of; /* what the regions' sizes are from; NULL: they have none */
};

/* What changed between two sides; of symbols the `symbols` that changed most. */
struct size_changes {
	struct usage_changes sections, regions, symbols, totals;
};
void size_compare(struct size_changes *c, const struct size_side *a, const struct size_side *b,
		  size_t symbols);
void size_changes_free(struct size_changes *c);

/* Puts the largest symbols first, `symbols` of them at most; returns how many there are. */
size_t size_top_symbols(struct size_side *s, size_t symbols);

/* A name without what a terminal would act on, which is '?'; returns text. */
enum { SIZE_NAME = NAME_SLICE_MAX + 1 };
const char *size_name(const struct name_slice *name, char text[static SIZE_NAME]);

/* symbols: how many to show; 0: none */
void size_print_text(struct size_side *s, size_t symbols);
void size_print_json(struct size_side *s, size_t symbols);
void size_print_changes(struct size_side *a, struct size_side *b, size_t symbols);
void size_print_changes_json(struct size_side *a, struct size_side *b, size_t symbols);

#endif
