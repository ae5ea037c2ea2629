/* SPDX-License-Identifier: MIT
 *
 * Intel HEX: lines `:LLAAAATT<data>CC`, LL data bytes at address AAAA, CC making the sum of all bytes 0. Source: Intel,
 * Hexadecimal Object File Format Specification, revision A.
 */
#include "image/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/xalloc.h"
#include "image/part.h"

enum record_type {
	HEX_DATA = 0,
	HEX_END = 1,
	HEX_SEGMENT = 2,       /* bits 4-19 of the addresses that follow */
	HEX_START_SEGMENT = 3, /* CS:IP */
	HEX_LINEAR = 4,        /* bits 16-31 of the addresses that follow */
	HEX_START = 5,         /* EIP */
};

struct record {
	unsigned size, type;
	uint16_t offset;
	uint8_t *data; /* in the reader's buffer */
};

struct hex_reader {
	struct image *img;
	const uint8_t *p, *end;
	size_t line;
	uint8_t *free; /* decoded bytes go here; as large as the file can need */
	uint32_t base;
	bool segmented; /* base comes from a type 02 record */
	bool ended;
	struct image_parts parts;
};

/* A digit's value with this bit set; 0 for what is no digit. A table, since a file has millions of them. */
enum { IS_DIGIT = 0x10 };
#define D(n) (IS_DIGIT | (n))
static const uint8_t digits[256] = {
	['0'] = D(0),  ['1'] = D(1),  ['2'] = D(2),  ['3'] = D(3),  ['4'] = D(4),  ['5'] = D(5),
	['6'] = D(6),  ['7'] = D(7),  ['8'] = D(8),  ['9'] = D(9),  ['A'] = D(10), ['B'] = D(11),
	['C'] = D(12), ['D'] = D(13), ['E'] = D(14), ['F'] = D(15), ['a'] = D(10), ['b'] = D(11),
	['c'] = D(12), ['d'] = D(13), ['e'] = D(14), ['f'] = D(15),
};
#undef D

/* Takes `count` bytes of two digits each and adds them to *sum; false, taking none, when they are not there. */
static bool decode(struct hex_reader *r, uint8_t *to, size_t count, uint8_t *sum)
{
	const uint8_t *p = r->p;
	uint8_t good = IS_DIGIT, total = *sum;

	if ((size_t)(r->end - p) < 2 * count)
		return false;
	for (size_t i = 0; i < count; i++, p += 2) {
		uint8_t high = digits[p[0]], low = digits[p[1]];

		good &= high & low;
		to[i] = (uint8_t)(high << 4 | (low & 15));
		total = (uint8_t)(total + to[i]);
	}
	if (!good)
		return false;
	r->p = p;
	*sum = total;
	return true;
}

static bool damaged(const struct hex_reader *r, struct err *e)
{
	const uint8_t *bad = r->p;

	while (bad < r->end && digits[*bad])
		bad++;
	if (bad<r->end && * bad> ' ' && *bad < 0x7f)
		err_set(e, "line %zu: '%c' is not a hexadecimal digit", r->line, *bad);
	else
		err_set(e, "line %zu: the record ends early", r->line);
	return err_hint(e, "the file is damaged: build or download it again");
}

/* Reads the record after its colon, checksum and all. */
static bool read_record(struct hex_reader *r, struct record *rec, struct err *e)
{
	uint8_t sum = 0, head[4], check;

	if (!decode(r, head, sizeof(head), &sum))
		return damaged(r, e);
	*rec = (struct record){ head[0], head[3], (uint16_t)(head[1] << 8 | head[2]), r->free };
	if (!decode(r, rec->data, rec->size, &sum) || !decode(r, &check, 1, &sum))
		return damaged(r, e);
	if (sum == 0)
		return true;
	err_set(e, "line %zu: the checksum is %02x but should be %02x", r->line, check,
		(uint8_t)(check - sum));
	return err_hint(e, "the file is damaged: build or download it again");
}

