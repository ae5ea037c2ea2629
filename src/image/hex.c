/* SPDX-License-Identifier: MIT
 *
 * Intel HEX: lines `:LLAAAATT<data>CC`, LL data bytes at address AAAA, CC making the sum of all bytes 0. Source: Intel,
 * Hexadecimal Object File Format Specification, revision A. Where a record crosses a boundary of 64 KiB, tools agree
 * after a linear address record (the next byte is in the next 64 KiB) and not after a segment record (Intel and srec_cat:
 * at the segment's start; objcopy and intelhex: behind its end). The latter is refused.
 */
#include "image/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/xalloc.h"
#include "image/hex_digits.h"
#include "image/record.h"
#include "image/universal_hex.h"

enum record_type {
	HEX_DATA = 0,
	HEX_END = 1,
	HEX_SEGMENT = 2,       /* bits 4-19 of the addresses that follow */
	HEX_START_SEGMENT = 3, /* CS:IP */
	HEX_LINEAR = 4,        /* bits 16-31 of the addresses that follow */
	HEX_START = 5,         /* EIP */
};

struct record {
	uint8_t size, type;
	uint16_t offset;
};

struct hex_source {
	struct image *img;
	const struct image_options *opt;
};

struct hex_reader {
	struct record_reader *in; /* in->bytes: the bytes of the record that is looked at */
	struct image *img;
	const struct image_options *opt;
	uint32_t base;
	bool segmented; /* base comes from a type 02 record */
	bool ended;
	bool universal;  /* there was a block */
	uint32_t wanted; /* the generation that is read of a universal hex */
	uint32_t block;  /* the one that the open block is for; 0: none is open */
};

/* Reads a record, colon, checksum and all; its bytes are at in->bytes. */
static bool read_record(struct record_reader *in, struct record *rec, struct err *e)
{
	uint8_t sum = 0, head[4], check;

	*rec = (struct record){ 0 };
	if (*in->p != ':')
		return err_set(e, "line %zu: a record starts with ':'", in->line);
	in->p++;
	if (!record_take(in, sizeof(head), head, &sum))
		return record_damaged(in, e);
	*rec = (struct record){ head[0], head[3], (uint16_t)(head[1] << 8 | head[2]) };
	/* The checksum is decoded behind the data; the next record overwrites it. */
	if (!record_take(in, rec->size + (size_t)1, in->bytes, &sum))
		return record_damaged(in, e);
	check = in->bytes[rec->size];
	if (sum != 0)
		return record_bad_sum(in, check, (uint8_t)(check - sum), e);
	return record_end(in, e);
}

/* Whether what a record says is for the firmware that is read. */
static bool is_wanted(const struct hex_reader *r)
{
	return !r->universal || r->block == r->wanted;
}

static bool add_data(struct hex_reader *r, const struct record *rec, struct err *e)
{
	uint64_t address = (uint64_t)r->base + rec->offset;

	if (r->segmented && rec->offset + rec->size > 0x10000)
		return err_set(e, "line %zu: the record runs past the end of its 64 KiB segment",
			       r->in->line);
	if (r->universal && !r->block)
		return err_set(e, "line %zu: data outside of the universal hex's blocks",
			       r->in->line);
	if (!is_wanted(r))
		return true;
	return record_add(r->in, (uint32_t)address, rec->size, e);
}

static bool set_entry(struct hex_reader *r, uint32_t entry, struct err *e)
{
	if (!is_wanted(r))
		return true;
	if (r->img->has_entry && r->img->entry != entry)
		return err_set(
			e, "line %zu: a second start address, 0x%08" PRIx32 " after 0x%08" PRIx32,
			r->in->line, entry, r->img->entry);
	r->img->has_entry = true;
	r->img->entry = entry;
	return true;
}

static bool start_block(struct hex_reader *r, const struct record *rec, struct err *e)
{
	const uint8_t *id = r->in->bytes;

	if (rec->size < 2)
		return err_set(e, "line %zu: the block does not say which board it is for",
			       r->in->line);
	if (!r->universal && r->in->parts.count)
		return err_set(e, "line %zu: the first block comes after data", r->in->line);
	if (!r->universal && !universal_hex_choose(r->in->text, (size_t)(r->in->end - r->in->text),
						   r->opt->uf2_family, &r->wanted, e))
		return false;
	if (!r->universal)
		r->img->chip = universal_hex_chip(r->wanted);
	r->universal = true;
	r->block = universal_hex_generation((uint32_t)(id[0] << 8 | id[1]));
	return true;
}

