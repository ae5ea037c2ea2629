/* SPDX-License-Identifier: MIT
 *
 * See image_helpers.h.
 */
#include "image_helpers.h"

#include <stdlib.h>

#include "base/xalloc.h"

const struct image_options no_options;

const struct image_format *format_named(const char *name)
{
	const struct image_format *f = image_format_by_name(name);

	assert_non_null(f);
	return f;
}

uint8_t pattern_at(uint32_t address)
{
	return (uint8_t)(address * 7 + (address >> 8) * 3 + (address >> 16) + 1);
}

void add_pattern(struct image *img, uint32_t address, size_t size)
{
	uint8_t *bytes = xmalloc(size + 1);
	AUTO_ERR e = ERR_INIT;

	for (size_t i = 0; i < size; i++)
		bytes[i] = pattern_at(address + (uint32_t)i);
	if (!image_add(img, address, bytes, size, true, &e))
		fail_msg("%s", e.msg);
	free(bytes);
}

void read_image(struct image *img, const char *format, const void *data, size_t size,
		const struct image_options *opt)
{
	AUTO_ERR e = ERR_INIT;

	if (!format_named(format)->read(img, data, size, opt, &e))
		fail_msg("%s: %s", format, e.msg);
}

void write_image(const struct image *img, const char *format, struct strbuf *out,
		 const struct image_options *opt)
{
	AUTO_ERR e = ERR_INIT;

	if (!image_write(img, format_named(format), opt, out, &e))
		fail_msg("%s: %s", format, e.msg);
}

static void assert_error(bool good, const struct err *e, const char *message, const char *hint)
{
	assert_false(good);
	assert_contains(e->msg, message);
	if (hint)
		assert_contains(e->hint, hint);
}

void assert_unreadable(const char *format, const void *data, size_t size,
		       const struct image_options *opt, const char *message, const char *hint)
{
	/* Exactly as large as the data, so that the sanitizers see a byte too far. */
	uint8_t *copy = xmalloc(size ? size : 1);
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	memcpy(copy, data, size);
	assert_error(format_named(format)->read(&img, copy, size, opt, &e), &e, message, hint);
	free(copy);
}

void assert_unwritable(const struct image *img, const char *format, const struct image_options *opt,
		       const char *message, const char *hint)
{
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	assert_error(image_write(img, format_named(format), opt, &out, &e), &e, message, hint);
}

void assert_contains(const char *text, const char *words)
{
	if (!text || !strstr(text, words))
		fail_msg("'%s' does not contain '%s'", text ? text : "(null)", words);
}

void assert_segment(const struct image *img, size_t i, uint32_t address, uint32_t size)
{
	assert_in_range(i, 0, img->count - 1);
	assert_int_equal(img->segments[i].address, address);
	assert_int_equal(img->segments[i].size, size);
}

void assert_same_digest(const struct image *a, const struct image *b)
{
	struct digest left = image_digest(a), right = image_digest(b);

	assert_memory_equal(left.bytes, right.bytes, sizeof(left.bytes));
}

void assert_same_segments(const struct image *a, const struct image *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_segment(b, i, a->segments[i].address, a->segments[i].size);
		assert_memory_equal(a->segments[i].data, b->segments[i].data, a->segments[i].size);
	}
}

void slurp(const char *path, struct strbuf *out)
{
	AUTO_ERR e = ERR_INIT;

	if (!fs_read(out, path, 64 << 20, &e))
		fail_msg("%s", e.msg);
}
