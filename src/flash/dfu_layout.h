/* SPDX-License-Identifier: MIT
 *
 * Layouts: how a DfuSe bootloader describes a memory, in the name of an alternate setting (UM0424, 10.3.2):
 * "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg".
 */
#ifndef FLASH_DFU_LAYOUT_H
#define FLASH_DFU_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "flash/memory.h"

enum { DFU_LAYOUT_ZONES = 64, DFU_LAYOUT_NAME = 64 };

struct dfu_layout {
	char name[DFU_LAYOUT_NAME]; /* "Internal Flash" */
	struct memory_zone zones
		[DFU_LAYOUT_ZONES]; /* start, sector, count and access are set, in the order of the text */
	size_t count;
};

/* Comes from the device, so that it may be anything; the error shows it. Zones have bytes and end within 32 bits. */
bool dfu_layout_parse(const char *text, struct dfu_layout *out, struct err *e);

#endif
