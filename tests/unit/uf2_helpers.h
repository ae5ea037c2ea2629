/* SPDX-License-Identifier: MIT
 *
 * What the tests of UF2 share.
 */
#ifndef TESTS_UNIT_UF2_HELPERS_H
#define TESTS_UNIT_UF2_HELPERS_H

#include "base/strbuf.h"
#include "image_helpers.h"

enum { BLOCK = 512, FAMILY_FLAG = 0x2000 };

/*
 * Appends one block by hand; payload bytes are the pattern of their address. The block, until the next one
 * comes.
 */
uint8_t *put_block(struct strbuf *out, uint32_t flags, uint32_t address, uint32_t size,
		   uint32_t number, uint32_t total, uint32_t family);

#endif
