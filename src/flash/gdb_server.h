/* SPDX-License-Identifier: MIT
 *
 * What GDB servers differ in: what they offer, how a target is found and attached, and the commands that halt, reset and run it.
 */
#ifndef FLASH_GDB_SERVER_H
#define FLASH_GDB_SERVER_H

#include "flash/gdb_wire.h"
#include "flash/memory.h"
#include "flash/method.h"

enum gdb_kind {
	GDB_OTHER, /* pyOCD, probe-rs, J-Link: "reset halt" or "reset", and detaching starts the target */
	GDB_BLACK_MAGIC,
	GDB_OPENOCD, /* detaching leaves the target halted */
	GDB_QEMU,
};

struct gdb_server {
	struct gdb_wire wire;
	const struct flash_target *t;
	enum gdb_kind kind;
	bool has_map;       /* qXfer:memory-map:read */
	bool binary_read;   /* x */
	bool binary_write;  /* X */
	bool ends_silently; /* it went away, or is not to be let go of */
};

/*
 * Connects, agrees on how to talk, and attaches to the target, which is halted then. `where` as gdb_wire_open takes it; `black_magic`: that
 * is known to be behind it. The server is zeroed but for `wire` (GDB_WIRE_INIT), and is closed by gdb_server_close also after an
 * error.
 */
bool gdb_server_open(struct gdb_server *s, const struct flash_target *t, const char *where,
		     bool black_magic, struct err *e);
void gdb_server_close(struct gdb_server *s);

/* The map of the target's memory; of a server that has none, flash.base and flash.size of the rules as RAM. */
bool gdb_server_memory(struct gdb_server *s, struct flash_memory *out, struct err *e);

/* Before the first byte is written: the target is reset and halts before its firmware starts, so that nothing of that is in the way. */
bool gdb_server_halt(struct gdb_server *s, struct err *e);

/* The target is reset; it starts when it is let go of. */
bool gdb_server_reset(struct gdb_server *s, struct err *e);
/* Lets go of a target, which runs then. `fresh`: it was reset. */
bool gdb_server_detach(struct gdb_server *s, bool fresh, struct err *e);

#endif
