/* SPDX-License-Identifier: MIT
 *
 * Raw binary: the bytes and nothing else. It cannot say where they go, and it cannot leave a hole: what a hole
 * would be filled with may be the user's files (STM32 boards keep them between two parts of the
 * firmware), so that filling is never done unasked.
 */
#include "image/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/path.h"

static bool bin_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	uint32_t base = opt->base;

	if (!opt->has_base && opt->guess_base)
		img->base_guessed = image_guess_base(data, size, &base);
	if (!opt->has_base && !img->base_guessed) {
		err_set(e, "the address of its first byte is not known");
		return err_hint(e, "give it with --base, for example --base 0x08000000");
	}
	if (!size)
		return err_set(e, "the file is empty");
	return image_add(img, base, data, size, false, e);
}

static bool hole_error(const struct image *img, struct err *e)
{
	const struct image_segment *s = img->segments;
	uint64_t from = (uint64_t)s[0].address + s[0].size;
	const char *more = img->count > 2 ? " is the first of several holes" : " is a hole";

	err_set(e,
		"0x%08" PRIx64 "-0x%08" PRIx32 " (%" PRIu64
		" bytes)%s, which a file without addresses cannot keep",
		from, s[1].address - 1, s[1].address - from, more);
	return err_hint(e, "dfu, hex and uf2 can hold it; --split writes one .bin for each part, "
			   "--fill 0xff fills it");
}

static bool bin_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
		      struct err *e)
{
	uint64_t span = image_end(img) - image_start(img), holes = span - image_size(img);
	uint8_t *to;

	if (img->count > 1 && !opt->has_fill)
		return hole_error(img, e);
	if (holes > IMAGE_MAX_FILL) {
		err_set(e,
			"0x%08" PRIx32 "-0x%08" PRIx64 " would be a .bin with %" PRIu64
			" bytes of filling; %d MiB is the limit",
			image_start(img), image_end(img) - 1, holes, IMAGE_MAX_FILL >> 20);
		return err_hint(e, "dfu, hex and uf2 hold the same image without the hole; "
				   "--split writes one .bin for each part");
	}
	strbuf_reserve(out, (size_t)span);
	to = (uint8_t *)out->buf + out->len;
	if (img->count > 1)
		memset(to, opt->fill, (size_t)span);
	for (size_t i = 0; i < img->count; i++)
		memcpy(to + (img->segments[i].address - image_start(img)), img->segments[i].data,
		       img->segments[i].size);
	out->len += (size_t)span;
	out->buf[out->len] = '\0';
	return true;
}

void image_split_name(const char *path, size_t i, struct strbuf *out)
{
	const char *base = path_base(path), *dot = strrchr(base, '.');
	size_t stem = dot ? (size_t)(dot - path) : strlen(path);

	strbuf_add(out, path, stem);
	strbuf_addf(out, "%zu%s", i, path + stem);
}

const struct image_format bin_format = {
	.name = "bin",
	.title = "raw binary",
	.read = bin_read,
	.write = bin_write,
};
