/* SPDX-License-Identifier: MIT
 *
 * CRC-32 as DFU files use it: polynomial 0xEDB88320 (reflected), initial value all ones, no final inversion.
 */
#ifndef IMAGE_CRC_H
#define IMAGE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t dfu_crc(const uint8_t *data, size_t size);

#endif
