/* SPDX-License-Identifier: MIT
 *
 * Bytes as pairs of hexadecimal digits, many at a time: Intel HEX and Motorola SREC files hold hardly anything else.
 */
#ifndef IMAGE_HEX_DIGITS_H
#define IMAGE_HEX_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes 2 * count digits, upper or lower case, into `count` bytes and adds these to *sum, modulo 256. False when one
 * of the characters is not a digit; `to` and *sum are then of no use. Reads and writes nothing beyond.
 */
bool hex_decode(const uint8_t *text, size_t count, uint8_t *to, uint8_t *sum);

/* Writes 2 * count digits, upper case, no NUL, and adds the bytes to *sum. Gives the place behind the last digit. */
char *hex_encode(char *to, const uint8_t *data, size_t count, uint8_t *sum);

/* The same for any machine: what hex_decode and hex_encode use where they know nothing faster. */
bool hex_decode_portable(const uint8_t *text, size_t count, uint8_t *to, uint8_t *sum);
char *hex_encode_portable(char *to, const uint8_t *data, size_t count, uint8_t *sum);

bool hex_is_digit(uint8_t c);

#endif
