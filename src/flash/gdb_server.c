/* SPDX-License-Identifier: MIT
 *
 * From a place to a halted target, and back. Commands are those of the servers' own documentation: OpenOCD User's Guide 20 ("GDB and
 * OpenOCD"), Black Magic Debug's "Usage", QEMU's "GDB usage", pyOCD's "Remote monitor commands".
 */
#include "flash/gdb_server.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "flash/gdb_map.h"

enum { MAP_MOST = 256 * 1024, PACKET_MOST = 64 * 1024, PACKET_LEAST = 64, SHOWN = 200 };

/* --- what it offers ------------------------------------------------------------------------------------------- */

static void take_feature(struct gdb_server *s, const char *word, bool *quiet)
{
	if (strncmp(word, "PacketSize=", 11) == 0) {
		unsigned long size = strtoul(word + 11, NULL, 16);

		if (size >= PACKET_LEAST)
			s->wire.packet_size = size < PACKET_MOST ? size : PACKET_MOST;
	} else if (strcmp(word, "qXfer:memory-map:read+") == 0) {
		s->has_map = true;
	} else if (strcmp(word, "QStartNoAckMode+") == 0) {
		*quiet = true;
	} else if (strcmp(word, "binary-upload+") == 0) {
		s->binary_read = true;
	}
}

static bool ask_features(struct gdb_server *s, struct err *e)
{
	AUTO_FREE char *words = NULL;
	char *save = NULL;
	bool quiet = false;

	/* An acknowledgement of whatever a former client left unacknowledged; GDB begins so, too. */
	if (!stream_write(&s->wire.stream, "+", 1, stream_deadline(GDB_MS), e) ||
	    !gdb_wire_ask(&s->wire, 0, e, "qSupported"))
		return false;
	words = xstrdup(gdb_wire_answer(&s->wire));
	for (char *word = strtok_r(words, ";", &save); word; word = strtok_r(NULL, ";", &save))
		take_feature(s, word, &quiet);
	if (!quiet)
		return true;
	if (!gdb_wire_ask(&s->wire, 0, e, "QStartNoAckMode"))
		return false;
	s->wire.no_ack = gdb_wire_is_ok(&s->wire);
	return true;
}

/* --- which it is ---------------------------------------------------------------------------------------------- */

static bool ask_kind(struct gdb_server *s, struct err *e)
{
	bool done;

	if (s->kind == GDB_BLACK_MAGIC)
		return true;
	if (!gdb_wire_ask(&s->wire, 0, e, "qqemu.sstepbits"))
		return false;
	if (strncmp(gdb_wire_answer(&s->wire), "ENABLE=", 7) == 0) {
		s->kind = GDB_QEMU;
		return true;
	}
	if (!gdb_wire_monitor(&s->wire, "version", &done, e))
		return false;
	if (strstr(s->wire.console.buf, "Open On-Chip Debugger"))
		s->kind = GDB_OPENOCD;
	else if (strstr(s->wire.console.buf, "Black Magic"))
		s->kind = GDB_BLACK_MAGIC;
	return true;
}

/* --- the target ----------------------------------------------------------------------------------------------- */

static bool scan(struct gdb_server *s, struct err *e)
{
	/* The second is what it was called up to version 1.8. */
	static const char *const words[] = { "swd_scan", "swdp_scan", NULL };
	const char *own = flash_target_get(s->t, "gdb.scan");
	bool done = false;

	if (own) {
		if (!gdb_wire_monitor(&s->wire, own, &done, e))
			return false;
	} else {
		for (size_t i = 0; words[i] && !done; i++)
			if (!gdb_wire_monitor(&s->wire, words[i], &done, e))
				return false;
	}
	if (done)
		return true;
	gdb_wire_refused(&s->wire, e, "looking for a target");
	return err_hint(e, "is the board connected to the probe, and powered? "
			   "`gdb.scan` in its rules names another command");
}

static bool attach(struct gdb_server *s, struct err *e)
{
	AUTO_STRBUF packet = STRBUF_INIT;
	uint64_t number = 1;
	bool set;

	if (!flash_target_number(s->t, "gdb.target", &set, &number, e) || !scan(s, e))
		return false;
	strbuf_addf(&packet, "vAttach;%" PRIx64, set ? number : 1);
	if (!gdb_wire_send(
		    &s->wire,
		    &(struct gdb_request){ .data = packet.buf, .len = packet.len, .stop = true },
		    e))
		return false;
	if (gdb_wire_is_stop(&s->wire))
		return true;
	gdb_wire_refused(&s->wire, e, "attaching to target %" PRIu64, set ? number : 1);
	return err_hint(e, "is the board connected to the probe, and powered?");
}

/* Servers with one target have it halted when somebody connects; Black Magic has none until it is told to look. */
static bool have_target(struct gdb_server *s, struct err *e)
{
	if (!gdb_wire_send(&s->wire, &(struct gdb_request){ .data = "?", .len = 1, .stop = true },
			   e))
		return false;
	if (gdb_wire_is_stop(&s->wire) && s->kind != GDB_BLACK_MAGIC)
		return true;
	if (s->kind == GDB_BLACK_MAGIC)
		return attach(s, e);
	if (gdb_wire_is_unknown(&s->wire))
		gdb_wire_refused(&s->wire, e, "asking for its target");
	else
		err_set(e, "%s has no target (it says '%s')", s->wire.stream.name,
			gdb_wire_answer(&s->wire));
	return err_hint(e, "what the server prints may say why; is the board powered?");
}

