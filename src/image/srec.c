/* SPDX-License-Identifier: MIT
 *
 * Motorola SREC: lines `STLL<address><data>CC`, LL the number of bytes that follow, CC the complement of the sum of
 * all bytes before it. Source: srec(5) of Unix systems, Motorola M68000 Family Programmer's Reference Manual, appendix C.
 * Written as objcopy writes it, but for the text of the S0 record: that is the output file's name there.
 */
#include "image/format.h"

#include <inttypes.h>
#include <string.h>

#include "base/xalloc.h"
#include "image/hex_digits.h"
#include "image/record.h"

enum { SREC_LINE = 16, SREC_MAX_BYTES = 255 };

/* Bytes of the address (or of the count) by record type; 0: there is no such type. */
static const uint8_t address_sizes[] = { 2, 2, 3, 4, 0, 2, 3, 4, 3, 2 };

struct record {
	uint8_t type;
	uint8_t size; /* of the data */
	uint32_t address;
};

struct srec_reader {
	struct record_reader *in; /* in->bytes: the bytes of the record that is looked at */
	struct image *img;
	uint32_t records; /* of data */
	bool counted;     /* the last thing was a count, and it was right */
	bool ended;
};

static bool read_head(struct record_reader *in, struct record *rec, uint8_t *sum, struct err *e)
{
	uint8_t head[5];
	size_t width;

	*rec = (struct record){ 0 };
	if ((*in->p != 'S' && *in->p != 's') || in->end - in->p < 2)
		return err_set(e, "line %zu: a record starts with 'S' and a digit", in->line);
	rec->type = (uint8_t)(in->p[1] - '0');
	width = rec->type < ARRAY_SIZE(address_sizes) ? address_sizes[rec->type] : 0;
	if (!width)
		return err_set(e, "line %zu: a record starts with 'S' and a digit other than 4",
			       in->line);
	in->p += 2;
	if (!record_take(in, 1 + width, head, sum))
		return record_damaged(in, e);
	if (head[0] < width + 1)
		return err_set(e, "line %zu: an S%u record has %zu bytes or more, not %u", in->line,
			       rec->type, width + 1, head[0]);
	rec->size = (uint8_t)(head[0] - width - 1);
	for (size_t i = 1; i <= width; i++)
		rec->address = rec->address << 8 | head[i];
	return true;
}

/* Reads a record, checksum and all; its bytes are at in->bytes. */
static bool read_record(struct record_reader *in, struct record *rec, struct err *e)
{
	uint8_t sum = 0, check;

	if (!read_head(in, rec, &sum, e))
		return false;
	/* The checksum is decoded behind the data; the next record overwrites it. */
	if (!record_take(in, rec->size + (size_t)1, in->bytes, &sum))
		return record_damaged(in, e);
	check = in->bytes[rec->size];
	if (sum != 0xff)
		return record_bad_sum(in, check, (uint8_t)(check + 0xff - sum), e);
	return record_end(in, e);
}

/* S5 has 16 bits for a count that may have more; tools then write S6, or what fits. */
static bool check_count(struct srec_reader *r, const struct record *rec, struct err *e)
{
	uint32_t mask = rec->type == 5 ? 0xffff : 0xffffff;

	r->counted = rec->address == (r->records & mask);
	if (r->counted)
		return true;
	err_set(e, "line %zu: %" PRIu32 " records of data came before, not %" PRIu32, r->in->line,
		r->records, rec->address);
	return err_hint(e, "the file is damaged: build or download it again");
}

static bool apply(struct srec_reader *r, const struct record *rec, struct err *e)
{
	if (rec->type >= 5 && rec->size)
		return err_set(e, "line %zu: an S%u record has no data", r->in->line, rec->type);
	switch (rec->type) {
	case 0: /* a text about the file */
		return true;
	case 1:
	case 2:
	case 3:
		r->records++;
		r->counted = false;
		return record_add(r->in, rec->address, rec->size, e);
	case 5:
	case 6:
		return check_count(r, rec, e);
	default:
		r->ended = true;
		/* Who has no start address writes 0. */
		r->img->has_entry = rec->address != 0;
		r->img->entry = rec->address;
		return true;
	}
}

