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
	int64_t asked_ms; /* when repl_ask asked last, and when the board said something last (clock_ms) */
	int64_t heard_ms;
	int asked; /* how often, since the board answered last */
	/*
	 * Set by repl_enter: no prompt was there, so a program of the user's was stopped by our Ctrl-C. Polite callers
	 * start it again with repl_soft_reset when they are done.
	 */
	bool was_busy;
	bool no_paste; /* the firmware has no raw paste mode; learnt once */
	/* Set when the firmware started anew in the middle of an answer; `in` has what it said then. */
	bool restarted;
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
 * One attempt of that: asks and waits for wait_ms. REPL_NO_ANSWER is no error; all that was said so far, since repl_init, is in
 * `in`, and asking again goes on from there. REPL_FAILED: the stream failed, or the board said more than 1 MiB without a prompt.
 */
enum repl_asked { REPL_ENTERED, REPL_NO_ANSWER, REPL_FAILED };
enum repl_asked repl_ask(struct repl *r, int wait_ms, struct err *e);

/*
 * Where firmware says that it starts: an ESP's boot ROM, the watchdog, MicroPython's own first lines. What starts in the middle
 * of an answer was reset. NULL: nowhere in these bytes.
 */
const char *repl_find_restart(const char *said, size_t len);

/* What the board said last, as printable text for a message; at most 80 bytes. */
void repl_tail(const struct repl *r, struct strbuf *out);

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

/* Appends a traceback's last line, "OSError: 28", as printable text of at most 120 bytes. */
void repl_add_reason(const struct strbuf *traceback, struct strbuf *out);

/* Back to the friendly prompt. */
bool repl_leave(struct repl *r, int timeout_ms, struct err *e);

/* At the friendly prompt: a soft reset, which runs the user's program again. True when the board confirms it. */
bool repl_soft_reset(struct repl *r, int timeout_ms, struct err *e);

#endif
