/* SPDX-License-Identifier: MIT
 *
 * What DfuSe and plain DFU files share: the suffix of USB DFU 1.1, appendix B, 16 bytes or more at the file's end.
 */
#ifndef IMAGE_DFU_H
#define IMAGE_DFU_H

#include "image/finding.h"
#include "image/image.h"

enum { DFU_SUFFIX_SIZE = 16, DFU_VERSION_PLAIN = 0x0100, DFU_VERSION_DFUSE = 0x011a };

/* DfuSe (ST UM0391), bytes: the file's prefix, a target's header with its name, an element's header. */
enum { DFUSE_PREFIX_SIZE = 11, DFUSE_TARGET_SIZE = 274, DFUSE_ELEMENT_SIZE = 8 };
enum { DFUSE_TARGET_NAME_SIZE = 255, DFUSE_MAX_TARGETS = 255 };

extern const char dfuse_default_name[]; /* of a target: dfu.py's, which says nothing */

struct dfu_suffix {
	uint16_t version;          /* bcdDFU: DFU_VERSION_... */
	uint16_t vid, pid, device; /* 0xffff: any; device: bcdDevice */
};

/* True when the bytes end with something that names itself a suffix; nothing else of it is checked. */
bool dfu_has_suffix(const uint8_t *data, size_t size);

/*
 * Checks the suffix and its checksum over the whole file, and takes the ids into the image's hints. *end: how many bytes
 * stand before it.
 */
bool dfu_suffix_read(struct image *img, const uint8_t *data, size_t size, struct dfu_suffix *suffix,
		     size_t *end, struct err *e);

/*
 * Appends a suffix behind the bytes of `out` from `start` on: the ids of the options, else those of the image, else
 * those in `suffix`.
 */
void dfu_suffix_put(struct strbuf *out, size_t start, struct dfu_suffix suffix,
		    const struct image *img, const struct image_options *opt);

/* The bytes up to `end` as an image at opt->base; without a base an error. */
bool dfu_read_plain(struct image *img, const uint8_t *data, size_t end,
		    const struct image_options *opt, struct err *e);

/* The finding "dfu-crc": that the checksum is right, which `read` has seen to. */
void dfu_inspect(const uint8_t *data, size_t size, const struct image_options *opt,
		 struct findings *out);

bool dfuse_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
		 struct err *e);
bool dfuse_write_several(const struct image *const *images, size_t count, struct strbuf *out,
			 const struct image_options *opt, struct err *e);

#endif
