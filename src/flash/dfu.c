/* SPDX-License-Identifier: MIT
 *
 * DFU devices as memories.
 *
 * Where a block goes: pointer + (number - 2) * length. AN3156 means the length of the present request, mboot its own transfer size. So
 * numbers are used for full blocks, which is the same for both, and the pointer is set again before a short one. To set it takes three
 * requests. Blocks that are written follow one another; one that is read may be any behind the pointer.
 */
#include "flash/dfu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "board/device.h"
#include "flash/dfu_layout.h"
#include "flash/dfu_wire.h"
#include "os/clock.h"

enum {
	FIRST_BLOCK = 2, /* that goes to the pointer */
	LAST_BLOCK = 0xffff,
	ST_UNIT = 32, /* flash words of STM32 are 2 to 32 bytes: 16 on H5, 32 on H7 */
	SMALL_PAGE = 256,
	PLAIN_BLOCKS = 256, /* of a plain device's "sectors" */
	PLAIN_SIZE = 64 << 20,
	GD32_PAGE = 1024,
	GD32_BASE = 0x08000000,
	/* about what data sheets of F4 say; others are faster */
	ERASE_MS = 250,
	ERASE_MS_PER_KIB = 8,
	WRITE_US = 12000, /* of a KiB, with the round trips of full speed */
	READ_US = 2000,
	COMES_BACK_MS = 30000, /* after the protection was lifted */
};

struct dfu {
	struct dfu_wire wire;
	const struct flash_target *target;
	struct flash_memory *memory; /* the caller's */
	struct devices again;        /* where the device was found when it came back */
	bool locked;
	uint64_t start_at; /* what is started in the end */
	bool has_pointer;  /* the device's is known */
	uint64_t pointer;
	uint64_t next;                  /* where the written block after the last one goes */
	unsigned block;                 /* plain DFU: the next one's number */
	uint8_t *buf;                   /* of a transfer */
	uint64_t plain_start, plain_at; /* plain DFU: where the file begins; how far it is sent */
	bool plain_begun;
};

/* --- the device -------------------------------------------------------------------------------------------------- */

static bool is_named(const struct flash_target *t)
{
	return t->device || t->serial;
}

/* 0483:df11 may be anything with an STM32: other ids have to be the rules', or the device be named. */
static bool ids_fit(const struct flash_target *t, const struct usb_device *u, struct err *e)
{
	uint64_t vid = 0x0483, pid = 0xdf11;
	bool set;

	if (!flash_target_number(t, "dfu.vid", &set, &vid, e) ||
	    !flash_target_number(t, "dfu.pid", &set, &pid, e))
		return false;
	if (is_named(t) || (u->vid == vid && u->pid == pid))
		return true;
	err_set(e, "the DFU device at %s is %04x:%04x, %s has %04" PRIx64 ":%04" PRIx64, u->path,
		u->vid, u->pid, t->board_id, vid, pid);
	return err_hint(e, "if it is that board, name it: --device %s", t->attached->id);
}

static bool dfu_available(const struct flash_target *t, struct err *e)
{
	const struct device *d = t->attached;

	if (!d) {
		err_set(e, "no DFU device is attached");
		return err_hint(e, "put the board into its bootloader: `mpflash bootloader`");
	}
	if (d->usb && d->usb->things & USB_DFU)
		return ids_fit(t, d->usb, e);
	if (d->port_count || (d->usb && d->usb->things & USB_DFU_RUNTIME))
		return true;
	return err_set(e, "%s is no DFU device, and has no port to lead it there", device_label(d));
}

/* --- its memory -------------------------------------------------------------------------------------------------- */

static bool touches(const struct memory_zone *a, const struct memory_zone *b)
{
	return memory_zone_end(a) == b->start;
}

/*
 * F2, F4 and F7 have sectors of several sizes, and no ECC; whatever has pages of one size may have it. Another memory of the layout
 * (mboot names a board's SPI flash behind the chip's own) says nothing of this one.
 */
