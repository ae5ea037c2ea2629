/* SPDX-License-Identifier: MIT
 *
 * DfuSe files (ST UM0391): a prefix, targets (each for a USB alternate setting) of elements (address, size, bytes), and
 * the suffix of all DFU files. Alternate settings are memories of their own (internal flash, QSPI flash): their
 * addresses may be the same, so that one image is one alternate setting.
 */
#include "image/dfu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "image/format.h"
#include "image/le.h"
#include "image/part.h"

struct dfu_reader {
	const uint8_t *data;
	size_t pos, end; /* end: where the suffix begins */
	struct {
		uint8_t number;
		const uint8_t *name; /* of DFUSE_TARGET_NAME_SIZE bytes; NULL: not named */
		bool used;           /* has bytes */
	} alts[DFUSE_MAX_TARGETS];   /* in the order of the file */
	size_t alt_count;
	size_t alt;      /* index of the target's that is being read */
	uint8_t wanted;  /* alternate setting whose elements are collected */
	bool collecting; /* else they are only checked */
	struct image_parts parts;
};

/*
 * With a plain suffix the bytes are plain too, whatever they begin with. A file that is cut off has none, and
 * is told so by `read`.
 */
static bool dfu_probe(const uint8_t *data, size_t size)
{
	if (size < 5 || memcmp(data, "DfuSe", 5) != 0)
		return false;
	return !dfu_has_suffix(data, size) || get_le16(data + size - 10) != DFU_VERSION_PLAIN;
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
	size_t at = r->pos;
	uint32_t size;

	if (target_end - at < DFUSE_ELEMENT_SIZE)
		return err_set(e, "offset %zu: the target is too short for its elements", at);
	size = get_le32(p + 4);
	r->pos += DFUSE_ELEMENT_SIZE;
	if (size > target_end - r->pos)
		return err_set(
			e, "offset %zu: an element of %" PRIu32 " bytes is larger than its target",
			at, size);
	r->pos += size;
	if (size)
		r->alts[r->alt].used = true;
	if (!r->collecting || r->alts[r->alt].number != r->wanted)
		return true;
	return image_parts_add(&r->parts, get_le32(p), p + DFUSE_ELEMENT_SIZE, size, at, e);
}

/* Several targets may be for one alternate setting: dfu.py writes 0 into all of them. */
static void find_alt(struct dfu_reader *r, const uint8_t *target)
{
	for (r->alt = 0; r->alt < r->alt_count; r->alt++)
		if (r->alts[r->alt].number == target[6])
			return;
	r->alts[r->alt].number = target[6];
	r->alts[r->alt].name = get_le32(target + 7) ? target + 11 : NULL;
	r->alts[r->alt].used = false;
	r->alt_count++;
}

static bool read_target(struct dfu_reader *r, struct err *e)
{
	const uint8_t *p = r->data + r->pos;
	uint32_t size, elements;
	size_t end;

	if (!need(r, DFUSE_TARGET_SIZE, "a target's header", e))
		return false;
	if (memcmp(p, "Target", 6) != 0)
		return err_set(e, "offset %zu: a target starts with \"Target\"", r->pos);
	size = get_le32(p + 266);
	elements = get_le32(p + 270);
	r->pos += DFUSE_TARGET_SIZE;
	if (!need(r, size, "a target", e))
		return false;
	find_alt(r, p);
	end = r->pos + size;
	/* Each element takes eight bytes of the file at least: an absurd count ends there. */
	for (uint32_t i = 0; i < elements; i++)
		if (!read_element(r, end, e))
			return false;
	if (r->pos != end)
		return err_set(e, "offset %zu: %zu bytes are left after the target's elements",
			       r->pos, end - r->pos);
	return true;
}

static bool read_targets(struct dfu_reader *r, struct err *e)
{
	uint8_t targets = r->data[10];

	r->pos = DFUSE_PREFIX_SIZE;
	for (uint8_t i = 0; i < targets; i++)
		if (!read_target(r, e))
			return false;
	if (r->pos != r->end)
		return err_set(e, "offset %zu: %zu bytes are left after the last target", r->pos,
			       r->end - r->pos);
	return true;
}

static bool read_prefix(struct dfu_reader *r, size_t file_size, struct err *e)
{
	uint32_t size;

	if (!need(r, DFUSE_PREFIX_SIZE, "the DfuSe prefix", e))
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
	return true;
}

