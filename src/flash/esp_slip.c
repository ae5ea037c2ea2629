/* SPDX-License-Identifier: MIT
 *
 * Framing of the ESP protocol; see esp_slip.h.
 */
#include "flash/esp_slip.h"

static void add_escaped(struct strbuf *out, uint8_t byte)
{
	if (byte == SLIP_END || byte == SLIP_ESC) {
		strbuf_addch(out, (char)SLIP_ESC);
		byte = byte == SLIP_END ? SLIP_ESC_END : SLIP_ESC_ESC;
	}
	strbuf_addch(out, (char)byte);
}

void slip_encode(struct strbuf *out, const void *data, size_t len)
{
	const uint8_t *p = data;

	strbuf_reserve(out, len + len / 16 + 2);
	strbuf_addch(out, (char)SLIP_END);
	for (size_t i = 0; i < len; i++)
		add_escaped(out, p[i]);
	strbuf_addch(out, (char)SLIP_END);
}

static bool end_frame(struct slip *s)
{
	bool good = s->len && !s->bad && !s->escaped;

	s->whole = true;
	return good;
}

bool slip_take(struct slip *s, uint8_t byte)
{
	if (s->whole) {
		s->len = 0;
		s->escaped = s->bad = s->whole = false;
	}
	if (byte == SLIP_END)
		return end_frame(s);
	if (byte == SLIP_ESC && !s->escaped) {
		s->escaped = true;
		return false;
	}
	if (s->escaped) {
		s->bad |= byte != SLIP_ESC_END && byte != SLIP_ESC_ESC;
		byte = byte == SLIP_ESC_END ? SLIP_END : SLIP_ESC;
		s->escaped = false;
	}
	if (s->len == sizeof(s->frame))
		s->bad = true;
	else
		s->frame[s->len++] = byte;
	return false;
}