static bool has_several_sizes(const struct dfu_layout *l, size_t zone)
{
	size_t first = zone, last = zone;

	while (first > 0 && touches(&l->zones[first - 1], &l->zones[first]))
		first--;
	while (last + 1 < l->count && touches(&l->zones[last], &l->zones[last + 1]))
		last++;
	for (size_t i = first; i < last; i++)
		if (l->zones[i].sector != l->zones[i + 1].sector)
			return true;
	return false;
}

/* Writing option bytes resets the chip, and may lock it for ever: not from a firmware file. */
static bool is_option_bytes(const struct dfu_layout *l)
{
	return strstr(l->name, "Option") || strstr(l->name, "OTP");
}

static void describe_zone(const struct dfu *h, struct dfu_layout *l, unsigned alt, size_t number)
{
	struct memory_zone *z = &l->zones[number];

	z->name = l->name;
	z->part = alt;
	z->write_unit = z->sector % ST_UNIT ? 0 : ST_UNIT;
	z->erased = z->sector <= SMALL_PAGE ? 0x00 : 0xff; /* L0 and L1 */
	z->blank_is_erased = has_several_sizes(l, number);
	z->erase_ms = z->sector <= 8192 ? 25 : ERASE_MS + z->sector / 1024 * ERASE_MS_PER_KIB;
	z->write_us = WRITE_US;
	z->read_us = READ_US;
	if (!h->wire.can_upload || h->locked)
		z->access &= ~(unsigned)MEMORY_READ;
	if (is_option_bytes(l))
		z->access &= MEMORY_READ;
}

static void replace_layout(const struct dfu *h, struct dfu_layout *l)
{
	l->zones[0] = (struct memory_zone){
		.start = GD32_BASE,
		.sector = GD32_PAGE,
		.count = h->wire.pages,
		.access = MEMORY_READ | MEMORY_ERASE | MEMORY_WRITE,
	};
	l->count = 1;
}

/* A memory that lies over another one is a second view of it: the first is used. */
static void add_layout(struct dfu *h, unsigned alt, struct dfu_layout *l)
{
	AUTO_ERR ignored = ERR_INIT;

	if (alt == 0 && h->wire.pages)
		replace_layout(h, l);
	for (size_t i = 0; i < l->count; i++) {
		describe_zone(h, l, alt, i);
		flash_memory_add(h->memory, &l->zones[i], &ignored);
	}
}

static bool add_layouts(struct dfu *h, struct err *e)
{
	AUTO_ERR wrong = ERR_INIT;
	struct dfu_layout l;

	for (unsigned alt = 0; alt < h->wire.alts; alt++)
		if (dfu_layout_parse(h->wire.names[alt], &l, &wrong))
			add_layout(h, alt, &l);
	if (h->memory->count)
		return true;
	return err_set(e, "the bootloader does not say what memory it has: %s",
		       wrong.msg ? wrong.msg : "it has no names");
}

