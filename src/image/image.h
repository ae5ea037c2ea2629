/* SPDX-License-Identifier: MIT
 *
 * The image model: what a firmware file says must be in a chip's memory, whatever the file's format.
 *
 * An image is a list of segments, sorted by address and disjoint; segments that touch are merged. Segment
 * bytes either point into the input buffer (which must outlive the image) or into the image's own arena.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/strbuf.h"
#include "os/fs.h"

/* An image of so many bytes, or a file that spans so many, is refused: no chip has that much flash. */
enum { IMAGE_MAX_SIZE = 1 << 30 };

/*
 * A .bin is filled with so many bytes at most. The largest hole that is in use lies between the flash of an nRF chip (0) and
 * its configuration words (0x10001000).
 */
enum { IMAGE_MAX_FILL = 256 << 20 };

struct image_segment {
	uint32_t address;
	uint32_t size; /* never 0; address + size <= 2^32 */
	const uint8_t *data;
	uint32_t room; /* image.c's own: bytes of the arena behind data that it may grow into */
};

struct image {
	struct image_segment *segments;
	size_t count, cap;
	/* Hints: what the file says besides the bytes. They are not in the digest. */
	bool has_entry;
	uint32_t entry; /* address of the first instruction, where the format carries one */
	uint16_t
		machine; /* ELF's e_machine: EM_ARM (40), EM_RISCV (243), EM_XTENSA (94); 0: not said */
	uint32_t uf2_family; /* 0: none */
	const char *
		chip; /* its name in chips[] (image/chip.h), where the file says it; NULL: not said */
	bool has_alt;
	uint8_t alt;               /* DfuSe: number of the USB alternate setting */
	uint16_t usb_vid, usb_pid; /* of a DFU suffix; 0xffff: any; 0: none */
	uint16_t usb_version;      /* of a DFU suffix: bcdDevice; 0xffff: any */
	char board
		[128]; /* the device as the file names it (UF2 device tag, DfuSe target name); or "" */
	char version[64];     /* of the Python in it, as found by image_find_version; or "" */
	const char *python;   /* which: "MicroPython", "CircuitPython"; NULL: version is "" */
	char uf2_version[64]; /* of a UF2 version tag, kept when UF2 is written again; or "" */
	/* the ELF file that it is, for as long as its segments live; NULL: none */
	const uint8_t *elf;
	size_t elf_size;
	bool base_guessed; /* the addresses come from image_guess_base */
	uint64_t bytes;    /* sum of the segments' sizes */
	struct arena arena;
};

#define IMAGE_INIT \
	{          \
		0  \
	}
#define AUTO_IMAGE __attribute__((cleanup(image_free))) struct image

/*
 * Adds bytes at an address; segments may come in any order. Overlap with a segment that is there is an
 * error which names both ranges. `copy`: keep a copy in the arena, else only the pointer.
 * size 0 does nothing. Running past 2^32 is an error, and so are IMAGE_MAX_SIZE bytes in all. On an error
 * the image is as it was. Ascending addresses cost linear time; readers of unordered files collect
 * parts first (image/part.h).
 */
bool image_add(struct image *img, uint32_t address, const void *data, size_t size, bool copy,
	       struct err *e);
void image_free(struct image *img); /* back to IMAGE_INIT */

uint64_t image_size(const struct image *img);  /* bytes in all segments */
uint32_t image_start(const struct image *img); /* lowest address; 0 when empty */
uint64_t image_end(const struct image *img);   /* one past the highest byte; 0 when empty */

/*
 * The image digest: XXH3-128 over every 256-byte page that the image touches, in order of address, each as
 * its u32 little-endian address and its 256 bytes, absent bytes as 0x00. Formats pad differently
 * (dfu.py to 8 bytes, UF2 to 256, objcopy fills holes it bridges): this makes them equal. Trailing pages that
 * only hold padding zeros are a difference all the same: such a page is touched.
 */
struct digest image_digest(const struct image *img);

