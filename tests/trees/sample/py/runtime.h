/* SPDX-License-Identifier: MIT
 *
 * The 'interpreter': imports, attributes, calls and print(), line by line. No variables, no
 * control flow: enough for a tool that asks a board who it is.
 */
#ifndef PY_RUNTIME_H
#define PY_RUNTIME_H

#include "py/obj.h"

/* Forgets what was imported; for start-up and each soft reset. */
void mp_init(void);

/* Notes an exception of this type about `what` (may be NULL) and returns false. The message is
 * before + what + after. The strings are copied, and cut when they are too long. */
bool mp_raise(const char *type, const char *before, const char *what, size_t what_len,
	      const char *after);

/* Runs a program of len bytes: the whole of it is checked for syntax first. False when it raised;
 * mp_print_exception() then tells. With echo, the value of a bare expression is printed. */
bool mp_exec(const char *src, size_t len, bool echo);

/* Checks one line; false, with a SyntaxError raised, when it cannot be run. */
bool mp_check_line(const char *line, size_t len);

/* Prints the last exception as a traceback that names this file. */
void mp_print_exception(const char *file);

#endif
