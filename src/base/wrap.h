/* SPDX-License-Identifier: MIT
 *
 * Text in lines of a width: --help and the man page.
 */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include <stddef.h>

#include "base/strbuf.h"

/*
 * Appends the words of `text`, one blank between two of them, in lines of at most `width` characters; a longer word has a line to
 * itself. `column`: how many characters the last line of `out` has; the next lines begin with `indent` blanks. No newline at
 * the end.
 */
void wrap_add(struct strbuf *out, const char *text, size_t column, size_t indent, size_t width);

/*
 * Appends a line of two columns: `left` behind `margin` blanks, `text` from column `indent` on, below `left` when that is too
 * long. Ends with a newline.
 */
void wrap_row(struct strbuf *out, const char *left, const char *text, size_t margin, size_t indent,
	      size_t width);

#endif