/* How many bytes differ, absent ones counting as 0x00; *first: the lowest address of one, 0 when none does. */
uint64_t image_compare(const struct image *a, const struct image *b, uint32_t *first);

/* Copies `size` bytes from `address` on, absent ones as `fill`. */
void image_read(const struct image *img, uint32_t address, void *out, size_t size, uint8_t fill);

/* Fills img->version and img->python from the first banner found in the bytes, if any. */
void image_find_version(
	struct image *img); /* "v1.29.0-preview.731.g1c3c201149"; CircuitPython's: "9.2.1" */

/*
 * Where a raw binary probably goes: an RP2 by its boot block, another chip by the banner of its MicroPython or by its
 * vector table. False: nothing speaks for an address.
 */
bool image_guess_base(const uint8_t *data, size_t size, uint32_t *base);

/* What reading and writing may need that a file does not say. All 0: the format's own defaults. */
struct image_options {
	const char *format; /* on reading: the format's name; NULL: found by image_format_detect */
	bool has_base;
	uint32_t base; /* BIN and plain DFU on reading: address of the first byte */
	/* BIN and plain DFU on reading without a base: image_guess_base says it, where it can. For showing, not for writing. */
	bool guess_base;
	bool has_fill;
	/* BIN on writing: byte for holes, IMAGE_MAX_FILL of them; without it a hole is an error */
	uint8_t fill;
	/*
	 * UF2 on writing: the family; 0: the image's own, else the one that an RP2's boot block proves, else that of
	 * `chip`, else no family flag. On reading a file that holds several: the one to take; 0: an error that lists them. A
	 * file of one family is read whatever is asked for here.
	 */
	uint32_t uf2_family;
	bool uf2_no_family; /* UF2: the blocks that state no family (reading); state none (writing) */
	bool uf2_e10;       /* UF2 on writing: begin with the block for erratum RP2350-E10 */
	/* DFU on writing; vid 0: the image's own, else 0483:df11 in DfuSe and any (ffff) in plain DFU */
	uint16_t usb_vid, usb_pid;
	bool has_usb_version;
	uint16_t usb_version; /* DFU on writing: bcdDevice instead of the image's own */
	/* DfuSe target name on writing, up to 254 bytes; NULL: that of the file it comes from, else "ST..." */
	const char *dfu_name;
	uint32_t dfu_align; /* DFU: elements start and end at a multiple; a power of two; 0: 8 */
	bool has_alt; /* DfuSe: the alternate setting to take on reading, to state on writing */
	uint8_t alt;
	bool has_entry; /* HEX, SREC, ELF, ESP (from an ELF) on writing: the entry address instead of the image's own */
	uint32_t entry;
	const char *
		chip; /* name of a chip (image/chip.h), for formats that state one; NULL: the image's own */
	/*
	 * ESP on writing: how the flash chip is read, as esptool calls it ("dio", "4MB", "80m"), in the boot image or in
	 * what is made of an ELF; NULL: as it is.
	 */
	const char *flash_mode, *flash_size, *flash_freq;
	const char *
		member; /* the file to take from an archive or a UF2 container; NULL: the only firmware */
};

/*
 * One of several firmwares in one file: a UF2 family, a DfuSe alternate setting, a generation of micro:bit in a universal
 * hex. `name` is what --family or --alt takes for it.
 */
struct image_choice {
	uint32_t id;
	char name[32];
};
struct image_choices {
	struct image_choice *items;
	size_t count, cap;
};
void image_choices_free(struct image_choices *c);
#define AUTO_CHOICES __attribute__((cleanup(image_choices_free))) struct image_choices

struct findings; /* image/finding.h */

/*
 * Sets one option from text, for command lines and rule files. Names: base, fill, family (name, number or "none"),
 * uf2.e10 (yes or no), dfu.id (VID:PID or VID:PID:VERSION in hex), dfu.name (kept as a pointer), dfu.align, alt, entry,
 * chip, flash.mode, flash.size, flash.freq (kept as pointers). False for a name or a value that is wrong.
 */