/* Drops the alternate settings that have no bytes: nothing can be done with them. */
static void drop_unused(struct dfu_reader *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->alt_count; i++)
		if (r->alts[i].used)
			r->alts[kept++] = r->alts[i];
	r->alt_count = kept;
}

/* Checks everything but the suffix and finds the alternate settings. */
static bool survey(struct dfu_reader *r, size_t file_size, struct err *e)
{
	if (!read_prefix(r, file_size, e) || !read_targets(r, e))
		return false;
	drop_unused(r);
	if (r->alt_count)
		return true;
	return err_set(e, "offset %d: there is nothing in it to write to a board",
		       DFUSE_PREFIX_SIZE);
}

/* What the file calls an alternate setting; "" when it says nothing. */
static void alt_name(const struct dfu_reader *r, size_t alt, char *out, size_t room)
{
	const uint8_t *name = r->alts[alt].name;

	utf8_printable(out, room, name, name ? DFUSE_TARGET_NAME_SIZE : 0);
	if (strcmp(out, dfuse_default_name) == 0)
		*out = '\0';
}

/* The one that is asked for, when there are several; the only one whatever is asked for. */
static bool choose_alt(const struct dfu_reader *r, const struct image_options *opt, size_t *alt,
		       struct err *e)
{
	AUTO_STRBUF list = STRBUF_INIT;

	*alt = 0;
	if (r->alt_count == 1)
		return true;
	for (size_t i = 0; i < r->alt_count; i++) {
		char name[64];

		if (opt->has_alt && r->alts[i].number == opt->alt) {
			*alt = i;
			return true;
		}
		alt_name(r, i, name, sizeof(name));
		strbuf_addf(&list, "%s%u", i ? ", " : "", r->alts[i].number);
		if (*name)
			strbuf_addf(&list, " (%s)", name);
	}
	err_set(e, "it holds firmware for several alternate settings: %s", list.buf);
	return err_hint(e, "choose one of them with --alt");
}

static bool read_dfuse(struct dfu_reader *r, struct image *img, size_t file_size,
		       const struct image_options *opt, struct err *e)
{
	size_t alt;

	if (!survey(r, file_size, e) || !choose_alt(r, opt, &alt, e))
		return false;
	img->has_alt = true;
	img->alt = r->alts[alt].number;
	alt_name(r, alt, img->board, sizeof(img->board));
	r->wanted = img->alt;
	r->collecting = true;
	return read_targets(r, e) && image_parts_finish(&r->parts, img, e);
}

static bool dfu_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	struct dfu_reader r = { .data = data, .parts = { .noun = "element at offset" } };
	struct dfu_suffix suffix = { 0 };
	bool good;

	if (!dfu_suffix_read(img, data, size, &suffix, &r.end, e))
		return false;
	if (r.end < 5 || memcmp(data, "DfuSe", 5) != 0) {
		if (suffix.version == DFU_VERSION_DFUSE)
			return err_set(e,
				       "offset 0: a DfuSe suffix, but no \"DfuSe\" at the start");
		return dfu_read_plain(img, data, r.end, opt, e);
	}
	good = read_dfuse(&r, img, size, opt, e);
	image_parts_free(&r.parts);
	return good;
}

static bool dfu_choices(struct image_choices *out, const uint8_t *data, size_t size, struct err *e)
{
	struct dfu_reader r = { .data = data };
	struct dfu_suffix suffix = { 0 };
	AUTO_IMAGE hints = IMAGE_INIT;

	if (!dfu_suffix_read(&hints, data, size, &suffix, &r.end, e))
		return false;
	/* Plain DFU, read as this format, is one firmware without a number. */
	if (r.end < 5 || memcmp(data, "DfuSe", 5) != 0)
		return true;
	if (!survey(&r, size, e))
		return false;
	for (size_t i = 0; i < r.alt_count; i++) {
		struct image_choice c = { .id = r.alts[i].number };

		snprintf(c.name, sizeof(c.name), "%u", r.alts[i].number);
		vec_push(out, c);
	}
	return true;
}

static void dfu_select(struct image_options *opt, uint32_t id)
{
	opt->has_alt = true;
	opt->alt = (uint8_t)id;
}

const struct image_format dfu_format = {
	.name = "dfu",
	.title = "DFU",
	.probe = dfu_probe,
	.read = dfu_read,
	.write = dfuse_write,
	.choices = dfu_choices,
	.select = dfu_select,
	.write_several = dfuse_write_several,
	.inspect = dfu_inspect,
};
