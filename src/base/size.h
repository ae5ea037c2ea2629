/* SPDX-License-Identifier: MIT
 *
 * Amounts of bytes, as people write and read them.
 */
#ifndef BASE_SIZE_H
#define BASE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

/* "500M", "2G", "1.5 GB", "64KiB", "1000": k M G T count in thousands, Ki Mi Gi Ti in 1024. False: no such amount. */
bool size_parse(const char *text, uint64_t *out);

/* "512 bytes", "1.4 MB", "5.0 GB" */
void size_text(uint64_t bytes, struct strbuf *out);

#endif