/* Records of the types that a universal hex adds. */
static bool apply_universal(struct hex_reader *r, const struct record *rec, struct err *e)
{
	switch (rec->type) {
	case UNIVERSAL_BLOCK_START:
		return start_block(r, rec, e);
	case UNIVERSAL_BLOCK_END:
		r->block = 0;
		return true;
	case UNIVERSAL_PADDING:
	case UNIVERSAL_OTHER: /* MakeCode keeps a program's sources in plain files too */
		return true;
	case UNIVERSAL_DATA:
		if (r->universal)
			return add_data(r, rec, e);
		return err_set(e, "line %zu: universal hex data outside of a block", r->in->line);
	default:
		return err_set(e, "line %zu: unknown record type %02x", r->in->line, rec->type);
	}
}

static uint32_t big_endian(const uint8_t *p, unsigned size)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v = v << 8 | p[i];
	return v;
}

static bool apply(struct hex_reader *r, const struct record *rec, struct err *e)
{
	static const uint8_t sizes[] = { 0, 0, 2, 4, 2, 4 };
	uint32_t v;

	if (rec->type >= ARRAY_SIZE(sizes))
		return apply_universal(r, rec, e);
	if (rec->type != HEX_DATA && rec->size != sizes[rec->type])
		return err_set(e, "line %zu: a record of type %02x has %u bytes, not %u",
			       r->in->line, rec->type, sizes[rec->type], rec->size);
	if (rec->type == HEX_DATA)
		return add_data(r, rec, e);
	v = big_endian(r->in->bytes, rec->size);
	switch ((enum record_type)rec->type) {
	case HEX_DATA:
		break;
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

static bool read_records(struct record_reader *in, void *context, struct err *e)
{
	const struct hex_source *source = context;
	struct hex_reader r = { .in = in, .img = source->img, .opt = source->opt };

	while (record_next(in)) {
		struct record rec;

		if (r.ended)
			return err_set(e, "line %zu: there is more after the end record", in->line);
		if (!read_record(in, &rec, e) || !apply(&r, &rec, e))
			return false;
	}
	return r.ended || record_cut_off(in, "the end record (:00000001FF)", e);
}

static bool hex_read(struct image *img, const uint8_t *data, size_t size,
		     const struct image_options *opt, struct err *e)
{
	struct hex_source source = { img, opt };

	return record_read_file(img, data, size, read_records, &source, e);
}

/* The first line that is not blank is a sound record. */
static bool hex_probe(const uint8_t *data, size_t size)
{
	uint8_t bytes[256];
	struct record_reader in;
	AUTO_ERR e = ERR_INIT;
	struct record rec;

	record_open(&in, data, size, bytes);
	return record_next(&in) && read_record(&in, &rec, &e);
}

static void hex_select(struct image_options *opt, uint32_t id)
{
	opt->uf2_family = id;
}

static char *put_record(char *to, enum record_type type, uint16_t offset, const uint8_t *data,
			uint8_t size)
{
	uint8_t head[] = { size, (uint8_t)(offset >> 8), (uint8_t)offset, (uint8_t)type };
	uint8_t sum = 0;

	*to++ = ':';
	to = hex_encode(to, head, sizeof(head), &sum);
	to = hex_encode(to, data, size, &sum);
	sum = (uint8_t)-sum;
	to = hex_encode(to, &sum, 1, &(uint8_t){ 0 });
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
	uint32_t upper = UINT32_MAX, entry = opt->has_entry ? opt->entry : img->entry;
	size_t chars = 3 * (HEX_RECORD_CHARS + 8);
	char *to;

	(void)e;
	for (size_t i = 0; i < img->count; i++)
		chars += hex_chars(&img->segments[i]);
	strbuf_reserve(out, chars);
	to = out->buf + out->len;
	for (size_t i = 0; i < img->count; i++)
		to = put_segment(to, &img->segments[i], &upper);
	if (img->has_entry || opt->has_entry)
		to = put_record(to, HEX_START, 0,
				(uint8_t[]){ (uint8_t)(entry >> 24), (uint8_t)(entry >> 16),
					     (uint8_t)(entry >> 8), (uint8_t)entry },
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
	.choices = universal_hex_choices,
	.select = hex_select,
};
