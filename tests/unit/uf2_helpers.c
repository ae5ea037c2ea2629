/* SPDX-License-Identifier: MIT
 *
 * See uf2_helpers.h.
 */
#include "uf2_helpers.h"

#include "image/le.h"

uint8_t *put_block(struct strbuf *out, uint32_t flags, uint32_t address, uint32_t size,
		   uint32_t number, uint32_t total, uint32_t family)
{
	uint8_t block[BLOCK] = { 0 };

	put_le32(block, 0x0a324655);
	put_le32(block + 4, 0x9e5d5157);
	put_le32(block + 8, flags);
	put_le32(block + 12, address);
	put_le32(block + 16, size);
	put_le32(block + 20, number);
	put_le32(block + 24, total);
	put_le32(block + 28, family);
	for (uint32_t i = 0; i < size && i < 476; i++)
		block[32 + i] = pattern_at(address + i);
	put_le32(block + 508, 0x0ab16f30);
	strbuf_add(out, block, BLOCK);
	return (uint8_t *)out->buf + out->len - BLOCK;
}