bool gdb_server_open(struct gdb_server *s, const struct flash_target *t, const char *where,
		     bool black_magic, struct err *e)
{
	s->t = t;
	s->kind = black_magic ? GDB_BLACK_MAGIC : GDB_OTHER;
	s->ends_silently = true;
	if (!gdb_wire_open(&s->wire, where, e) || !ask_features(s, e) || !ask_kind(s, e) ||
	    !have_target(s, e))
		return false;
	s->ends_silently = false;
	if (!gdb_wire_ask(&s->wire, 0, e, "X0,0:"))
		return false;
	s->binary_write = gdb_wire_is_ok(&s->wire);
	return true;
}

void gdb_server_close(struct gdb_server *s)
{
	gdb_wire_close(&s->wire);
}

/* --- memory --------------------------------------------------------------------------------------------------- */

/* In pieces: 'm' and there is more, 'l' and it was the last. */
static bool fetch_map(struct gdb_server *s, struct strbuf *out, struct err *e)
{
	size_t piece = s->wire.packet_size / 2; /* a server may count escapes, or not */

	for (;;) {
		const struct strbuf *d = &s->wire.reader.data;

		if (!gdb_wire_ask(&s->wire, 0, e, "qXfer:memory-map:read::%zx,%zx", out->len,
				  piece))
			return false;
		if (gdb_wire_is_error(&s->wire) || !d->len || (*d->buf != 'm' && *d->buf != 'l'))
			return gdb_wire_refused(&s->wire, e, "asking for the memory map");
		strbuf_add(out, d->buf + 1, d->len - 1);
		if (*d->buf == 'l')
			return true;
		if (d->len == 1 || out->len > MAP_MOST)
			return err_set(e, "the memory map of %s has no end", s->wire.stream.name);
	}
}

static bool memory_by_rules(const struct gdb_server *s, struct flash_memory *out, struct err *e)
{
	uint64_t base, size;
	bool has_base, has_size;

	if (!flash_target_number(s->t, "flash.base", &has_base, &base, e) ||
	    !flash_target_number(s->t, "flash.size", &has_size, &size, e))
		return false;
	if (has_base && has_size && size)
		return gdb_map_add_ram(out, base, size, e);
	err_set(e, "%s does not say what memory its target has", s->wire.stream.name);
	return err_hint(e, "set flash.base and flash.size in the board's rules, or make the server "
			   "tell (OpenOCD: gdb_memory_map enable, gdb_flash_program enable)");
}

bool gdb_server_memory(struct gdb_server *s, struct flash_memory *out, struct err *e)
{
	AUTO_STRBUF map = STRBUF_INIT;

	if (!s->has_map)
		return memory_by_rules(s, out, e);
	return fetch_map(s, &map, e) && gdb_map_read(map.buf, map.len, out, e);
}

/* --- halt, reset, run ----------------------------------------------------------------------------------------- */

static bool monitor(struct gdb_server *s, const char *command, struct err *e)
{
	bool done;

	if (!gdb_wire_monitor(&s->wire, command, &done, e))
		return false;
	return done || gdb_wire_refused(&s->wire, e, "monitor %s", command);
}

/* The first of the two that the server knows. */
static bool monitor_either(struct gdb_server *s, const char *first, const char *second,
			   struct err *e)
{
	bool done;

	if (!gdb_wire_monitor(&s->wire, first, &done, e))
		return false;
	return done || monitor(s, second, e);
}

bool gdb_server_halt(struct gdb_server *s, struct err *e)
{
	const char *own = flash_target_get(s->t, "gdb.halt");

	if (own)
		return monitor(s, own, e);
	switch (s->kind) {
	case GDB_OPENOCD:
		return monitor(s, "reset halt", e);
	case GDB_OTHER:
		return monitor_either(s, "reset halt", "reset", e);
	default:
		return true; /* it was halted by attaching */
	}
}

bool gdb_server_reset(struct gdb_server *s, struct err *e)
{
	const char *own = flash_target_get(s->t, "gdb.run");

	if (own)
		return monitor(s, own, e);
	switch (s->kind) {
	case GDB_OPENOCD:
		return monitor(s, "reset run", e);
	case GDB_QEMU:
		return monitor(s, "system_reset", e);
	case GDB_BLACK_MAGIC:
		return gdb_wire_tell(&s->wire, "R00", e); /* has no answer */
	default:
		return monitor_either(s, "reset", "reset halt", e);
	}
}

bool gdb_server_detach(struct gdb_server *s, bool fresh, struct err *e)
{
	AUTO_ERR ignored = ERR_INIT;
	bool done;

	if (s->kind == GDB_OPENOCD && !fresh &&
	    !gdb_wire_monitor(&s->wire, "resume", &done, &ignored))
		return false;
	if (!gdb_wire_ask(&s->wire, GDB_LONG_MS, e, "D"))
		return s->wire.stream.gone; /* hung up: it has let go */
	/* QEMU wants the process named when an earlier client was one that names them. */
	if (gdb_wire_is_error(&s->wire) && !gdb_wire_ask(&s->wire, GDB_LONG_MS, e, "D;1"))
		return s->wire.stream.gone;
	return gdb_wire_is_ok(&s->wire) ||
	       gdb_wire_refused(&s->wire, e, "letting go of the target");
}
