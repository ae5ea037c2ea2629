/* SPDX-License-Identifier: MIT
 *
 * Declarations of string0.c: the bare toolchain brings no C library, hence no <string.h>.
 */
#ifndef SHARED_LIBC_STRING_H
#define SHARED_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dest, const void *restrict src, size_t n);
void *memset(void *dest, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

#endif
