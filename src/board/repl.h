/* SPDX-License-Identifier: MIT
 *
 * The raw REPL: how a program on the host runs code on a MicroPython board over its serial line. The protocol is
 * MicroPython's (docs/reference/repl.rst); mpremote speaks the same.
 */
#ifndef BOARD_REPL_H
#define BOARD_REPL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "os/stream.h"

struct repl {
	struct stream *stream; /* not owned */
	struct strbuf in;      /* read and not yet used */
	/*
	 * Set by repl_enter: no prompt was there, so a program of the user's was stopped by our Ctrl-C. Polite callers
	 * start it again with repl_soft_reset when they are done.
	 */
	bool was_busy;
	bool no_paste; /* the firmware has no raw paste mode; learnt once */
};

/* `stream` is open and stays the caller's. */
void repl_init(struct repl *r, struct stream *stream);
void repl_free(struct repl *r);

/*
 * Stops what runs and enters the raw REPL. Noise before the answer is passed over; a board that says nothing, or
 * something else, is an error after timeout_ms, with a hint.
 */
bool repl_enter(struct repl *r, int timeout_ms, struct err *e);

/*
 * After a reset: reads until the first prompt, so that what the firmware says at boot is not taken for a program's
 * output. False, and no error, when none came in timeout_ms: a program of the user's runs, or nothing does.
 */
bool repl_wait_prompt(struct repl *r, int timeout_ms);

enum repl_mode {
	/* plain for what fits a board's input buffer, else raw paste where the board has it */
	REPL_AUTO,
	REPL_PLAIN, /* the firmware compiles line by line what it gets; flow by pauses */
	REPL_PASTE, /* flow control by windows; falls back to plain on old firmware */
};

/*
 * Runs a script. Appends what it printed to out and a traceback, if any, to error (both may be NULL: dropped).
 * True when the script ran to its end or raised; false with an error when the board did not answer until
 * timeout_ms, answered garbage, or printed more than 1 MiB.
 */
bool repl_exec(struct repl *r, enum repl_mode mode, const char *script, size_t len,
	       struct strbuf *out, struct strbuf *error, int timeout_ms, struct err *e);

/* Back to the friendly prompt. */
bool repl_leave(struct repl *r, int timeout_ms, struct err *e);

/* At the friendly prompt: a soft reset, which runs the user's program again. True when the board confirms it. */
bool repl_soft_reset(struct repl *r, int timeout_ms, struct err *e);

#endif
