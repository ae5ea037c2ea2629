/* SPDX-License-Identifier: MIT
 *
 * The blocks of a UF2 file: what its readers (flash image, container of files, safeguards) and its writer share.
 * Source: the UF2 specification (microsoft/uf2), and what the boot ROMs and Adafruit's boot loaders make of it.
 */
#ifndef IMAGE_UF2_H
#define IMAGE_UF2_H

#include "image/image.h"

struct findings; /* image/finding.h */

enum { UF2_BLOCK = 512, UF2_DATA_AT = 32, UF2_DATA_SIZE = 476, UF2_MD5_SIZE = 24 };
enum { UF2_MAX_FAMILIES = 16 };

#define UF2_MAGIC_0 UINT32_C(0x0A324655)
#define UF2_MAGIC_1 UINT32_C(0x9E5D5157)
#define UF2_MAGIC_END UINT32_C(0x0AB16F30)

enum uf2_flags {
	UF2_NOT_MAIN_FLASH = 0x1,
	UF2_FILE_CONTAINER = 0x1000,
	UF2_FAMILY = 0x2000,
	UF2_MD5 = 0x4000,
	UF2_TAGS = 0x8000,
};

enum uf2_tag_type {
	UF2_TAG_VERSION = 0x9fc7bc,
	UF2_TAG_DEVICE = 0x650d9d,
	UF2_TAG_PAGE_SIZE = 0x0be9f7,
	UF2_TAG_SHA2 = 0xb46db0,
	UF2_TAG_DEVICE_TYPE = 0xc8a729,
	UF2_TAG_RP2_IGNORE = 0x9957e3, /* picotool: in the block for erratum RP2350-E10 */
};

struct uf2_block {
	uint32_t flags, address, size, number, total;
	uint32_t family; /* 0: none */
	size_t offset;   /* in the file, of the block */
	bool rider;      /* is counted, but belongs to no family's flash image */
	bool repeated;   /* uf2_blocks_sort: the same as another one */
};

struct uf2_file {
	const uint8_t *data;
	uint32_t families
		[UF2_MAX_FAMILIES]; /* that have blocks for the main flash, in their order */
	size_t family_count;
	size_t container_blocks; /* of files */
	size_t e10_count;        /* blocks for erratum RP2350-E10; they are not in `blocks` */
	struct {
		struct uf2_block *items;
		size_t count, cap;
	} blocks;
};

/* Checks each block for itself. Errors name the block's offset. Free in any case. */
bool uf2_parse(struct uf2_file *f, const uint8_t *data, size_t size, struct err *e);
void uf2_free(struct uf2_file *f);

const uint8_t *uf2_payload(const struct uf2_file *f, const struct uf2_block *b);

/* Sorts the blocks by number and marks those that are there again. */
void uf2_blocks_sort(const struct uf2_file *f, struct uf2_block *blocks, size_t count);

/*
 * Checks that none of the sorted blocks is missing. Numbers start again where files were joined (esptool, concatenation),
 * so that of one total every number must occur as often as any other. Blocks with a total that only riders have are
 * not checked.
 */
bool uf2_blocks_complete(const struct uf2_block *blocks, size_t count, struct err *e);

/*
 * Keeps the blocks of the family that the options choose in f->blocks (and the riders), checks that they are complete and
 * makes the image of them, with its hints.
 */
bool uf2_collect(struct uf2_file *f, struct image *img, const struct image_options *opt,
		 struct err *e);

/* The extension tags of a block; uf2_parse has checked them. */
struct uf2_tag {
	uint32_t type;
	const uint8_t *data; /* inside the file */
	size_t size;
};
struct uf2_tags {
	const uint8_t *block;
	size_t at, end; /* in the block */
};
struct uf2_tags uf2_tags(const struct uf2_file *f, const struct uf2_block *b);
bool uf2_tags_next(struct uf2_tags *it, struct uf2_tag *tag);

/* A family's name, "0x..." without one, "none" for 0. */
void uf2_family_text(char *out, size_t room, uint32_t family);

bool uf2_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
	       struct err *e);
bool uf2_write_several(const struct image *const *images, size_t count, struct strbuf *out,
		       const struct image_options *opt, struct err *e);
void uf2_inspect(const uint8_t *data, size_t size, const struct image_options *opt,
		 struct findings *out);

#endif
