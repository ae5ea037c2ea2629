/* SPDX-License-Identifier: MIT
 *
 * Frames on a serial line (RFC 1055, as Espressif's loaders use it): a delimiter on both sides, two escapes inside.
 */
#ifndef FLASH_ESP_SLIP_H
#define FLASH_ESP_SLIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"

enum { SLIP_END = 0xc0, SLIP_ESC = 0xdb, SLIP_ESC_END = 0xdc, SLIP_ESC_ESC = 0xdd };

/* Appends the frame. */
void slip_encode(struct strbuf *out, const void *data, size_t len);

/*
 * Frames out of bytes as they come. What stands between two delimiters is one, whichever of them was meant as the first: a lost
 * or false delimiter costs one frame, and what a chip prints at boot is a frame that nobody wants.
 */
struct slip {
	uint8_t frame[256]; /* no answer of a ROM is longer; longer ones are dropped */
	size_t len;
	bool escaped, bad;
	bool whole; /* a frame was given out: the next byte begins another */
};

/* True when that byte ended a frame (never an empty one): it is in frame[0..len) until the next call. Zeroed: begins. */
bool slip_take(struct slip *s, uint8_t byte);

#endif
