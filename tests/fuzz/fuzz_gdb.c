/* SPDX-License-Identifier: MIT
 *
 * What a GDB server may send: packets as they come, and a memory map. Data that was packed is unpacked as the same; a map's zones are
 * sound.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "flash/gdb_map.h"
#include "flash/gdb_packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void read_stream(const uint8_t *data, size_t size)
{
	struct gdb_reader r = GDB_READER_INIT;

	for (size_t i = 0; i < size; i++)
		if (gdb_reader_take(&r, data[i]) == GDB_PACKET)
			must(r.data.len <= GDB_PACKET_MOST);
	gdb_reader_free(&r);
}

static void pack_and_unpack(const uint8_t *data, size_t size)
{
	struct gdb_reader r = GDB_READER_INIT;
	AUTO_STRBUF packet = STRBUF_INIT;
	size_t cost = GDB_FRAME;

	for (size_t i = 0; i < size; i++)
		cost += gdb_packet_cost(data[i]);
	gdb_packet_encode(&packet, data, size);
	must(packet.len == cost);
	for (size_t i = 0; i + 1 < packet.len; i++)
		must(gdb_reader_take(&r, (uint8_t)packet.buf[i]) == GDB_NOTHING);
	must(gdb_reader_take(&r, (uint8_t)packet.buf[packet.len - 1]) == GDB_PACKET);
	must(r.data.len == size && memcmp(r.data.buf, data, size) == 0);
	gdb_reader_free(&r);
}

static void read_map(const uint8_t *data, size_t size)
{
	AUTO_FLASH_MEMORY memory = FLASH_MEMORY_INIT;
	AUTO_ERR e = ERR_INIT;

	if (!gdb_map_read((const char *)data, size, &memory, &e)) {
		must(e.msg != NULL);
		return;
	}
	must(memory.count > 0);
	for (size_t i = 0; i < memory.count; i++)
		must(memory.zones[i].sector && memory.zones[i].count &&
		     (!i || memory_zone_end(&memory.zones[i - 1]) <= memory.zones[i].start));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_stream(data, size);
	if (size < GDB_PACKET_MOST)
		pack_and_unpack(data, size);
	read_map(data, size);
	return 0;
}
