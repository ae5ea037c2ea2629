/* SPDX-License-Identifier: MIT
 *
 * The driver of GDB servers, and the method made of it.
 *
 * A write erases: servers differ in when they erase (OpenOCD at vFlashErase, pyOCD and others at vFlashDone, and then only what they
 * got bytes for), and agree when whole sectors are erased, written and done with in one go, as GDB's `load` does it.
 */
#include "flash/gdb.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "flash/gdb_server.h"
#include "image/crc.h"

enum {
	CHUNK = 64 * 1024, /* of flash, that is erased and written before the next one is */
	READ_MOST = 16 * 1024,
	HEADER = 32, /* "vFlashWrite:", "X", their numbers */
	SAME = 16 * 1024,
};

enum crc { CRC_UNTRIED, CRC_TRUSTED, CRC_NONE };

struct gdb_handle {
	struct gdb_server server;
	const struct flash_memory *memory; /* the run's */
	const struct image *img;           /* NULL: none is written */
	enum crc crc;
	bool halted; /* by reset, for writing */
	bool left;
	struct strbuf packet;
	uint8_t *buf; /* SAME bytes */
};

/* --- where ---------------------------------------------------------------------------------------------------- */

static bool is_black_magic(const struct device *d)
{
	return d && d->usb && d->usb->things & USB_BLACK_MAGIC && device_port(d);
}

/* The place that was named; NULL: none. */
static const char *named_place(const struct flash_target *t)
{
	if (t->probe && gdb_wire_is_place(t->probe))
		return t->probe;
	/* a probe that was chosen goes before what the rules say */
	return t->probe ? NULL : flash_target_get(t, "gdb.remote");
}

static const char *place_of(const struct flash_target *t, bool *black_magic)
{
	const char *named = named_place(t);

	*black_magic = !named && is_black_magic(t->attached);
	return *black_magic ? device_port(t->attached) : named;
}

/* --- open and close ------------------------------------------------------------------------------------------- */

static void gdb_close(void *handle)
{
	struct gdb_handle *h = handle;
	AUTO_ERR ignored = ERR_INIT;

	/* Only looked at: it goes on. What was begun and not ended stays halted, instead of running half an image. */
	if (!h->left && !h->halted && !h->server.ends_silently && !h->server.wire.broken)
		gdb_server_detach(&h->server, false, &ignored);
	gdb_server_close(&h->server);
	strbuf_free(&h->packet);
	free(h->buf);
	free(h);
}

static bool gdb_open(const struct flash_target *t, const struct device *d,
		     struct flash_memory *memory, void **handle, struct err *e)
{
	struct gdb_handle *h = xcalloc(1, sizeof(*h));
	bool black_magic;
	const char *place = place_of(t, &black_magic);

	(void)d;
	h->server.wire = (struct gdb_wire)GDB_WIRE_INIT;
	h->packet = (struct strbuf)STRBUF_INIT;
	h->buf = xmalloc(SAME);
	h->memory = memory;
	if (!place)
		err_set(e, "no GDB server was named");
	else if (gdb_server_open(&h->server, t, place, black_magic, e) &&
		 gdb_server_memory(&h->server, memory, e)) {
		if (!black_magic)
			memory->chip_number = arena_strdup(&memory->arena, place);
		*handle = h;
		return true;
	}
	gdb_close(h);
	return false;
}

static bool gdb_check(void *handle, const struct image *img, struct err *e)
{
	struct gdb_handle *h = handle;

	(void)e;
	h->img = img;
	return true;
}

/* --- read ----------------------------------------------------------------------------------------------------- */

static bool broken_answer(const struct gdb_handle *h, uint64_t address, struct err *e)
{
	return err_set(e, "read 0x%08" PRIx64 ": %s answers with something else", address,
		       h->server.wire.stream.name);
}

/* Servers may give less than was asked for, in whole bytes. */
static bool take_bytes(struct gdb_handle *h, uint64_t address, uint8_t *to, size_t size,
		       size_t *got, struct err *e)
{
	const struct strbuf *d = &h->server.wire.reader.data;

	if (h->server.binary_read) {
		*got = d->len ? d->len - 1 : 0;
		if (!*got || *got > size || *d->buf != 'b')
			return broken_answer(h, address, e);
		memcpy(to, d->buf + 1, *got);
		return true;
	}
	*got = d->len / 2;
	return (*got && *got <= size && gdb_hex_decode(d->buf, d->len, to, *got)) ||
	       broken_answer(h, address, e);
}