/* Plain DFU has no addresses: the file is what lies from flash.base on. It cannot be read. */
static bool add_plain(struct dfu *h, struct err *e)
{
	struct memory_zone z = {
		.name = "firmware",
		.sector = h->wire.transfer * PLAIN_BLOCKS,
		.access = MEMORY_WRITE,
		.write_us = WRITE_US,
	};
	bool set;

	if (!flash_target_number(h->target, "flash.base", &set, &h->plain_start, e))
		return false;
	z.start = h->plain_start;
	z.count = PLAIN_SIZE / z.sector;
	return flash_memory_add(h->memory, &z, e);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static bool set_pointer(struct dfu *h, uint64_t address, struct err *e)
{
	h->has_pointer = false;
	if (!dfu_wire_set_pointer(&h->wire, address, e))
		return false;
	h->has_pointer = true;
	h->pointer = h->next = address;
	return true;
}

/* Does a block of that size reach `address` from where the pointer is, whichever way the device counts? */
static bool reaches(const struct dfu *h, uint64_t address, size_t size, unsigned *block)
{
	uint64_t blocks = (address - h->pointer) / h->wire.transfer;

	if (!h->has_pointer || address < h->pointer ||
	    (address - h->pointer) % h->wire.transfer != 0 || blocks > LAST_BLOCK - FIRST_BLOCK)
		return false;
	*block = FIRST_BLOCK + (unsigned)blocks;
	return size == h->wire.transfer || blocks == 0;
}

/* Sees to it that `*block` goes to `address`. */
static bool aim(struct dfu *h, uint64_t address, size_t size, bool follows, unsigned *block,
		struct err *e)
{
	const struct memory_zone *z = flash_memory_find(h->memory, address);

	if (!z)
		return err_set(e, "the device has no memory at 0x%08" PRIx64, address);
	if (z->part != h->wire.alt) {
		h->has_pointer = false;
		if (!dfu_wire_select(&h->wire, z->part, e))
			return false;
	}
	if (reaches(h, address, size, block) && (!follows || address == h->next))
		return true;
	*block = FIRST_BLOCK;
	return set_pointer(h, address, e);
}

/* So many bytes can be read from there in a row, by one alternate setting. */
static uint64_t readable_from(const struct dfu *h, uint64_t address)
{
	const struct memory_zone *z = flash_memory_find(h->memory, address);
	const struct memory_zone *end = h->memory->zones + h->memory->count;
	unsigned part = z ? z->part : 0;
	uint64_t last = address;

	for (; z && z < end && z->access & MEMORY_READ && z->part == part && last >= z->start; z++)
		last = memory_zone_end(z);
	return last - address;
}

/* Whole blocks are asked for where there are any, so that the next one needs no pointer. */
static bool read_block(struct dfu *h, uint64_t address, size_t *size, struct err *e)
{
	uint64_t there = readable_from(h, address);
	unsigned block = FIRST_BLOCK;
	size_t wanted = there < h->wire.transfer ? (size_t)there : h->wire.transfer;
	char what[48];

	snprintf(what, sizeof(what), "read 0x%08" PRIx64, address);
	if (!wanted)
		return err_set(e, "%s: it cannot be read", what);
	*size = wanted;
	return aim(h, address, wanted, false, &block, e) &&
	       dfu_wire_upload(&h->wire, block, h->buf, wanted, what, e);
}

static bool dfu_read(void *handle, uint64_t address, void *buf, size_t size, struct err *e)
{
	struct dfu *h = handle;
	size_t n = 0;

	for (size_t at = 0; at < size; at += n) {
		if (!read_block(h, address + at, &n, e))
			return false;
		n = n < size - at ? n : size - at;
		memcpy((uint8_t *)buf + at, h->buf, n);
	}
	return true;
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

static bool dfu_erase(void *handle, uint64_t address, uint64_t size, struct err *e)
{
	struct dfu *h = handle;
	const struct memory_zone *z = flash_memory_find(h->memory, address);

	h->has_pointer = false; /* erasing moves it on some */
	if (!z || !dfu_wire_select(&h->wire, z->part, e))
		return false;
	for (uint64_t at = 0; at < size; at += z->sector)
		if (!dfu_wire_erase(&h->wire, address + at, e))
			return false;
	return true;
}

static bool write_block(struct dfu *h, uint64_t address, const uint8_t *data, size_t size,
			struct err *e)
{
	char what[48];
	unsigned block = FIRST_BLOCK;

	snprintf(what, sizeof(what), "write 0x%08" PRIx64, address);
	if (!aim(h, address, size, true, &block, e) ||
	    !dfu_wire_download(&h->wire, block, data, size, DFU_BLOCK_MS, what, e))
		return false;
	h->next = address + size;
	return true;
}

/* Block by block from 0 on; the device counts them itself. */
static bool plain_block(struct dfu *h, uint64_t address, const uint8_t *data, size_t size,
			struct err *e)
{
	char what[48];

	if (address != h->plain_at)
		return err_set(e,
			       "a plain DFU device takes one piece; 0x%08" PRIx64
			       " does not follow 0x%08" PRIx64,
			       address, h->plain_at);
	snprintf(what, sizeof(what), "send block %u", h->block);
	if (!dfu_wire_download(&h->wire, h->block & LAST_BLOCK, data, size, DFU_ERASE_MS, what, e))
		return false;
	h->plain_at += size;
	h->block++;
	h->plain_begun = true;
	return true;
}

static bool dfu_write(void *handle, uint64_t address, const void *data, size_t size,
		      void (*done)(void *ctx, size_t bytes), void *ctx, struct err *e)
{
	struct dfu *h = handle;
	const uint8_t *bytes = data;
	size_t n;

	for (size_t at = 0; at < size; at += n) {
		n = size - at < h->wire.transfer ? size - at : h->wire.transfer;
		if (!(h->wire.dfuse ? write_block : plain_block)(h, address + at, bytes + at, n, e))
			return false;
		done(ctx, at + n);
	}
	return true;
}

/* --- checks ------------------------------------------------------------------------------------------------------ */

static bool check_plain(const struct dfu *h, const struct image *img, struct err *e)
{
	if (img->count == 1 && image_start(img) == h->plain_start)
		return true;
	return err_set(e,
		       "a plain DFU device takes one piece from 0x%08" PRIx64
		       " on; the image has %zu, from 0x%08" PRIx32 " on",
		       h->plain_start, img->count, image_start(img));
}

static bool dfu_check(void *handle, const struct image *img, struct err *e)
{
	const struct dfu *h = handle;
	const struct memory_zone *z = flash_memory_find(h->memory, image_start(img));

	if (!h->wire.dfuse)
		return check_plain(h, img, e);
	if (h->locked && !h->target->unlock) {
		err_set(e, "the flash of this chip is read-protected");
		return err_hint(
			e, "--unlock lifts the protection; the chip erases all of its flash then");
	}
	if (img->has_alt && z && z->part != img->alt)
		return err_set(
			e,
			"the file is for alternate setting %u of the device, and 0x%08" PRIx32
			" is in setting %u",
			img->alt, image_start(img), z->part);
	return true;
}

/* --- open, close, leave ------------------------------------------------------------------------------------------ */

static void dfu_close(void *handle)
{
	struct dfu *h = handle;

	dfu_wire_close(&h->wire);
	devices_free(&h->again);
	free(h->buf);
	free(h);
}

/* Reads the first block that can be read: a protected chip refuses that, and says why. */
static bool look_for_protection(struct dfu *h, struct err *e)
{
	AUTO_ERR refused = ERR_INIT;
	const struct memory_zone *z = h->memory->zones, *end = z + h->memory->count;
	size_t size;

	while (z < end &&
	       (z->access & (MEMORY_READ | MEMORY_WRITE)) != (MEMORY_READ | MEMORY_WRITE))
		z++;
	if (z == end || read_block(h, z->start, &size, &refused))
		return true;
	if (h->wire.status != DFU_STATUS_VENDOR) {
		err_move(e, &refused);
		return false;
	}
	h->locked = true;
	h->has_pointer = false;
	flash_memory_free(h->memory);
	return dfu_wire_idle(&h->wire, e) && add_layouts(h, e);
}

static void choose_start(struct dfu *h)
{
	AUTO_ERR ignored = ERR_INIT;
	uint64_t base = 0;
	bool set = false;

	flash_target_number(h->target, "flash.base", &set, &base, &ignored);
	h->start_at = set && flash_memory_find(h->memory, base) ? base : h->memory->zones[0].start;
}

static bool learn(struct dfu *h, struct err *e)
{
	h->locked = false;
	h->wire.status = DFU_STATUS_OK;
	h->has_pointer = false;
	free(h->buf);
	h->buf = xmalloc(h->wire.transfer);
	if (!h->wire.dfuse) {
		if (!add_plain(h, e))
			return false;
		h->plain_at = h->plain_start;
		return true;
	}
	if (!add_layouts(h, e))
		return false;
	choose_start(h);
	return look_for_protection(h, e);
}

static bool dfu_open(const struct flash_target *t, const struct device *d,
		     struct flash_memory *memory, void **handle, struct err *e)
{
	struct dfu *h;

	if (!d->usb || !(d->usb->things & USB_DFU))
		return err_set(e, "%s is no DFU bootloader", device_label(d));
	if (!ids_fit(t, d->usb, e))
		return false;
	h = xcalloc(1, sizeof(*h));
	h->target = t;
	h->memory = memory;
	if (dfu_wire_open(&h->wire, d->usb, e) && learn(h, e)) {
		*handle = h;
		return true;
	}
	dfu_close(h);
	return false;
}

static bool dfu_leave(void *handle, struct err *e)
{
	struct dfu *h = handle;

	bool there = h->has_pointer && h->pointer == h->start_at;

	if (h->wire.dfuse)
		return (there || set_pointer(h, h->start_at, e)) && dfu_wire_start(&h->wire, e);
	if (h->plain_begun)
		return dfu_wire_manifest(&h->wire, h->block & LAST_BLOCK, e);
	dfu_wire_reset(&h->wire);
	return true;
}

/* --- the protection ---------------------------------------------------------------------------------------------- */

static bool is_again(void *ctx, const struct device *d)
{
	const struct usb_device *was = ctx;

	return d->usb && d->usb->things & USB_DFU && d->usb->address != was->address &&
	       strcmp(d->usb->path, was->path) == 0;
}

/* The chip erases all, resets, and is a bootloader again, since nothing else is there. */
static bool dfu_unlock(void *handle, bool *unlocked, struct err *e)
{
	static const struct device_query all = { 0 };
	struct dfu *h = handle;
	struct device *d;

	*unlocked = h->locked;
	if (!h->locked)
		return true;
	flash_target_note(h->target, "lift the read protection; the chip erases all of its flash");
	if (!dfu_wire_unprotect(&h->wire, e))
		return false;
	if (!device_wait(&all, is_again, (void *)h->wire.device, COMES_BACK_MS, &h->again, &d, e))
		return err_wrap(e, "the chip was unlocked and is empty now");
	dfu_wire_close(&h->wire);
	flash_memory_free(h->memory);
	return dfu_wire_open(&h->wire, d->usb, e) && learn(h, e);
}

/* --- the method -------------------------------------------------------------------------------------------------- */

const struct flash_driver dfu_driver = {
	.name = "dfu",
	.open = dfu_open,
	.close = dfu_close,
	.check = dfu_check,
	.unlock = dfu_unlock,
	.read = dfu_read,
	.erase = dfu_erase,
	.write = dfu_write,
	.leave = dfu_leave,
};

static bool dfu_check_image(const struct flash_target *t, const struct image *img, struct err *e)
{
	(void)t;
	return img->count || err_set(e, "the image is empty");
}

static bool dfu_flash(const struct flash_target *t, const struct image *img,
		      struct flash_result *result, struct err *e)
{
	return driver_flash(&dfu_driver, t, img, result, e);
}

static bool dfu_verify(const struct flash_target *t, const struct image *img,
		       struct flash_result *result, struct err *e)
{
	return driver_verify(&dfu_driver, t, img, result, e);
}

static bool dfu_plan(const struct flash_target *t, const struct image *img, struct plan *out,
		     struct err *e)
{
	return driver_plan(&dfu_driver, t, img, out, e);
}

static bool dfu_read_image(const struct flash_target *t, uint64_t address, uint64_t size,
			   struct image *out, struct err *e)
{
	return driver_read(&dfu_driver, t, address, size, out, e);
}

static const char *const formats[] = { "dfu", "bin", "hex", NULL };

const struct flash_method dfu_method = {
	.name = "dfu",
	.title = "DFU bootloader over USB",
	.erases = true,
	.formats = formats,
	.installed = flash_method_has_usb,
	.available = dfu_available,
	.check = dfu_check_image,
	.flash = dfu_flash,
	.verify = dfu_verify,
	.plan = dfu_plan,
	.read = dfu_read_image,
};
