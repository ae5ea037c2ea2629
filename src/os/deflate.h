/* SPDX-License-Identifier: MIT
 *
 * zlib's compression, loaded when it is first needed: ESP boards take their firmware so.
 */
#ifndef OS_DEFLATE_H
#define OS_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"

/* Appends one zlib stream (RFC 1950) that holds the bytes, as small as zlib makes it. */
bool deflate_bytes(const void *data, size_t size, struct strbuf *out, struct err *e);

#endif
