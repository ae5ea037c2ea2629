/* SPDX-License-Identifier: MIT
 *
 * Fuzz target of the image formats: any bytes are read as every format (not only as the one they look like), and an
 * image that comes out of it survives being written to every format and read back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/crc.h"
#include "image/image.h"
#include "image/le.h"
#include "image/uf2_family.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Larger spans only cost time. */
enum { MAX_SPAN = 256 << 10 };

static const struct image_options options = { .has_base = true, .base = 0x08000000 };

static _Noreturn void fail(const char *from, const char *to, const char *what)
{
	fprintf(stderr, "%s -> %s: %s\n", from, to, what);
	abort();
}

static bool same_digest(const struct image *a, const struct image *b)
{
	struct digest left = image_digest(a), right = image_digest(b);

	return digest_equal(&left, &right);
}

/* Every byte of `img` is in `other` too, which may have more around it. */
static bool contains(const struct image *other, const struct image *img)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];
		uint8_t *bytes = malloc(s->size);
		bool same;

		/* Absent bytes read as something else than the byte that must be there. */
		image_read(other, s->address, bytes, s->size, 0);
		same = memcmp(bytes, s->data, s->size) == 0;
		image_read(other, s->address, bytes, s->size, 0xff);
		same = same && memcmp(bytes, s->data, s->size) == 0;
		free(bytes);
		if (!same)
			return false;
	}
	return true;
}

static void check_model(const struct image *img, const char *format)
{
	uint64_t end = 0, bytes = 0;

	if (!img->count)
		fail(format, "image", "read without an error, but empty");
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		if (!s->size || (i && s->address <= end))
			fail(format, "image", "segments are not sorted and apart");
		end = (uint64_t)s->address + s->size;
		bytes += s->size;
	}
	if (bytes != image_size(img) || end > UINT64_C(0x100000000) || bytes >= IMAGE_MAX_SIZE)
		fail(format, "image", "sizes do not add up");
}

/* What is not an error must be one, and the other way round. */
static bool may_fail(const struct image *img, const struct image_format *to)
{
	return strcmp(to->name, "bin") == 0 && img->count > 1;
}

static void read_back(const struct image *img, const char *from, const struct image_format *to,
		      const struct strbuf *bytes)
{
	struct image_options opt = { .has_base = true, .base = image_start(img) };
	uint8_t *copy = malloc(bytes->len);
	AUTO_IMAGE back = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	memcpy(copy, bytes->buf, bytes->len);
	if (to->probe && !to->probe(copy, bytes->len))
		fail(from, to->name, "what was written is not detected");
	if (!to->read(&back, copy, bytes->len, &opt, &e))
		fail(from, to->name, e.msg);
	check_model(&back, to->name);
	if (!contains(&back, img))
		fail(from, to->name, "bytes were lost");
	/* RP2 files are padded to whole sectors. */
	if (!uf2_family_is_rp2(img->uf2_family) && !same_digest(img, &back))
		fail(from, to->name, "another digest");
	image_free(&back);
	free(copy);
}

static void rewrite(const struct image *img, const char *from, const struct image_format *to)
{
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	bool good = image_write(img, to, &options, &bytes, &e);

	if (good == may_fail(img, to))
		fail(from, to->name, good ? "written in spite of a hole" : e.msg);
	if (good)
		read_back(img, from, to, &bytes);
	else if (!e.msg || !e.hint)
		fail(from, to->name, "an error without a message or a hint");
}

/* A hole may be filled on demand; then the file is as long as the span. */
static void rewrite_filled(const struct image *img, const char *from)
{
	const struct image_options fill = { .has_fill = true, .fill = 0x5a };
	const struct image_format *bin = image_format_by_name("bin");
	AUTO_STRBUF bytes = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;

	if (!image_write(img, bin, &fill, &bytes, &e))
		fail(from, "bin", e.msg);
	if (bytes.len != image_end(img) - image_start(img))
		fail(from, "bin", "another length");
}

static void try_format(const struct image_format *format, const uint8_t *data, size_t size)
{
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	if (!format->read(&img, data, size, &options, &e)) {
		if (!e.msg)
			fail(format->name, "image", "an error without a message");
		return;
	}
	check_model(&img, format->name);
	image_find_version(&img);
	if (image_size(&img) > MAX_SPAN)
		return;
	for (size_t i = 0; image_formats[i]; i++)
		if (image_formats[i]->write)
			rewrite(&img, format->name, image_formats[i]);
	if (image_end(&img) - image_start(&img) <= MAX_SPAN)
		rewrite_filled(&img, format->name);
}

/* Mutations cannot guess a CRC-32, so that what lies behind it is reached with a right one. */
static void try_sealed_dfu(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (size < 16)
		return;
	copy = malloc(size);
	memcpy(copy, data, size);
	put_le32(copy + size - 4, dfu_crc(copy, size - 4));
	try_format(image_format_by_name("dfu"), copy, size);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	image_format_detect(data, size, NULL);
	for (size_t i = 0; image_formats[i]; i++)
		try_format(image_formats[i], data, size);
	try_sealed_dfu(data, size);
	return 0;
}
