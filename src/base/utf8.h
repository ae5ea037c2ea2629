/* SPDX-License-Identifier: MIT
 *
 * UTF-8 that comes from outside.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* The length of the sequence that the NUL-terminated text starts with, 1 to 4 bytes; 0 when it is no UTF-8. */
size_t utf8_len(const unsigned char *s);

/*
 * Copies the text of up to `size` bytes that ends at a NUL, as far as `room` (at least 1, with the NUL) goes. Control
 * characters and bytes that are no UTF-8 become '?', so that it can be shown on a terminal.
 */
void utf8_printable(char *out, size_t room, const void *text, size_t size);

#endif
