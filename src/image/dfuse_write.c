/* SPDX-License-Identifier: MIT
 *
 * DfuSe out: a target for each image, whose elements begin and end where chips program whole units.
 */
#include "image/dfu.h"

#include <inttypes.h>
#include <string.h>

#include "image/le.h"

enum { DEFAULT_ALIGN = 8 };

const char dfuse_default_name[] = "ST...";

/*
 * The aligned range that holds segment *i and the ones that share its last unit: chips program whole units (8 bytes on
 * STM32L4). *i goes to the last segment taken. For an aligned start this is dfu.py's zero padding.
 */
static uint64_t element_end(const struct image *img, size_t *i, uint32_t align)
{
	for (;; (*i)++) {
		const struct image_segment *s = &img->segments[*i];
		uint64_t end =
			((uint64_t)s->address + s->size + align - 1) & ~(uint64_t)(align - 1);

		if (*i + 1 == img->count || s[1].address >= end)
			return end;
	}
}

/* Appends the elements and returns how many. */
static uint32_t put_elements(const struct image *img, struct strbuf *out, uint32_t align)
{
	uint32_t count = 0;

	for (size_t i = 0; i < img->count; i++, count++) {
		uint32_t address = img->segments[i].address & ~(align - 1);
		size_t size = (size_t)(element_end(img, &i, align) - address);
		uint8_t *p;

		strbuf_reserve(out, DFUSE_ELEMENT_SIZE + size);
		p = (uint8_t *)out->buf + out->len;
		put_le32(p, address);
		put_le32(p + 4, (uint32_t)size);
		image_read(img, address, p + DFUSE_ELEMENT_SIZE, size, 0);
		out->len += DFUSE_ELEMENT_SIZE + size;
	}
	return count;
}

static uint8_t alt_of(const struct image *img)
{
	return img->has_alt ? img->alt : 0; /* 0: internal flash on every STM32 */
}

/* The name that a DfuSe file gave it; the device text of a UF2 file is no target's name. */
static const char *name_of(const struct image *img, const struct image_options *opt)
{
	if (opt->dfu_name)
		return opt->dfu_name;
	return img->has_alt && img->board[0] ? img->board : dfuse_default_name;
}

static bool put_target(const struct image *img, uint8_t alt, struct strbuf *out,
		       const struct image_options *opt, struct err *e)
{
	const char *name = name_of(img, opt);
	uint32_t align = opt->dfu_align ? opt->dfu_align : DEFAULT_ALIGN, elements;
	size_t start = out->len;
	uint8_t *target;

	if (align & (align - 1))
		return err_set(e, "the DFU alignment is a power of two, not %" PRIu32, align);
	if (strlen(name) >= DFUSE_TARGET_NAME_SIZE)
		return err_set(e, "a DFU target's name has at most %d bytes",
			       DFUSE_TARGET_NAME_SIZE - 1);
	strbuf_reserve(out, DFUSE_TARGET_SIZE + DFU_SUFFIX_SIZE + (size_t)image_size(img) +
				    2 * ((size_t)DEFAULT_ALIGN + DFUSE_ELEMENT_SIZE) * img->count);
	out->len += DFUSE_TARGET_SIZE;
	elements = put_elements(img, out, align);
	target = (uint8_t *)out->buf + start;
	memset(target, 0, DFUSE_TARGET_SIZE);
	memcpy(target, "Target", sizeof("Target"));
	target[6] = alt;
	put_le32(target + 7, 1); /* it is named */
	memcpy(target + 11, name, strlen(name) + 1);
	put_le32(target + 266, (uint32_t)(out->len - start - DFUSE_TARGET_SIZE));
	put_le32(target + 270, elements);
	return true;
}

static bool finish(const struct image *img, size_t start, uint8_t targets, struct strbuf *out,
		   const struct image_options *opt, struct err *e)
{
	const struct dfu_suffix suffix = { DFU_VERSION_DFUSE, 0x0483, 0xdf11, 0 };
	uint8_t *p = (uint8_t *)out->buf + start;

	if (out->len - start > UINT32_MAX - DFU_SUFFIX_SIZE)
		return err_set(e, "the image needs more than the 4 GiB that a DFU file can have");
	memcpy(p, (const char[]){ 'D', 'f', 'u', 'S', 'e', 1 }, 6);
	put_le32(p + 6, (uint32_t)(out->len - start));
	p[10] = targets;
	dfu_suffix_put(out, start, suffix, img, opt);
	return true;
}

static void start_file(struct strbuf *out)
{
	strbuf_reserve(out, DFUSE_PREFIX_SIZE);
	out->len += DFUSE_PREFIX_SIZE;
}

bool dfuse_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
		 struct err *e)
{
	size_t start = out->len;
	uint8_t alt = opt->has_alt ? opt->alt : alt_of(img);

	start_file(out);
	return put_target(img, alt, out, opt, e) && finish(img, start, 1, out, opt, e);
}

/* The ids are one per file: those of the first image, unless the options say others. */
bool dfuse_write_several(const struct image *const *images, size_t count, struct strbuf *out,
			 const struct image_options *opt, struct err *e)
{
	bool taken[256] = { 0 };
	size_t start = out->len;

	start_file(out);
	for (size_t i = 0; i < count; i++) {
		uint8_t alt = alt_of(images[i]);

		if (i == DFUSE_MAX_TARGETS)
			return err_set(e, "a DFU file holds at most %d targets", DFUSE_MAX_TARGETS);
		if (taken[alt]) {
			err_set(e, "two images are for alternate setting %u", alt);
			return err_hint(e, "give each an alternate setting of its own");
		}
		taken[alt] = true;
		if (!put_target(images[i], alt, out, opt, e))
			return false;
	}
	return finish(images[0], start, (uint8_t)count, out, opt, e);
}
