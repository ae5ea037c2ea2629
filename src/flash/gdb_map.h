/* SPDX-License-Identifier: MIT
 *
 * The memory map of a GDB server (GDB manual, "Memory Map Format"): an XML document of a few lines, from whatever answers on a port.
 * The reader takes elements and attributes, and nothing that such a document has no need of.
 */
#ifndef FLASH_GDB_MAP_H
#define FLASH_GDB_MAP_H

#include <stddef.h>

#include "flash/memory.h"

enum { GDB_MAP_REGIONS = 256, GDB_MAP_RAM_SECTOR = 4096 };

/*
 * Adds the flash of the map as zones; where it has none at all, its RAM. (What servers call RAM beside flash is often all the rest of the
 * address space, registers too.) `out` is FLASH_MEMORY_INIT. An error says what is wrong with the map.
 */
bool gdb_map_read(const char *text, size_t len, struct flash_memory *out, struct err *e);

/* A zone of RAM, or of a part of one that is no multiple of its sectors. */
bool gdb_map_add_ram(struct flash_memory *out, uint64_t start, uint64_t size, struct err *e);

#endif
