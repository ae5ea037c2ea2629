/* SPDX-License-Identifier: MIT
 *
 * Markdown as plain text for a terminal: what people need of the notes in a source tree, no more.
 */
#ifndef BASE_MARKDOWN_H
#define BASE_MARKDOWN_H

#include <stddef.h>

#include "base/strbuf.h"

/*
 * Appends the text, each line at most `columns` wide (a longer word stands alone; 20 at least): paragraphs and list items are
 * filled, headings stand alone, "[text](url)" becomes "text (url)", "**" goes; code and tables stay as they are, whatever
 * their width. Control characters are dropped, bytes that are no UTF-8 become '?'. Ends with a newline, unless there is nothing.
 */
void markdown_text(const char *text, size_t len, int columns, struct strbuf *out);

#endif
