/* SPDX-License-Identifier: MIT
 *
 * CRC-32, eight bytes a step ("slicing by 8", Kounavis and Berry 2005): a byte a step would be the dearest part of
 * writing a .dfu.
 */
#include "image/crc.h"

#include "image/le.h"

enum { SLICES = 8 };

/* table[n][b]: what byte b becomes after n more zero bytes. */
static void make_tables(uint32_t table[SLICES][256])
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
		table[0][b] = crc;
	}
	for (int n = 1; n < SLICES; n++)
		for (int b = 0; b < 256; b++)
			table[n][b] = table[n - 1][b] >> 8 ^ table[0][table[n - 1][b] & 0xff];
}

uint32_t dfu_crc(const uint8_t *data, size_t size)
{
	uint32_t t[SLICES][256], crc = 0xffffffff;

	make_tables(t);
	for (; size >= SLICES; data += SLICES, size -= SLICES) {
		uint32_t low = crc ^ get_le32(data), high = get_le32(data + 4);

		crc = t[7][low & 0xff] ^ t[6][low >> 8 & 0xff] ^ t[5][low >> 16 & 0xff] ^
		      t[4][low >> 24] ^ t[3][high & 0xff] ^ t[2][high >> 8 & 0xff] ^
		      t[1][high >> 16 & 0xff] ^ t[0][high >> 24];
	}
	for (; size; data++, size--)
		crc = crc >> 8 ^ t[0][(crc ^ *data) & 0xff];
	return crc;
}

/* Of 252 bytes: not worth a table. */
uint32_t boot2_crc(const uint8_t *data, size_t size)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < size; i++) {
		crc ^= (uint32_t)data[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x80000000 ? crc << 1 ^ 0x04c11db7 : crc << 1;
	}
	return crc;
}
