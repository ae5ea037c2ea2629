/* SPDX-License-Identifier: MIT
 *
 * Lines of digits, from the text of a file to parts of an image.
 */
#include "image/record.h"

#include <string.h>

#include "image/hex_digits.h"

static const char damaged_hint[] = "the file is damaged: build or download it again";

enum { CPM_END = 0x1a };

static bool is_blank(uint8_t c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* 0x1a bytes only, up to the end. */
static bool is_cpm_end(const struct record_reader *r)
{
	for (const uint8_t *p = r->p; p < r->end; p++)
		if (*p != CPM_END)
			return false;
	return true;
}

bool record_next(struct record_reader *r)
{
	const uint8_t *p = r->p;

	for (; p < r->end && is_blank(*p); p++)
		r->line += *p == '\n' || (*p == '\r' && (p + 1 == r->end || p[1] != '\n'));
	r->p = p;
	return p < r->end && !(*p == CPM_END && is_cpm_end(r));
}

bool record_take(struct record_reader *r, size_t count, uint8_t *to, uint8_t *sum)
{
	if ((size_t)(r->end - r->p) < 2 * count || !hex_decode(r->p, count, to, sum))
		return false;
	r->p += 2 * count;
	return true;
}

bool record_add(struct record_reader *r, uint32_t address, size_t size, struct err *e)
{
	const uint8_t *bytes = r->bytes;

	r->bytes += size;
	if (r->by_line)
		return image_parts_add(&r->parts, address, bytes, size, r->line, e);
	return image_parts_extend(&r->parts, address, bytes, size, r->line, e);
}

bool record_end(const struct record_reader *r, struct err *e)
{
	if (r->p == r->end || is_blank(*r->p) || *r->p == CPM_END)
		return true;
	return err_set(e, "line %zu: the record is longer than it says", r->line);
}

bool record_damaged(const struct record_reader *r, struct err *e)
{
	const uint8_t *bad = r->p;

	while (bad < r->end && hex_is_digit(*bad))
		bad++;
	if (bad<r->end && * bad> ' ' && *bad < 0x7f)
		err_set(e, "line %zu: '%c' is not a hexadecimal digit", r->line, *bad);
	else
		err_set(e, "line %zu: the record ends early", r->line);
	return err_hint(e, "%s", damaged_hint);
}

bool record_bad_sum(const struct record_reader *r, uint8_t got, uint8_t want, struct err *e)
{
	err_set(e, "line %zu: the checksum is %02x but should be %02x", r->line, got, want);
	return err_hint(e, "%s", damaged_hint);
}

bool record_cut_off(const struct record_reader *r, const char *what, struct err *e)
{
	err_set(e, "line %zu: %s is missing", r->line, what);
	return err_hint(e, "the file is cut off: build or download it again");
}

void record_open(struct record_reader *r, const uint8_t *text, size_t size, uint8_t *bytes)
{
	static const char mark[] = "\xef\xbb\xbf";
	bool marked = size >= strlen(mark) && memcmp(text, mark, strlen(mark)) == 0;

	*r = (struct record_reader){
		.text = text,
		.end = text + size,
		.p = marked ? text + strlen(mark) : text,
		.line = 1,
		.bytes = bytes,
		.parts = { .noun = "line" },
	};
}

bool record_read_file(struct image *img, const uint8_t *text, size_t size,
		      bool (*read)(struct record_reader *r, void *context, struct err *e),
		      void *context, struct err *e)
{
	/* Two digits a byte, and more of them than bytes of the image. */
	uint8_t *bytes = arena_alloc(&img->arena, size / 2 + 1);
	bool good = false, again = true;

	for (bool by_line = false; !good && again; by_line = true) {
		struct record_reader r;

		record_open(&r, text, size, bytes);
		r.by_line = by_line;
		err_free(e);
		good = read(&r, context, e);
		again = good && !by_line;
		good = good && image_parts_finish(&r.parts, img, e);
		image_parts_free(&r.parts);
	}
	return good;
}
