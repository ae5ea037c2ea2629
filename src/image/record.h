/* SPDX-License-Identifier: MIT
 *
 * What the readers of Intel HEX and Motorola SREC share: a text of records, one a line, all of them hexadecimal digits
 * with a checksum. Lines end with LF, CR LF or a lone CR; the last one need not end. Blank lines and blanks around a record
 * are passed over, and so are a UTF-8 byte order mark at the start (Windows' Notepad saves one) and 0x1a bytes at the
 * end (CP/M's end of a text).
 */
#ifndef IMAGE_RECORD_H
#define IMAGE_RECORD_H

#include "image/part.h"

struct record_reader {
	const uint8_t *text, *end; /* the file */
	const uint8_t *p;          /* what was not read yet */
	size_t line;               /* the line that p is in, from 1 */
	uint8_t *bytes;            /* where the next record's bytes are decoded to */
	bool by_line;              /* each record is a part of its own */
	struct image_parts parts;
};

/*
 * Reads a whole text: `read` takes all records from r->p on. Records that continue each other are one part at first;
 * when parts overlap, `read` is called a second time, from the start and with by_line, so that the error names both
 * lines. `context` is read's own.
 */
bool record_read_file(struct image *img, const uint8_t *text, size_t size,
		      bool (*read)(struct record_reader *r, void *context, struct err *e),
		      void *context, struct err *e);

/* Puts a reader at the start of a text, for looking at its first record; `bytes` has room for it. */
void record_open(struct record_reader *r, const uint8_t *text, size_t size, uint8_t *bytes);

/* Goes to the next record; false at the end of the text. */
bool record_next(struct record_reader *r);

/* Takes `count` bytes of two digits each, into `to`, and adds them to *sum; false, taking none, when they are not there. */
bool record_take(struct record_reader *r, size_t count, uint8_t *to, uint8_t *sum);

/* Adds the `size` bytes at r->bytes; what follows is decoded behind them. */
bool record_add(struct record_reader *r, uint32_t address, size_t size, struct err *e);

/* Nothing but blanks follows the record in its line. */
bool record_end(const struct record_reader *r, struct err *e);

/* Errors, all false: digits are missing at r->p; a wrong checksum; the file ends too early, without `what`. */
bool record_damaged(const struct record_reader *r, struct err *e);
bool record_bad_sum(const struct record_reader *r, uint8_t got, uint8_t want, struct err *e);
bool record_cut_off(const struct record_reader *r, const char *what, struct err *e);

#endif
