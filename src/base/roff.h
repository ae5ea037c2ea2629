/* SPDX-License-Identifier: MIT
 *
 * Plain text as the source of a manual page (mdoc(7)): nothing in it is taken for a request or a macro.
 */
#ifndef BASE_ROFF_H
#define BASE_ROFF_H

#include <stddef.h>

#include "base/strbuf.h"

/*
 * Appends text that is filled, a sentence a line, `...` in bold and without its backquotes; ends with a newline, unless there is no
 * word.
 */
void roff_text(struct strbuf *out, const char *text);

/* Appends `len` bytes as they are, as a line of a literal display. */
void roff_line(struct strbuf *out, const char *line, size_t len);

/* Appends a blank and the text as one argument of a macro. */
void roff_arg(struct strbuf *out, const char *text);

#endif