static bool gdb_read(void *handle, uint64_t address, void *buf, size_t size, struct err *e)
{
	struct gdb_handle *h = handle;
	struct gdb_wire *w = &h->server.wire;
	size_t most = (w->packet_size - GDB_FRAME) / 2, got;
	uint8_t *to = buf;

	most = most < READ_MOST ? most : READ_MOST;
	for (; size; address += got, to += got, size -= got) {
		if (!gdb_wire_ask(w, 0, e, "%c%" PRIx64 ",%zx", h->server.binary_read ? 'x' : 'm',
				  address, size < most ? size : most))
			return err_wrap(e, "read 0x%08" PRIx64, address);
		if (gdb_wire_is_error(w))
			return gdb_wire_refused(w, e, "read 0x%08" PRIx64, address);
		if (!take_bytes(h, address, to, size, &got, e))
			return false;
	}
	return true;
}

static bool compare_by_reading(struct gdb_handle *h, uint64_t address, const uint8_t *data,
			       size_t size, bool *same, struct err *e)
{
	size_t n;

	*same = true;
	for (size_t at = 0; *same && at < size; at += n) {
		n = size - at < SAME ? size - at : SAME;
		if (!gdb_read(h, address + at, h->buf, n, e))
			return false;
		*same = memcmp(h->buf, data + at, n) == 0;
	}
	return true;
}

/* *known: the server has a sum of these bytes. */
static bool compare_by_sum(struct gdb_handle *h, uint64_t address, const uint8_t *data, size_t size,
			   bool *known, bool *same, struct err *e)
{
	struct gdb_wire *w = &h->server.wire;
	const char *text;
	char *end;
	unsigned long sum;

	*known = false;
	if (h->crc == CRC_NONE)
		return true;
	if (!gdb_wire_ask(w, GDB_LONG_MS, e, "qCRC:%" PRIx64 ",%zx", address, size))
		return err_wrap(e, "compare 0x%08" PRIx64, address);
	text = gdb_wire_answer(w);
	sum = *text == 'C' ? strtoul(text + 1, &end, 16) : 0;
	*known = *text == 'C' && end > text + 1 && !*end;
	if (!*known)
		h->crc = CRC_NONE;
	*same = *known &&
		sum == boot2_crc(data, size); /* the same polynomial, the same way round */
	return true;
}

/*
 * A server's sum that says "other bytes" is believed when reading has said so once; of what was written just now, never: a server may be
 * unable to make sums, and say something all the same.
 */
static bool gdb_same(void *handle, uint64_t address, const void *data, size_t size, bool *same,
		     struct err *e)
{
	struct gdb_handle *h = handle;
	bool known;

	if (!compare_by_sum(h, address, data, size, &known, same, e))
		return false;
	if (known && (*same || (h->crc == CRC_TRUSTED && !h->halted)))
		return true;
	if (!compare_by_reading(h, address, data, size, same, e))
		return false;
	if (known)
		h->crc = *same ? CRC_NONE : CRC_TRUSTED;
	return true;
}

/* --- write ---------------------------------------------------------------------------------------------------- */

/* As many bytes as a packet takes behind `header`. */
static size_t fill_packet(struct gdb_handle *h, const uint8_t *data, size_t size)
{
	size_t room = h->server.wire.packet_size - GDB_FRAME - h->packet.len, n = 0;

	while (n < size && gdb_packet_cost(data[n]) <= room)
		room -= gdb_packet_cost(data[n++]);
	strbuf_add(&h->packet, data, n);
	return n;
}

static bool send_packet(struct gdb_handle *h, uint64_t address, struct err *e)
{
	struct gdb_wire *w = &h->server.wire;
	const struct gdb_request r = { .data = h->packet.buf,
				       .len = h->packet.len,
				       .timeout_ms = GDB_LONG_MS };

	if (!gdb_wire_send(w, &r, e))
		return err_wrap(e, "write 0x%08" PRIx64, address);
	return gdb_wire_is_ok(w) || gdb_wire_refused(w, e, "write 0x%08" PRIx64, address);
}

