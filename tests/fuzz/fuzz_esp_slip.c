/* SPDX-License-Identifier: MIT
 *
 * Bytes from any serial line. No frame is longer than its buffer or empty, and each is read again when it is sent again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flash/esp_slip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void send_again(const struct slip *s)
{
	AUTO_STRBUF wire = STRBUF_INIT;
	struct slip again = { 0 };
	size_t frames = 0;

	slip_encode(&wire, s->frame, s->len);
	for (size_t i = 0; i < wire.len; i++)
		frames += slip_take(&again, (uint8_t)wire.buf[i]);
	if (frames != 1 || again.len != s->len || memcmp(again.frame, s->frame, s->len) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slip s = { 0 };

	for (size_t i = 0; i < size; i++) {
		if (!slip_take(&s, data[i]))
			continue;
		if (!s.len || s.len > sizeof(s.frame))
			abort();
		send_again(&s);
	}
	return 0;
}