static bool add_data(struct hex_reader *r, const struct record *rec, struct err *e)
{
	uint64_t address = (uint64_t)r->base + rec->offset;

	/* Tools disagree on whether such a record wraps around (Intel) or not, so nobody may write one. */
	if (r->segmented && rec->offset + rec->size > 0x10000)
		return err_set(e, "line %zu: the record runs past the end of its 64 KiB segment",
			       r->line);
	r->free += rec->size;
	return image_parts_add(&r->parts, (uint32_t)address, rec->data, rec->size, r->line, e);
}

static uint32_t big_endian(const struct record *rec)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < rec->size; i++)
		v = v << 8 | rec->data[i];
	return v;
}

static bool set_entry(struct hex_reader *r, uint32_t entry, struct err *e)
{
	if (r->img->has_entry && r->img->entry != entry)
		return err_set(
			e, "line %zu: a second start address, 0x%08" PRIx32 " after 0x%08" PRIx32,
			r->line, entry, r->img->entry);
	r->img->has_entry = true;
	r->img->entry = entry;
	return true;
}

static bool unknown_type(const struct hex_reader *r, const struct record *rec, struct err *e)
{
	err_set(e, "line %zu: unknown record type %02x", r->line, rec->type);
	if (rec->type >= 0x0a && rec->type <= 0x0e)
		err_hint(e, "a micro:bit universal hex holds two firmwares: take the one for your "
			    "board");
	return false;
}

static bool apply(struct hex_reader *r, const struct record *rec, struct err *e)
{
	static const uint8_t sizes[] = { 0, 0, 2, 4, 2, 4 };
	uint32_t v = 0;

	if (rec->type >= ARRAY_SIZE(sizes))
		return unknown_type(r, rec, e);
	if (rec->type != HEX_DATA) {
		if (rec->size != sizes[rec->type])
			return err_set(e, "line %zu: a record of type %02x has %u bytes, not %u",
				       r->line, rec->type, sizes[rec->type], rec->size);
		v = big_endian(rec);
	}
	switch ((enum record_type)rec->type) {
	case HEX_DATA:
		return add_data(r, rec, e);
	case HEX_END:
		r->ended = true;
		break;
	case HEX_SEGMENT:
		r->base = v << 4;
		r->segmented = true;
		break;
	case HEX_LINEAR:
		r->base = v << 16;
		r->segmented = false;
		break;
	case HEX_START_SEGMENT:
		return set_entry(r, ((v >> 16) << 4) + (v & 0xffff), e);
	case HEX_START:
		return set_entry(r, v, e);
	}
	return true;
}

static bool is_blank(uint8_t c)
{
	return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Skips blanks and line ends; `line` counts the latter. False at the end of the file. */
static bool skip_blank(struct hex_reader *r)
{
	for (; r->p < r->end && is_blank(*r->p); r->p++)
		r->line += *r->p == '\n';
	return r->p < r->end;
}

static bool read_line(struct hex_reader *r, struct err *e)
{
	struct record rec = { 0 };

	if (r->ended)
		return err_set(e, "line %zu: there is more after the end record", r->line);
	if (*r->p++ != ':')
		return err_set(e, "line %zu: a record starts with ':'", r->line);
	if (!read_record(r, &rec, e))
		return false;
	if (r->p < r->end && !is_blank(*r->p))
		return err_set(e, "line %zu: the record is longer than it says", r->line);
	return apply(r, &rec, e);
}

static bool read_lines(struct hex_reader *r, struct err *e)
{
	while (skip_blank(r))
		if (!read_line(r, e))
			return false;
	if (r->ended)
		return image_parts_finish(&r->parts, r->img, e);
	err_set(e, "line %zu: the end record (:00000001FF) is missing", r->line);
	return err_hint(e, "the file is cut off: build or download it again");
}

static bool hex_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	struct hex_reader r = {
		.img = img,
		.p = data,
		.end = data + size,
		.line = 1,
		.parts = { .noun = "line" },
	};
	bool good;

	(void)opt;
	r.free = arena_alloc(&img->arena, size / 2 + 1);
	good = read_lines(&r, e);
	image_parts_free(&r.parts);
	return good;
}

