/* SPDX-License-Identifier: MIT
 *
 * Packets, byte by byte: a line that loses or garbles bytes costs a packet, never what follows it.
 */
#include "flash/gdb_packet.h"

enum {
	ESCAPE = '}',
	ESCAPE_XOR = 0x20,
	RUN = '*',
	RUN_BIAS =
		29, /* a count is sent as a printable character: this much more than how often the byte is repeated */
};

/* '*' means nothing in what a client sends, but a server may read it with the code that it reads answers with. */
static bool is_special(uint8_t byte)
{
	return byte == '$' || byte == '#' || byte == ESCAPE || byte == RUN;
}

size_t gdb_packet_cost(uint8_t byte)
{
	return is_special(byte) ? 2 : 1;
}

void gdb_packet_encode(struct strbuf *out, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;
	size_t start;
	uint8_t sum = 0;

	strbuf_reserve(out, len + GDB_FRAME);
	strbuf_addch(out, '$');
	start = out->len;
	for (size_t i = 0; i < len; i++) {
		if (is_special(p[i]))
			strbuf_addch(out, ESCAPE);
		strbuf_addch(out, (char)(is_special(p[i]) ? p[i] ^ ESCAPE_XOR : p[i]));
	}
	for (size_t i = start; i < out->len; i++)
		sum = (uint8_t)(sum + (uint8_t)out->buf[i]);
	strbuf_addch(out, '#');
	strbuf_addch(out, digits[sum >> 4]);
	strbuf_addch(out, digits[sum & 15]);
}

/* --- reading -------------------------------------------------------------------------------------------------- */

void gdb_reader_free(struct gdb_reader *r)
{
	strbuf_free(&r->raw);
	strbuf_free(&r->data);
	*r = (struct gdb_reader)GDB_READER_INIT;
}

void gdb_reader_reset(struct gdb_reader *r)
{
	r->state = GDB_OUTSIDE;
}

static bool add_run(struct strbuf *data, uint8_t count)
{
	char last;

	if (!data->len || count <= RUN_BIAS)
		return false;
	last = data->buf[data->len - 1];
	for (int i = count - RUN_BIAS; i > 0; i--)
		strbuf_addch(data, last);
	return data->len <= GDB_PACKET_MOST;
}

static bool decode(struct gdb_reader *r)
{
	const struct strbuf *raw = &r->raw;

	strbuf_reset(&r->data);
	for (size_t i = 0; i < raw->len; i++) {
		char c = raw->buf[i];

		if (c != ESCAPE && c != RUN) {
			strbuf_addch(&r->data, c);
			continue;
		}
		if (++i == raw->len)
			return false;
		if (c == ESCAPE)
			strbuf_addch(&r->data, (char)(raw->buf[i] ^ ESCAPE_XOR));
		else if (!add_run(&r->data, (uint8_t)raw->buf[i]))
			return false;
	}
	return true;
}

static void begin(struct gdb_reader *r, bool notification)
{
	strbuf_reset(&r->raw);
	r->state = GDB_INSIDE;
	r->notification = notification;
	r->too_long = false;
	r->sum = 0;
}

static enum gdb_token outside(struct gdb_reader *r, uint8_t byte)
{
	switch (byte) {
	case '+':
		return GDB_ACK;
	case '-':
		return GDB_NAK;
	case '$':
	case '%':
		begin(r, byte == '%');
		return GDB_NOTHING;
	default:
		return GDB_NOTHING;
	}
}

/* A '$' inside is the beginning of a packet whose forerunner has lost its end. */
static enum gdb_token inside(struct gdb_reader *r, uint8_t byte)
{
	if (byte == '$') {
		begin(r, false);
		return GDB_NOTHING;
	}
	if (byte == '#') {
		r->state = GDB_SUM_1;
		return GDB_NOTHING;
	}
	r->sum = (uint8_t)(r->sum + byte);
	r->too_long = r->too_long || r->raw.len >= GDB_PACKET_MOST;
	if (!r->too_long)
		strbuf_addch(&r->raw, (char)byte);
	return GDB_NOTHING;
}

static enum gdb_token end(struct gdb_reader *r, uint8_t byte)
{
	int high = gdb_hex_digit((char)r->told), low = gdb_hex_digit((char)byte);

	r->state = GDB_OUTSIDE;
	if (high < 0 || low < 0 || high * 16 + low != r->sum || r->too_long || !decode(r))
		return r->notification ? GDB_NOTHING : GDB_BROKEN;
	return r->notification ? GDB_NOTIFICATION : GDB_PACKET;
}

enum gdb_token gdb_reader_take(struct gdb_reader *r, uint8_t byte)
{
	switch (r->state) {
	case GDB_INSIDE:
		return inside(r, byte);
	case GDB_SUM_1:
		r->told = byte;
		r->state = GDB_SUM_2;
		return GDB_NOTHING;
	case GDB_SUM_2:
		return end(r, byte);
	default:
		return outside(r, byte);
	}
}

/* --- digits --------------------------------------------------------------------------------------------------- */

int gdb_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool gdb_hex_decode(const char *text, size_t len, void *out, size_t size)
{
	uint8_t *to = out;

	if (len != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = gdb_hex_digit(text[2 * i]), low = gdb_hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

void gdb_hex_encode(struct strbuf *out, const void *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	strbuf_reserve(out, 2 * size);
	for (size_t i = 0; i < size; i++) {
		strbuf_addch(out, digits[p[i] >> 4]);
		strbuf_addch(out, digits[p[i] & 15]);
	}
}