/* A file that ends with a count needs no end record: srec_cat writes none where there is no start address. */
static bool read_records(struct record_reader *in, void *context, struct err *e)
{
	struct srec_reader r = { .in = in, .img = context };

	while (record_next(in)) {
		struct record rec;

		if (r.ended)
			return err_set(e, "line %zu: there is more after the end record", in->line);
		if (!read_record(in, &rec, e) || !apply(&r, &rec, e))
			return false;
	}
	return r.ended || r.counted || record_cut_off(in, "the end record (S7, S8 or S9)", e);
}

static bool srec_read(struct image *img, const uint8_t *data, size_t size,
		      const struct image_options *opt, struct err *e)
{
	(void)opt;
	return record_read_file(img, data, size, read_records, img, e);
}

/* The first line that is not blank is a sound record. */
static bool srec_probe(const uint8_t *data, size_t size)
{
	uint8_t bytes[SREC_MAX_BYTES];
	struct record_reader in;
	AUTO_ERR e = ERR_INIT;
	struct record rec;

	record_open(&in, data, size, bytes);
	return record_next(&in) && read_record(&in, &rec, &e);
}

static char *put_record(char *to, unsigned type, uint32_t address, const void *data, size_t size)
{
	size_t width = address_sizes[type];
	uint8_t head[5] = { (uint8_t)(width + size + 1) };
	uint8_t sum = 0;

	for (size_t i = 0; i < width; i++)
		head[1 + i] = (uint8_t)(address >> 8 * (width - 1 - i));
	*to++ = 'S';
	*to++ = (char)('0' + type);
	to = hex_encode(to, head, 1 + width, &sum);
	to = hex_encode(to, data, size, &sum);
	sum = (uint8_t)~sum;
	to = hex_encode(to, &sum, 1, &(uint8_t){ 0 });
	*to++ = '\r';
	*to++ = '\n';
	return to;
}

/* The type of the data records: that with the shortest addresses in which the highest one fits. */
static unsigned data_type(uint64_t highest)
{
	if (highest <= 0xffff)
		return 1;
	return highest <= 0xffffff ? 2 : 3;
}

enum { SREC_RECORD_CHARS = 16 }; /* what a record has at most besides its data */

static bool srec_write(const struct image *img, struct strbuf *out, const struct image_options *opt,
		       struct err *e)
{
	static const char header[] = "mpflash";
	bool has_entry = opt->has_entry || img->has_entry;
	uint32_t entry = opt->has_entry ? opt->entry : has_entry ? img->entry : 0;
	uint64_t highest = image_end(img) - 1;
	/* An entry above the data would be cut off in S8 and S9 (objcopy does that). */
	unsigned type = data_type(entry > highest ? entry : highest);
	size_t records = 2;
	char *to;

	(void)e;
	for (size_t i = 0; i < img->count; i++)
		records += img->segments[i].size / SREC_LINE + 1;
	strbuf_reserve(out, 2 * (size_t)image_size(img) + records * SREC_RECORD_CHARS + 16);
	to = put_record(out->buf + out->len, 0, 0, header, strlen(header));
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		for (uint32_t done = 0, size; done < s->size; done += size) {
			size = s->size - done < SREC_LINE ? s->size - done : SREC_LINE;
			to = put_record(to, type, s->address + done, s->data + done, size);
		}
	}
	to = put_record(to, 10 - type, entry, NULL, 0);
	*to = '\0';
	out->len = (size_t)(to - out->buf);
	return true;
}

const struct image_format srec_format = {
	.name = "srec",
	.title = "Motorola SREC",
	.probe = srec_probe,
	.read = srec_read,
	.write = srec_write,
};