static bool send_flash(struct gdb_handle *h, uint64_t address, const uint8_t *data, size_t size,
		       struct err *e)
{
	size_t n;

	for (size_t at = 0; at < size; at += n) {
		strbuf_reset(&h->packet);
		strbuf_addf(&h->packet, "vFlashWrite:%" PRIx64 ":", address + at);
		n = fill_packet(h, data + at, size - at);
		if (!send_packet(h, address + at, e))
			return false;
	}
	return true;
}

static bool flash_request(struct gdb_handle *h, uint64_t address, const char *request,
			  struct err *e)
{
	struct gdb_wire *w = &h->server.wire;

	if (!gdb_wire_ask(w, GDB_LONG_MS, e, "%s", request))
		return err_wrap(e, "erase and write 0x%08" PRIx64, address);
	return gdb_wire_is_ok(w) || gdb_wire_refused(w, e, "erase and write 0x%08" PRIx64, address);
}

static bool erase_flash(struct gdb_handle *h, uint64_t address, size_t size, struct err *e)
{
	char request[64];

	snprintf(request, sizeof(request), "vFlashErase:%" PRIx64 ",%zx", address, size);
	return flash_request(h, address, request, e);
}

/* Whole sectors. */
static bool write_chunk(struct gdb_handle *h, uint64_t address, const uint8_t *data, size_t size,
			struct err *e)
{
	return erase_flash(h, address, size, e) && send_flash(h, address, data, size, e) &&
	       flash_request(h, address, "vFlashDone", e);
}

static bool write_ram(struct gdb_handle *h, uint64_t address, const uint8_t *data, size_t size,
		      struct err *e)
{
	size_t most = (h->server.wire.packet_size - GDB_FRAME - HEADER) / 2, n;

	for (size_t at = 0; at < size; at += n) {
		n = size - at < most ? size - at : most;
		strbuf_reset(&h->packet);
		strbuf_addf(&h->packet, "%c%" PRIx64 ",%zx:", h->server.binary_write ? 'X' : 'M',
			    address + at, n);
		if (h->server.binary_write)
			strbuf_add(&h->packet, data + at, n);
		else
			gdb_hex_encode(&h->packet, data + at, n);
		if (!send_packet(h, address + at, e))
			return false;
	}
	return true;
}

/* The image's first sector, where a boot loader looks, is erased first and written last: half an image does not start. */
static bool begins_image(const struct gdb_handle *h, uint64_t address, uint32_t sector, size_t size)
{
	return h->img && size > sector && image_start(h->img) >= address &&
	       image_start(h->img) < address + sector;
}

/* Bytes as of erased flash go with it: OpenOCD 0.12 falls over a vFlashDone without any, and pyOCD erases nothing then. */
static bool erase_first(struct gdb_handle *h, uint64_t address, uint32_t sector, struct err *e)
{
	uint8_t *blank = xmalloc(sector);
	bool ok;

	memset(blank, 0xff, sector);
	ok = write_chunk(h, address, blank, sector, e);
	free(blank);
	return ok;
}

static bool write_flash(struct gdb_handle *h, const struct memory_zone *z, uint64_t address,
			const uint8_t *data, size_t size, void (*done)(void *ctx, size_t bytes),
			void *ctx, struct err *e)
{
	size_t chunk = z->sector < CHUNK ? CHUNK / z->sector * z->sector : z->sector, n;
	size_t first = begins_image(h, address, z->sector, size) ? z->sector : 0;

	if (first && !erase_first(h, address, z->sector, e))
		return false;
	for (size_t at = first; at < size; at += n) {
		n = size - at < chunk ? size - at : chunk;
		if (!write_chunk(h, address + at, data + at, n, e))
			return false;
		done(ctx, at + n - first);
	}
	return !first || write_chunk(h, address, data, first, e);
}

static bool gdb_write(void *handle, uint64_t address, const void *data, size_t size,
		      void (*done)(void *ctx, size_t bytes), void *ctx, struct err *e)
{
	struct gdb_handle *h = handle;
	const struct memory_zone *z = flash_memory_find(h->memory, address);

	if (!h->halted) {
		h->halted = true;
		if (!gdb_server_halt(&h->server, e))
			return false;
	}
	return z && z->access & MEMORY_ERASE ? write_flash(h, z, address, data, size, done, ctx, e)
					     : write_ram(h, address, data, size, e);
}

