/* SPDX-License-Identifier: MIT
 *
 * CRC-32 as DFU files use it: polynomial 0xEDB88320 (reflected), initial value all ones, no final inversion. And
 * as the RP2040's boot ROM does (CRC-32/MPEG-2): polynomial 0x04C11DB7, not reflected, otherwise the same.
 */
#ifndef IMAGE_CRC_H
#define IMAGE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t dfu_crc(const uint8_t *data, size_t size);
uint32_t boot2_crc(const uint8_t *data, size_t size);

#endif
