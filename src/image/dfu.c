/* SPDX-License-Identifier: MIT
 *
 * DFU files. DfuSe (ST UM0391): a prefix, targets (one per USB alternate setting) of elements (address, size, bytes)
 * and the suffix of all DFU files. Plain DFU (USB DFU 1.1, appendix B): bytes without an address, and the
 * suffix.
 */
#include "image/format.h"

#include <inttypes.h>
#include <string.h>

#include "image/crc.h"
#include "image/le.h"
#include "image/part.h"

enum { PREFIX_SIZE = 11, TARGET_SIZE = 274, ELEMENT_SIZE = 8, SUFFIX_SIZE = 16 };
enum { TARGET_NAME_SIZE = 255, DFUSE_VERSION = 0x011a, DEFAULT_ALIGN = 8 };

struct dfu_reader {
	const uint8_t *data;
	size_t pos, end; /* end: where the suffix begins */
	size_t elements; /* read so far, over all targets */
	struct image_parts parts;
};

static bool has_prefix(const uint8_t *data, size_t size)
{
	return size >= 5 && memcmp(data, "DfuSe", 5) == 0;
}

static bool has_suffix(const uint8_t *data, size_t size)
{
	return size >= SUFFIX_SIZE && memcmp(data + size - 8, "UFD", 3) == 0 &&
	       data[size - 5] >= SUFFIX_SIZE && data[size - 5] <= size;
}

static bool dfu_probe(const uint8_t *data, size_t size)
{
	return has_prefix(data, size) || has_suffix(data, size);
}

/* Checks the suffix and takes its ids. Fields stand in reverse order, counted from the file's end. */
static bool read_suffix(struct image *img, const uint8_t *data, size_t size, struct err *e)
{
	uint32_t crc, found;

	if (!has_suffix(data, size)) {
		err_set(e, "the file does not end with a DFU suffix");
		return err_hint(e, "the file is cut off: build or download it again");
	}
	found = get_le32(data + size - 4);
	crc = dfu_crc(data, size - 4);
	if (found != crc) {
		err_set(e, "offset %zu: the checksum is 0x%08" PRIx32 " but should be 0x%08" PRIx32,
			size - 4, found, crc);
		return err_hint(e, "the file is damaged: build or download it again");
	}
	img->usb_pid = get_le16(data + size - 14);
	img->usb_vid = get_le16(data + size - 12);
	return true;
}

static bool need(const struct dfu_reader *r, size_t size, const char *what, struct err *e)
{
	if (size <= r->end - r->pos)
		return true;
	err_set(e, "offset %zu: the file ends inside %s", r->pos, what);
	return err_hint(e, "the file is damaged: build or download it again");
}

static bool read_element(struct dfu_reader *r, size_t target_end, struct err *e)
{
	const uint8_t *p = r->data + r->pos;
	uint32_t size;

	if (target_end - r->pos < ELEMENT_SIZE)
		return err_set(e, "offset %zu: the target is too short for its elements", r->pos);
	size = get_le32(p + 4);
	r->pos += ELEMENT_SIZE;
	if (size > target_end - r->pos)
		return err_set(
			e, "offset %zu: an element of %" PRIu32 " bytes is larger than its target",
			r->pos - ELEMENT_SIZE, size);
	r->pos += size;
	return image_parts_add(&r->parts, get_le32(p), p + ELEMENT_SIZE, size, ++r->elements, e);
}

static bool read_target(struct dfu_reader *r, struct err *e)
{
	const uint8_t *p = r->data + r->pos;
	uint32_t size, elements;
	size_t end;

	if (!need(r, TARGET_SIZE, "a target's header", e))
		return false;
	if (memcmp(p, "Target", 6) != 0)
		return err_set(e, "offset %zu: a target starts with \"Target\"", r->pos);
	size = get_le32(p + 266);
	elements = get_le32(p + 270);
	r->pos += TARGET_SIZE;
	if (!need(r, size, "a target", e))
		return false;
	end = r->pos + size;
	for (uint32_t i = 0; i < elements; i++)
		if (!read_element(r, end, e))
			return false;
	if (r->pos != end)
		return err_set(e, "offset %zu: %zu bytes are left after the target's elements",
			       r->pos, end - r->pos);
	return true;
}

static bool read_dfuse(struct dfu_reader *r, size_t file_size, struct err *e)
{
	uint32_t size;
	uint8_t targets;

	if (!need(r, PREFIX_SIZE, "the DfuSe prefix", e))
		return false;
	if (r->data[5] != 1)
		return err_set(e, "offset 5: DfuSe version %u is not known", r->data[5]);
	/* The size is without the suffix; some packers count it in. */
	size = get_le32(r->data + 6);
	if (size != r->end && size != file_size)
		return err_set(e,
			       "offset 6: the file should have %" PRIu32
			       " bytes before its suffix, not %zu",
			       size, r->end);
	targets = r->data[10];
	r->pos = PREFIX_SIZE;
	for (uint8_t i = 0; i < targets; i++)
		if (!read_target(r, e))
			return false;
	if (r->pos != r->end)
		return err_set(e, "offset %zu: %zu bytes are left after the last target", r->pos,
			       r->end - r->pos);
	return true;
}

