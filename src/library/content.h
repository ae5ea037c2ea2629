/* SPDX-License-Identifier: MIT
 *
 * Whether what is in a file is firmware, whole: servers, and users, have other things under a firmware's name.
 */
#ifndef LIBRARY_CONTENT_H
#define LIBRARY_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Whether a file is firmware of its extension, whole as far as its format tells. `port`: what it is for; "": not known. */
bool content_check(const char *path, const char *ext, const char *port, struct err *e);

/* What a web server says instead of a file: "<!DOCTYPE html>", "<html". */
bool content_is_html(const uint8_t *data, size_t size);

/* Whether what ought to be raw bytes is a text: what servers say of errors. */
bool content_is_text(const uint8_t *data, size_t size);

#endif
