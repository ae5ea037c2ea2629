/* SPDX-License-Identifier: MIT
 *
 * Asking boards what they run: all at once, one child process a port, so that a port whose driver hangs cannot stop the others.
 * Asking is a Ctrl-C and the raw REPL; a program that was running is started again.
 */
#ifndef BOARD_PROBE_H
#define BOARD_PROBE_H

#include <stdbool.h>

#include "base/err.h"
#include "board/device.h"

enum { PROBE_SILENT_MS = 1900 };

enum probe_after {
	PROBE_RESTORE, /* a program that was stopped is started again, by a soft reset */
	PROBE_LEAVE,   /* nothing: a program that was stopped stays so */
	PROBE_RESET,   /* whatever answered is reset: machine.reset() */
};

struct probe_options {
	enum probe_after after;
	int silent_ms; /* after which a port that says nothing is given up; 0: PROBE_SILENT_MS */
	/*
	 * Asks a device with an emulator (flash/emulated.h: emulated_ask), in a process of its own: what it writes into the record
	 * and the list's arena is carried over. NULL: those are not asked.
	 */
	void (*ask_emulated)(struct devices *list, struct device *d);
	/* Which of them to ask; NULL: all. */
	bool (*wanted)(void *ctx, const struct device *d);
	void *wanted_ctx;
};

/*
 * Asks every device that has a port and is DEVICE_NOT_ASKED: sets state, why, hint, identity, interrupted and methods. Takes
 * as long as the slowest one; a silent port silent_ms, one whose driver hangs half a second more. False only when no process can
 * be made, or the user interrupted: then those that are being asked are waited for first, so that no board stays stopped.
 */
bool probe_all(struct devices *list, const struct probe_options *o, struct err *e);

/*
 * One device, in this process. What probe_all's children do. `alive` (may be NULL) is called when it will take longer than for a silent
 * port: it says something, a prompt was reached, or another mpflash that asks it is waited for.
 */
void probe_port(struct devices *list, struct device *d, const struct probe_options *o,
		void (*alive)(void *ctx), void *ctx);

/* What bytes that came instead of a prompt say about a board. */
enum device_state probe_judge(const char *said, size_t len, bool unasked);

#endif
