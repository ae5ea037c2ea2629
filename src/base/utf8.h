/* SPDX-License-Identifier: MIT
 *
 * UTF-8 that comes from outside.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>

/* The length of the sequence that the NUL-terminated text starts with, 1 to 4 bytes; 0 when it is no UTF-8. */
size_t utf8_len(const unsigned char *s);

/* How many columns of a terminal the sequence takes that the NUL-terminated text starts with: 0 (it joins what is before), 1 or 2. */
size_t utf8_columns(const unsigned char *s);

/*
 * Copies the text of up to `size` bytes that ends at a NUL, as far as `room` (at least 1, with the NUL) goes. Control
 * characters, bytes that are no UTF-8 and characters that turn the direction of a line or end it become '?', so that it can be shown
 * on a terminal and is there what it is.
 */
void utf8_printable(char *out, size_t room, const void *text, size_t size);

#endif
