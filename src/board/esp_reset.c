/* SPDX-License-Identifier: MIT
 *
 * Reset sequences as data, and the one question that tells whether the ROM loader listens (SYNC, esptool's protocol).
 */
#include "board/esp_reset.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "os/clock.h"
#include "os/tty.h"

enum { SYNCS = 4, SYNC_MS = 120, WRITE_MS = 500, MAX_HEARD = 4096 };

/* IO0 is low while EN rises; the long wait is for boards with a large capacitor at EN. */
#define TIGHT(ms) "D0R0 D1R1 D0R1 W100 D1R0 W" ms " D0R0"
#define CLASSIC(ms) "D0 R1 W100 D1 R0 W" ms " D0"

static const char *const uart_tries[] = { TIGHT("50"), TIGHT("550"), CLASSIC("50"), CLASSIC("550"),
					  TIGHT("50"), TIGHT("550"), CLASSIC("50"), NULL };
/* Via (1,1) and not (0,0), which the peripheral would take for no reset. */
static const char *const jtag_tries[] = { "R0 D0 W100 D1 R0 W100 R1 D0 R1 W100 D0 R0",
					  "R0 D0 W100 D1 R0 W100 R1 D0 R1 W100 D0 R0", NULL };
static const char *const otg_tries[] = { CLASSIC("50"), NULL };
static const char run[] = "D0R1 W100 R0";

static bool apply(struct stream *s, const char *word, size_t len, int lines[2], struct err *e)
{
	if (*word == 'W') {
		clock_sleep_ms((int)strtol(word + 1, NULL, 10));
		return true;
	}
	for (size_t i = 0; i + 1 < len; i += 2)
		lines[word[i] == 'R'] = word[i + 1] == '1';
	return tty_set_lines(s, lines[0], lines[1], e);
}

bool esp_play(struct stream *s, const char *sequence, struct err *e)
{
	int lines[2] = { 1, 1 }; /* DTR, RTS: as the kernel leaves them when it opens the port */

	while (*(sequence += strspn(sequence, " "))) {
		size_t len = strcspn(sequence, " ");

		if (!apply(s, sequence, len, lines, e))
			return false;
		sequence += len;
	}
	return true;
}

/* The answer to SYNC begins C0 01 08; what the ROM prints at boot may stand before it. */
static bool is_answer(const unsigned char *heard, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++)
		if (heard[i] == 0xc0 && heard[i + 1] == 0x01 && heard[i + 2] == 0x08)
			return true;
	return false;
}

static bool sync_once(struct stream *s, struct err *e)
{
	unsigned char request[46] = { 0xc0, 0, 8, 36, 0, 0, 0, 0, 0, 7, 7, 0x12, 0x20 };
	unsigned char heard[MAX_HEARD];
	int64_t deadline = stream_deadline(SYNC_MS);
	size_t len = 0;

	memset(request + 13, 0x55, 32);
	request[45] = 0xc0;
	if (!stream_write(s, request, sizeof(request), stream_deadline(WRITE_MS), e))
		return false;
	while (len < sizeof(heard)) {
		long n = stream_read(s, heard + len, sizeof(heard) - len, deadline, e);

		if (n <= 0)
			break;
		len += (size_t)n;
		if (is_answer(heard, len))
			return true;
	}
	return false;
}

static bool listens(struct stream *s, struct err *e)
{
	for (int i = 0; i < SYNCS && !s->gone; i++)
		if (sync_once(s, e))
			return true;
	return false;
}

bool esp_enter_loader(struct stream *s, enum esp_line line, struct err *e)
{
	const char *const *tries = line == ESP_UART       ? uart_tries
				   : line == ESP_USB_JTAG ? jtag_tries
							  : otg_tries;

	for (; *tries; tries++) {
		AUTO_ERR ignored = ERR_INIT;

		if (!esp_play(s, *tries, e))
			return false;
		tty_drop_input(s);
		if (listens(s, &ignored) || (s->gone && line == ESP_USB_OTG))
			return true;
		if (s->gone)
			return err_set(e, "%s went away", s->name);
	}
	err_set(e, "no ROM loader answers on %s", s->name);
	return err_hint(e, "hold BOOT, press and let go of RESET (EN), let go of BOOT, then try "
			   "again");
}

bool esp_run(struct stream *s, struct err *e)
{
	return esp_play(s, run, e);
}
