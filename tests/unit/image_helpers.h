/* SPDX-License-Identifier: MIT
 *
 * What the tests of the image formats share. Each function fails the running test when something is off.
 */
#ifndef TESTS_UNIT_IMAGE_HELPERS_H
#define TESTS_UNIT_IMAGE_HELPERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image/image.h"

extern const struct image_options no_options;

const struct image_format *format_named(const char *name);

/* Adds `size` bytes of a pattern that tells addresses apart. */
void add_pattern(struct image *img, uint32_t address, size_t size);
uint8_t pattern_at(uint32_t address);

void read_image(struct image *img, const char *format, const void *data, size_t size,
		const struct image_options *opt);
void write_image(const struct image *img, const char *format, struct strbuf *out,
		 const struct image_options *opt);

/* The read fails, and the message and the hint (unless NULL) contain these words. */
void assert_unreadable(const char *format, const void *data, size_t size,
		       const struct image_options *opt, const char *message, const char *hint);
void assert_unwritable(const struct image *img, const char *format, const struct image_options *opt,
		       const char *message, const char *hint);

void assert_contains(const char *text, const char *words);
void assert_segment(const struct image *img, size_t i, uint32_t address, uint32_t size);
void assert_same_digest(const struct image *a, const struct image *b);
void assert_same_segments(const struct image *a, const struct image *b);

/* A whole file, owned by the caller. */
void slurp(const char *path, struct strbuf *out);

#endif