/* The first line that is not blank is a sound record. */
static bool hex_probe(const uint8_t *data, size_t size)
{
	uint8_t bytes[255];
	struct hex_reader r = { .p = data, .end = data + size, .line = 1, .free = bytes };
	AUTO_ERR e = ERR_INIT;
	struct record rec = { 0 };

	return skip_blank(&r) && *r.p++ == ':' && read_record(&r, &rec, &e);
}

static char *put_byte(char *to, uint8_t v, uint8_t *sum)
{
	static const char text[] = "0123456789ABCDEF";

	*sum = (uint8_t)(*sum + v);
	to[0] = text[v >> 4];
	to[1] = text[v & 15];
	return to + 2;
}

static char *put_record(char *to, enum record_type type, uint16_t offset, const uint8_t *data,
			uint8_t size)
{
	uint8_t sum = 0;

	*to++ = ':';
	to = put_byte(to, size, &sum);
	to = put_byte(to, (uint8_t)(offset >> 8), &sum);
	to = put_byte(to, (uint8_t)offset, &sum);
	to = put_byte(to, (uint8_t)type, &sum);
	for (uint8_t i = 0; i < size; i++)
		to = put_byte(to, data[i], &sum);
	to = put_byte(to, (uint8_t)-sum, &sum);
	*to++ = '\n';
	return to;
}

enum { HEX_LINE = 16, HEX_RECORD_CHARS = 12 }; /* data bytes; what a record has besides its data */

/*
 * Records never cross 64 KiB, and an address record comes first even for address 0: drag-and-drop loaders tell a
 * hex file by it.
 */
static char *put_segment(char *to, const struct image_segment *s, uint32_t *upper)
{
	for (uint32_t done = 0, size; done < s->size; done += size) {
		uint32_t address = s->address + done;
		uint32_t left = 0x10000 - (address & 0xffff);

		if (address >> 16 != *upper) {
			*upper = address >> 16;
			to = put_record(to, HEX_LINEAR, 0,
					(uint8_t[]){ (uint8_t)(*upper >> 8), (uint8_t)*upper }, 2);
		}
		size = s->size - done < HEX_LINE ? s->size - done : HEX_LINE;
		if (size > left)
			size = left;
		to = put_record(to, HEX_DATA, (uint16_t)address, s->data + done, (uint8_t)size);
	}
	return to;
}

/* Characters that the segment takes at most. */
static size_t hex_chars(const struct image_segment *s)
{
	size_t crossings = (s->size >> 16) + 2;
	size_t records = s->size / HEX_LINE + 1 + crossings;

	return s->size * (size_t)2 + records * HEX_RECORD_CHARS +
	       crossings * (HEX_RECORD_CHARS + 4);
}

static bool hex_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
		      struct err *e)
{
	size_t chars = 3 * (HEX_RECORD_CHARS + 8);
	uint32_t upper = UINT32_MAX;
	char *to;

	(void)opt;
	(void)e;
	for (size_t i = 0; i < img->count; i++)
		chars += hex_chars(&img->segments[i]);
	strbuf_reserve(out, chars);
	to = out->buf + out->len;
	for (size_t i = 0; i < img->count; i++)
		to = put_segment(to, &img->segments[i], &upper);
	if (img->has_entry)
		to = put_record(to, HEX_START, 0,
				(uint8_t[]){ (uint8_t)(img->entry >> 24),
					     (uint8_t)(img->entry >> 16),
					     (uint8_t)(img->entry >> 8), (uint8_t)img->entry },
				4);
	to = put_record(to, HEX_END, 0, NULL, 0);
	*to = '\0';
	out->len = (size_t)(to - out->buf);
	return true;
}

const struct image_format hex_format = {
	.name = "hex",
	.title = "Intel HEX",
	.probe = hex_probe,
	.read = hex_read,
	.write = hex_write,
};