/* --- leave ---------------------------------------------------------------------------------------------------- */

static bool is_in_ram(const struct gdb_handle *h, uint64_t address)
{
	const struct memory_zone *z = flash_memory_find(h->memory, address);

	return z && !(z->access & MEMORY_ERASE);
}

/* QEMU puts back at a reset what it was started with: then the image is gone again. */
static bool is_still_there(struct gdb_handle *h, struct err *e)
{
	bool same = true;

	for (size_t i = 0; h->img && same && i < h->img->count; i++) {
		const struct image_segment *s = &h->img->segments[i];

		if (is_in_ram(h, s->address) &&
		    !compare_by_reading(h, s->address, s->data, s->size, &same, e))
			return false;
	}
	if (same)
		return true;
	err_set(e, "%s puts other bytes into the memory at each reset", h->server.wire.stream.name);
	return err_hint(e, "start it without firmware of its own (QEMU: no -kernel, no loader)");
}

static bool gdb_leave(void *handle, struct err *e)
{
	struct gdb_handle *h = handle;

	h->left = true;
	return gdb_server_reset(&h->server, e) && is_still_there(h, e) &&
	       gdb_server_detach(&h->server, true, e);
}

const struct flash_driver gdb_driver = {
	.name = "gdb",
	.direct = true,
	.open = gdb_open,
	.close = gdb_close,
	.check = gdb_check,
	.read = gdb_read,
	.same = gdb_same,
	.same_size = SAME,
	.write = gdb_write,
	.leave = gdb_leave,
};

/* --- the method ----------------------------------------------------------------------------------------------- */

static bool is_remote(const struct flash_target *t)
{
	return named_place(t) != NULL;
}

static bool available(const struct flash_target *t, struct err *e)
{
	bool black_magic;

	if (place_of(t, &black_magic))
		return true;
	err_set(e, "no GDB server was named, and no Black Magic Probe is attached");
	return err_hint(e, "--probe HOST:PORT, or gdb.remote in the board's rules");
}

static bool check(const struct flash_target *t, const struct image *img, struct err *e)
{
	(void)t;
	return img->count || err_set(e, "the image is empty");
}

/* Who has no device on USB is known by its place. */
static void name_device(const struct flash_target *t, struct flash_result *result)
{
	const char *place = named_place(t);
	AUTO_STRBUF id = STRBUF_INIT;

	if (!place)
		return;
	strbuf_addf(&id, "%s%s", strncmp(place, "gdb:", 4) == 0 ? "" : "gdb:", place);
	result->device = strbuf_detach(&id);
	result->address = xstrdup(place);
}

/* What is attached, and not what was named, has no part in it. */
static struct flash_target target_of(const struct flash_target *t)
{
	struct flash_target own = *t;

	if (named_place(t))
		own.attached = NULL;
	return own;
}

static bool flash(const struct flash_target *t, const struct image *img,
		  struct flash_result *result, struct err *e)
{
	struct flash_target own = target_of(t);

	name_device(t, result);
	return driver_flash(&gdb_driver, &own, img, result, e);
}

static bool verify(const struct flash_target *t, const struct image *img,
		   struct flash_result *result, struct err *e)
{
	struct flash_target own = target_of(t);

	name_device(t, result);
	return driver_verify(&gdb_driver, &own, img, result, e);
}

static bool make_plan(const struct flash_target *t, const struct image *img, struct plan *out,
		      struct err *e)
{
	struct flash_target own = target_of(t);

	return driver_plan(&gdb_driver, &own, img, out, e);
}

static bool read_memory(const struct flash_target *t, uint64_t address, uint64_t size,
			struct image *out, struct err *e)
{
	struct flash_target own = target_of(t);

	return driver_read(&gdb_driver, &own, address, size, out, e);
}

static const char *const formats[] = { "hex", "elf", "bin", NULL };

const struct flash_method gdb_method = {
	.name = "gdb",
	.title = "a GDB server: OpenOCD, pyOCD, J-Link, Black Magic Probe, QEMU",
	.erases = true,
	.formats = formats,
	.available = available,
	.remote = is_remote,
	.check = check,
	.flash = flash,
	.verify = verify,
	.plan = make_plan,
	.read = read_memory,
};