static bool read_plain(struct image *img, const struct dfu_reader *r,
		       const struct image_options *opt, struct err *e)
{
	if (!opt->has_base) {
		err_set(e, "a plain DFU file does not say its address");
		return err_hint(e, "give it with --base, for example --base 0x08000000");
	}
	if (!r->end)
		return err_set(e, "there is nothing in it but the suffix");
	return image_add(img, opt->base, r->data, r->end, false, e);
}

static bool dfu_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	struct dfu_reader r = { .data = data, .parts = { .noun = "element" } };
	bool good;

	if (!read_suffix(img, data, size, e))
		return false;
	r.end = size - data[size - 5];
	if (!has_prefix(data, r.end)) {
		if (get_le16(data + size - 10) == DFUSE_VERSION)
			return err_set(e,
				       "offset 0: a DfuSe suffix, but no \"DfuSe\" at the start");
		return read_plain(img, &r, opt, e);
	}
	good = read_dfuse(&r, size, e) && image_parts_finish(&r.parts, img, e);
	image_parts_free(&r.parts);
	return good;
}

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

		strbuf_reserve(out, ELEMENT_SIZE + size);
		p = (uint8_t *)out->buf + out->len;
		put_le32(p, address);
		put_le32(p + 4, (uint32_t)size);
		image_read(img, address, p + ELEMENT_SIZE, size, 0);
		out->len += ELEMENT_SIZE + size;
	}
	return count;
}

static void put_header(uint8_t *p, const char *name, uint32_t file_size, uint32_t elements)
{
	uint8_t *target = p + PREFIX_SIZE;

	memset(p, 0, PREFIX_SIZE + TARGET_SIZE);
	memcpy(p, (const char[]){ 'D', 'f', 'u', 'S', 'e', 1 }, 6);
	put_le32(p + 6, file_size);
	p[10] = 1; /* targets */
	memcpy(target, "Target", 6);
	target[6] = 0;           /* alternate setting: internal flash on every STM32 */
	put_le32(target + 7, 1); /* it is named */
	memcpy(target + 11, name, strlen(name));
	put_le32(target + 266, file_size - PREFIX_SIZE - TARGET_SIZE);
	put_le32(target + 270, elements);
}

static void put_suffix(struct strbuf *out, size_t start, const struct image *img,
		       const struct image_options *opt)
{
	bool given = opt->usb_vid != 0, known = img->usb_vid != 0;
	uint8_t p[SUFFIX_SIZE];

	put_le16(p, opt->usb_version);
	put_le16(p + 2, given ? opt->usb_pid : known ? img->usb_pid : 0xdf11);
	put_le16(p + 4, given ? opt->usb_vid : known ? img->usb_vid : 0x0483);
	put_le16(p + 6, DFUSE_VERSION);
	memcpy(p + 8, (const char[]){ 'U', 'F', 'D' }, 3);
	p[11] = SUFFIX_SIZE;
	strbuf_add(out, p, SUFFIX_SIZE - 4);
	put_le32(p + 12, dfu_crc((uint8_t *)out->buf + start, out->len - start));
	strbuf_add(out, p + 12, 4);
}

static bool dfu_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
		      struct err *e)
{
	const char *name = opt->dfu_name ? opt->dfu_name : "ST...";
	uint32_t align = opt->dfu_align ? opt->dfu_align : DEFAULT_ALIGN, elements;
	size_t start = out->len;

	if (align & (align - 1))
		return err_set(e, "the DFU alignment is a power of two, not %" PRIu32, align);
	if (strlen(name) >= TARGET_NAME_SIZE)
		return err_set(e, "a DFU target's name has at most %d bytes", TARGET_NAME_SIZE - 1);
	strbuf_reserve(out, PREFIX_SIZE + TARGET_SIZE + SUFFIX_SIZE + (size_t)image_size(img) +
				    64 * img->count);
	out->len += PREFIX_SIZE + TARGET_SIZE;
	elements = put_elements(img, out, align);
	if (out->len - start > UINT32_MAX - SUFFIX_SIZE)
		return err_set(e, "the image needs more than the 4 GiB that a DFU file can have");
	put_header((uint8_t *)out->buf + start, name, (uint32_t)(out->len - start), elements);
	put_suffix(out, start, img, opt);
	return true;
}

const struct image_format dfu_format = {
	.name = "dfu",
	.title = "DFU",
	.probe = dfu_probe,
	.read = dfu_read,
	.write = dfu_write,
};
