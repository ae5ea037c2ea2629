/* SPDX-License-Identifier: MIT
 *
 * Packets of GDB's remote serial protocol (GDB manual, appendix E.1): "$data#sum", with escapes and, in answers, run lengths; and what
 * stands between them: acknowledgements and notifications.
 */
#ifndef FLASH_GDB_PACKET_H
#define FLASH_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum {
	GDB_PACKET_MOST =
		256 * 1024, /* bytes of an answer, run lengths counted; longer ones are broken */
	GDB_FRAME = 4,      /* '$', '#' and the sum */
};

/* Appends the packet; what has to be escaped is. */
void gdb_packet_encode(struct strbuf *out, const void *data, size_t len);

/* How many bytes that byte takes in a packet. */
size_t gdb_packet_cost(uint8_t byte);

enum gdb_token {
	GDB_NOTHING, /* more bytes are needed */
	GDB_ACK,
	GDB_NAK,
	GDB_PACKET,       /* its data is in reader->data */
	GDB_NOTIFICATION, /* the same */
	GDB_BROKEN,       /* a packet whose sum, escapes or length are wrong */
};

struct gdb_reader {
	struct strbuf raw;  /* as it came */
	struct strbuf data; /* without escapes and run lengths */
	enum { GDB_OUTSIDE, GDB_INSIDE, GDB_SUM_1, GDB_SUM_2 } state;
	bool notification, too_long;
	uint8_t sum, told;
};

#define GDB_READER_INIT                                  \
	{                                                \
		.raw = STRBUF_INIT, .data = STRBUF_INIT, \
	}
void gdb_reader_free(struct gdb_reader *r);  /* back to GDB_READER_INIT */
void gdb_reader_reset(struct gdb_reader *r); /* forgets a packet that has begun */

/* Takes one byte. Bytes between packets that mean nothing are skipped. */
enum gdb_token gdb_reader_take(struct gdb_reader *r, uint8_t byte);

/* -1: no digit. */
int gdb_hex_digit(char c);
/* Bytes out of pairs of digits; false when there are not exactly `size`. */
bool gdb_hex_decode(const char *text, size_t len, void *out, size_t size);
void gdb_hex_encode(struct strbuf *out, const void *data, size_t size);

#endif