bool image_option_set(struct image_options *opt, const char *name, const char *value,
		      struct err *e);

/* A whole decimal or 0x... number of up to 32 bits; nothing else around it. */
bool image_parse_u32(const char *text, uint32_t *value);

/* A file format. One file each in src/image, listed in image_formats[] (image/format.c), sorted by name. */
struct image_format {
	const char *name;  /* "elf", and its file name extension without the dot */
	const char *title; /* "ELF32 executable", for people */
	/* True when the bytes look like this format. NULL: never found by content (BIN). */
	bool (*probe)(const uint8_t *data, size_t size);
	/* Reads into an empty image. Data may be hostile. NULL: cannot be read. */
	bool (*read)(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e);
	/* Appends the file's bytes. NULL: cannot be written. */
	bool (*write)(const struct image *img, struct strbuf *out, const struct image_options *opt,
		      struct err *e);

	/*
	 * The firmwares in a file, in its order, when it can hold several: `read` takes the one that the options choose
	 * (select), and of more than one without a choice is an error that lists them. NULL: never more than one.
	 */
	bool (*choices)(struct image_choices *out, const uint8_t *data, size_t size, struct err *e);
	void (*select)(struct image_options *opt, uint32_t id); /* makes `read` take that choice */
	/*
	 * Appends one file that holds several images, each told from the others by its hint (family, alt setting). NULL:
	 * the format holds one.
	 */
	bool (*write_several)(const struct image *const *images, size_t count, struct strbuf *out,
			      const struct image_options *opt, struct err *e);
	/*
	 * Tells what this file's own safeguards say (checksums that are right, blocks of an erratum, ...), of a file that
	 * `read` takes; what makes a file unreadable is an error of `read`, not a finding. NULL: none.
	 */
	void (*inspect)(const uint8_t *data, size_t size, const struct image_options *opt,
			struct findings *out);
};

extern const struct image_format *const image_formats[]; /* ends with NULL */
const struct image_format *image_format_by_name(const char *name);

/* By content first, then by extension of `path` (case-insensitive; NULL allowed); NULL: unknown. */
const struct image_format *image_format_detect(const uint8_t *data, size_t size, const char *path);

/* "bin, dfu, hex" for messages: the names of the formats that can be read or written. */
void image_format_names(struct strbuf *out, bool writable);

/* Appends the file's bytes; an empty image and a format that cannot be written are errors. */
bool image_write(const struct image *img, const struct image_format *format,
		 const struct image_options *opt, struct strbuf *out, struct err *e);

/*
 * A .bin cannot keep a hole: instead, one file for each segment, as the stm32 port names them. Appends the name of the file
 * for segment `i` (its bytes as they are): "dir/x.bin" gives dir/x0.bin, dir/x1.bin, ...; "dir/x" gives dir/x0.
 */
void image_split_name(const char *path, size_t i, struct strbuf *out);

/*
 * Reads a file of any known format; the file stays mapped inside *file until image_file_close, which takes
 * one that failed to open too. Path "-" reads standard input. Of an archive (image/archive.h) the only member that is
 * firmware is read, or opt->member. An error names the path, the member, and the format when one was
 * recognised. `opt` may be NULL. For a file that may hold several: image/files.h.
 */
struct image_file {
	struct image image;
	const struct image_format *format;
	struct image_options
		options;     /* it was read with these: what was asked for, and the choice */
	struct fs_map map;   /* the file's bytes, of an archive the member's */
	struct strbuf input; /* where they are when they came from standard input or an archive */
	char *member;        /* its name in the archive, fit to be printed; NULL: no archive */
	const struct image_choice
		*choice; /* image_files_next: which of several; NULL: the only one */
};
bool image_file_open(struct image_file *f, const char *path, const struct image_options *opt,
		     struct err *e);
void image_file_close(struct image_file *f);

#endif
