/* SPDX-License-Identifier: MIT
 *
 * The user's own terminal, key by key. However the program ends (also by a signal), the terminal is left as it was.
 */
#ifndef OS_TERMINAL_H
#define OS_TERMINAL_H

#include <stdbool.h>

#include "base/err.h"
#include "os/stream.h"

/* Keys come from standard input, pictures go to standard error: both are terminals, and no dumb ones. */
bool terminal_is_there(void);

/* How large the terminal of standard error is; 80 and 24 when it does not say. */
void terminal_size(int *columns, int *rows);

/*
 * Keys are not echoed, not edited and raise no signals from here to terminal_end; not to be nested. `farewell` (static; NULL: nothing)
 * is written when the terminal is given back, in whatever way.
 */
bool terminal_begin(const char *farewell, struct err *e);
void terminal_end(void);

enum terminal_key {
	KEY_TEXT, /* one character, in text */
	KEY_UP,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_ENTER,
	KEY_BACKSPACE,
	KEY_ESCAPE,
	KEY_INTERRUPT, /* Ctrl-C, Ctrl-D */
	KEY_CLEAR,     /* Ctrl-U */
	KEY_REDRAW,    /* the terminal has another size, or was away: draw again */
	KEY_OTHER,
	KEY_GONE, /* the terminal was closed */
};

/*
 * A line that the user types, without its end, cut to `size`; not between terminal_begin and terminal_end. False when the input
 * ended, or the user interrupted.
 */
bool terminal_line(char *buf, size_t size);

/* Waits for the next key. text (KEY_TEXT): UTF-8 of it, NUL-terminated. */
enum terminal_key terminal_key(char text[5]);

/* --- as a pipe ------------------------------------------------------------------------------------------------ */

/*
 * Waits until standard input has bytes (`input`), or the stream has, or it is closed: what there is of TERMINAL_INPUT and
 * TERMINAL_STREAM; 0 after timeout_ms, or after a signal.
 */
enum { TERMINAL_INPUT = 1, TERMINAL_STREAM = 2 };
int terminal_wait(bool input, const struct stream *s, int timeout_ms);

/* What standard input has; 0 at its end. To be called when terminal_wait said so. */
long terminal_read(char *buf, size_t size);

/* All of it to standard output; what nobody reads any more is dropped. */
void terminal_write(const char *data, size_t len);

#endif
