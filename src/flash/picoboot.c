/* SPDX-License-Identifier: MIT
 *
 * The driver of RP2040 and RP2350: how large the flash is, where an image goes when it has partitions, reads ahead.
 */
#include "flash/picoboot.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "board/bootloader.h"
#include "flash/picoboot_wire.h"
#include "image/chip.h"
#include "image/rp2_block.h"
#include "image/uf2.h"
#include "image/uf2_family.h"

enum {
	READ_AHEAD = 32 * 1024,
	ERASE_AT_ONCE =
		64 *
		1024, /* so that it is told how far it is, and a hang is found in bounded time */
	WRITE_AT_ONCE = 16 * 1024,
	/* W25Q16JV, 9.6: typical times; the rest is USB's full speed */
	ERASE_MS = 45,
	WRITE_US = 2600,
	READ_US = 1100,
};
enum { SMALLEST_FLASH = 256 * 1024 };

struct pico {
	struct picoboot wire;
	bool rp2350;
	uint32_t size; /* of the flash; of the window that shows it when that is not known */
	uint32_t base; /* where the image begins */
	bool wrote;    /* something */
	uint32_t ahead_at, ahead_size; /* what is in `ahead` */
	uint8_t ahead[READ_AHEAD];
};

/* --- which chip, how much flash ----------------------------------------------------------------------------------- */

/* OTP's FLASH_DEVINFO: 4096 << n bytes; 16 MiB when nobody wrote it, which says nothing. 0: not known. */
static uint32_t size_in_otp(uint32_t devinfo)
{
	uint32_t n = devinfo >> 8 & 0xf;

	return n > 5 && n < 12 ? UINT32_C(4096) << n : 0;
}

/* RP2040's ids are fixed in its ROM; RP2350's can be changed, but it answers. */
static bool find_chip(struct pico *p, const struct usb_device *d, struct err *e)
{
	uint32_t words[PICOBOOT_INFO_WORDS];

	if (d->vid == 0x2e8a && d->pid == 0x0003)
		return true;
	if (!picoboot_get_info(&p->wire, PICOBOOT_INFO_SYSTEM, PICOBOOT_SYSTEM_FLASH, words, e))
		return err_wrap(e, "USB device %04x:%04x is no chip that is known", d->vid, d->pid);
	p->rp2350 = true;
	if (words[0] >= 2 && words[1] & PICOBOOT_SYSTEM_FLASH)
		p->size = size_in_otp(words[2]);
	return true;
}

static bool is_blank(const uint8_t *data, size_t size)
{
	for (size_t i = 1; i < size; i++)
		if (data[i] != data[0])
			return false;
	return true;
}

/* Some sector that is not all one byte: what can be seen again behind the flash's end. *found: none of those that were read is. */
static bool find_mark(struct pico *p, uint8_t *mark, uint32_t *at, bool *found, struct err *e)
{
	static const uint32_t places[] = { 0, 0x1000, 0x2000, 0x8000, 0x10000, 0x20000, 0x3f000 };

	*found = false;
	for (size_t i = 0; !*found && i < ARRAY_SIZE(places); i++) {
		*at = places[i];
		if (!picoboot_read(&p->wire, PICOBOOT_FLASH + *at, mark, PICOBOOT_SECTOR, e))
			return false;
		*found = !is_blank(mark, PICOBOOT_SECTOR);
	}
	return true;
}

/* Addresses behind the flash's end begin anew: the largest power of two at which the mark is not to be seen again, doubled. */
static bool find_size(struct pico *p, struct err *e)
{
	uint8_t mark[PICOBOOT_SECTOR], again[PICOBOOT_SECTOR];
	uint32_t at, window = 16 << 20;
	bool found;

	if (p->size)
		return true;
	if (!find_mark(p, mark, &at, &found, e))
		return false;
	p->size = window;
	while (found && p->size > SMALLEST_FLASH) {
		if (!picoboot_read(&p->wire, PICOBOOT_FLASH + p->size / 2 + at, again,
				   sizeof(again), e))
			return false;
		if (memcmp(mark, again, sizeof(mark)) != 0)
			break;
		p->size /= 2;
	}
	return true;
}

/* --- open, close -------------------------------------------------------------------------------------------------- */

static void close_pico(void *handle)
{
	struct pico *p = handle;

	if (!p)
		return;
	picoboot_close(&p->wire);
	free(p);
}

static bool add_zone(const struct pico *p, struct flash_memory *memory, struct err *e)
{
	struct memory_zone zone = {
		.name = p->rp2350 ? "RP2350's flash" : "RP2040's flash",
		.start = PICOBOOT_FLASH,
		.sector = PICOBOOT_SECTOR,
		.count = p->size / PICOBOOT_SECTOR,
		.access = MEMORY_READ | MEMORY_ERASE | MEMORY_WRITE,
		.write_unit = PICOBOOT_PAGE,
		.erased = 0xff,
		.blank_is_erased = true,
		.erase_ms = ERASE_MS,
		.write_us = WRITE_US,
		.read_us = READ_US,
	};

	return flash_memory_add(memory, &zone, e);
}

static bool open_pico(const struct flash_target *t, const struct device *d,
		      struct flash_memory *memory, void **handle, struct err *e)
{
	struct pico *p;

	(void)t;
	if (!d->usb || !(d->usb->things & USB_PICOBOOT))
		return err_set(e, "%s has no PICOBOOT interface", device_label(d));
	p = xcalloc(1, sizeof(*p));
	if (picoboot_open(&p->wire, d->usb, e) && picoboot_exclusive(&p->wire, e) &&
	    find_chip(p, d->usb, e) && find_size(p, e) && add_zone(p, memory, e)) {
		*handle = p;
		return true;
	}
	close_pico(p);
	return false;
}

/* --- the image ---------------------------------------------------------------------------------------------------- */

static const char *chip_name(const struct pico *p)
{
	return p->rp2350 ? "rp2350" : "rp2040";
}

static bool check_image(void *handle, const struct image *img, struct err *e)
{
	const struct pico *p = handle;
	bool certain;
	const struct chip *is = chip_of_image(img, &certain);
	const struct chip *wanted = chip_by_name(chip_name(p));

	/* the families of data and of absolute addresses are RP2350's, and of no chip in particular */
	if (!is || !certain || chip_matches(is, wanted) || uf2_family_any_rp2(img->uf2_family))
		return true;
	err_set(e, "the image is for %s, the board has %s", is->title, wanted->title);
	return err_hint(e, "`mpflash info FILE` shows what the file is for");
}

static bool has_partitions(struct pico *p, bool *has, struct err *e)
{
	uint32_t words[PICOBOOT_INFO_WORDS];

	if (!picoboot_get_info(&p->wire, PICOBOOT_INFO_PARTITIONS, PICOBOOT_TABLE, words, e))
		return false;
	*has = words[0] >= 2 && words[1] & PICOBOOT_TABLE && words[2] & 0x100;
	return true;
}

struct partition {
	unsigned number;
	uint32_t start, size;
	bool writable; /* by the boot ROM */
};

/* Location words of a partition table: first and last sector, permissions; RP2350 data sheet 5.9.4. */
static struct partition partition_of(uint32_t number, uint32_t location)
{
	uint32_t first = location & 0x1fff, last = location >> 13 & 0x1fff;

	return (struct partition){
		.number = number,
		.start = first * PICOBOOT_SECTOR,
		.size = last >= first ? (last - first + 1) * PICOBOOT_SECTOR : 0,
		.writable = location >> 31 & 1,
	};
}

static bool nowhere(uint32_t family, struct err *e)
{
	char text[32];

	uf2_family_text(text, sizeof(text), family);
	err_set(e, "none of the board's partitions takes an image of family %s", text);
	return err_hint(e, "`picotool partition info` shows its partitions; an image of family "
			   "rp2350-absolute goes where its addresses say");
}

enum { NO_PARTITION = 0xff };

/* *part: where the board wants an image of that family; false in `moves`: where its addresses say. */
static bool ask_partition(struct pico *p, uint32_t family, bool *moves, struct partition *part,
			  struct err *e)
{
	uint32_t words[PICOBOOT_INFO_WORDS];

	*moves = false;
	if (!picoboot_get_info(&p->wire, PICOBOOT_INFO_UF2_TARGET, family, words, e))
		return false;
	if (words[0] < 2)
		return err_set(e, "question for the partition: the answer makes no sense");
	if (words[1] == NO_PARTITION)
		return true;
	if (words[1] > NO_PARTITION) /* negative */
		return nowhere(family, e);
	*moves = true;
	*part = partition_of(words[1], words[2]);
	return part->writable ||
	       err_set(e, "partition %u of the board may not be written over USB", part->number);
}

static bool unknown_family(struct pico *p, struct err *e)
{
	bool has;

	if (!has_partitions(p, &has, e))
		return false;
	if (!has)
		return true;
	err_set(e, "the board has partitions, and the image does not say what it is");
	return err_hint(e, "--family says it: rp2350-arm-s, rp2350-riscv, or rp2350-absolute for "
			   "addresses that are of no partition");
}

static bool move_image(const struct image *img, const struct partition *part, struct image *out,
		       struct err *e)
{
	if (image_start(img) < PICOBOOT_FLASH ||
	    image_end(img) > (uint64_t)PICOBOOT_FLASH + part->size)
		return err_set(e,
			       "the image (0x%08x-0x%08llx) does not fit into partition %u of the "
			       "board, %u KiB",
			       (unsigned)image_start(img), (unsigned long long)image_end(img) - 1,
			       part->number, (unsigned)part->size / 1024);
	for (size_t i = 0; i < img->count; i++)
		if (!image_add(out, img->segments[i].address + part->start, img->segments[i].data,
			       img->segments[i].size, false, e))
			return false;
	return true;
}

/* Into its partition: addresses in an image are the partition's own, those of PICOBOOT are the flash's. */
static bool prepare(void *handle, const struct image *img, struct image *out, bool *changed,
		    struct err *e)
{
	struct pico *p = handle;
	uint32_t family = img->uf2_family ? img->uf2_family : rp2_uf2_family(img);
	struct partition part;

	*changed = false;
	p->base = image_start(img);
	if (!p->rp2350 || family == UF2_FAMILY_RP2_ABSOLUTE)
		return true;
	if (!family)
		return unknown_family(p, e);
	if (!ask_partition(p, family, changed, &part, e))
		return false;
	if (!*changed)
		return true;
	p->base = PICOBOOT_FLASH + part.start;
	return move_image(img, &part, out, e);
}

/* --- flash -------------------------------------------------------------------------------------------------------- */

static bool is_inside(const struct pico *p, uint64_t address, uint64_t size)
{
	return address >= PICOBOOT_FLASH && address + size <= (uint64_t)PICOBOOT_FLASH + p->size;
}

static uint32_t least(uint64_t a, uint64_t b)
{
	return (uint32_t)(a < b ? a : b);
}

/* Sector after sector is asked for: a command each costs as much as the bytes. */
static bool fill_ahead(struct pico *p, uint64_t address, struct err *e)
{
	uint32_t size = least(READ_AHEAD, (uint64_t)PICOBOOT_FLASH + p->size - address);

	p->ahead_size = 0;
	if (!picoboot_read(&p->wire, (uint32_t)address, p->ahead, size, e))
		return false;
	p->ahead_at = (uint32_t)address;
	p->ahead_size = size;
	return true;
}

static bool read_flash(void *handle, uint64_t address, void *buf, size_t size, struct err *e)
{
	struct pico *p = handle;
	uint8_t *to = buf;

	if (!is_inside(p, address, size))
		return err_set(e, "0x%08llx is behind the flash's end",
			       (unsigned long long)(address + size - 1));
	while (size) {
		uint32_t n;

		if ((address < p->ahead_at || address - p->ahead_at >= p->ahead_size) &&
		    !fill_ahead(p, address, e))
			return false;
		n = least(size, p->ahead_size - (address - p->ahead_at));
		memcpy(to, p->ahead + (address - p->ahead_at), n);
		to += n;
		address += n;
		size -= n;
	}
	return true;
}

static bool erase_flash(void *handle, uint64_t address, uint64_t size, struct err *e)
{
	struct pico *p = handle;

	p->ahead_size = 0;
	while (size) {
		uint32_t n = least(size, ERASE_AT_ONCE);

		if (!picoboot_erase(&p->wire, (uint32_t)address, n, e))
			return false;
		address += n;
		size -= n;
	}
	return true;
}

static bool write_flash(void *handle, uint64_t address, const void *data, size_t size,
			void (*done)(void *ctx, size_t bytes), void *ctx, struct err *e)
{
	struct pico *p = handle;
	const uint8_t *from = data;

	p->ahead_size = 0;
	p->wrote = true;
	for (size_t at = 0; at < size;) {
		uint32_t n = least(size - at, WRITE_AT_ONCE);

		if (!picoboot_write(&p->wire, (uint32_t)(address + at), from + at, n, e))
			return false;
		at += n;
		if (done)
			done(ctx, at);
	}
	return true;
}

static bool leave(void *handle, struct err *e)
{
	struct pico *p = handle;

	return picoboot_reboot(&p->wire, p->rp2350, p->wrote ? p->base : 0, e);
}

const struct flash_driver picoboot_driver = {
	.name = "picoboot",
	.open = open_pico,
	.close = close_pico,
	.check = check_image,
	.prepare = prepare,
	.read = read_flash,
	.erase = erase_flash,
	.write = write_flash,
	.leave = leave,
};

/* --- the method --------------------------------------------------------------------------------------------------- */

static bool available(const struct flash_target *t, struct err *e)
{
	const struct device *d = t->attached;

	if (!d)
		return err_set(e, "no RP2040 or RP2350 is attached");
	if (bootloader_is_in(d) && !(d->usb && d->usb->things & USB_PICOBOOT))
		return err_set(e, "%s has no PICOBOOT interface", device_label(d));
	if (bootloader_is_in(d) && d->usb->denied) {
		err_set(e, USB_NO_PERMISSION " %s", d->usb->node);
		return err_hint(e, "`mpflash doctor --install-udev` gives your user the rights");
	}
	for (size_t i = 0; d->methods[i]; i++)
		if (strcmp(d->methods[i], "picoboot") == 0)
			return true;
	return err_set(e, "%s is no RP2040 or RP2350", device_label(d));
}

/* What can be known without the device is the content's (image/check.h); of the device, what its ids say. */
static bool check(const struct flash_target *t, const struct image *img, struct err *e)
{
	const struct usb_device *d = t->attached ? t->attached->usb : NULL;
	const struct pico as = { .rp2350 = d && d->chip && strcmp(d->chip, "RP2350") == 0 };
	struct pico copy = as;

	return !d || !d->chip || !(d->things & USB_PICOBOOT) || check_image(&copy, img, e);
}

static bool flash(const struct flash_target *t, const struct image *img,
		  struct flash_result *result, struct err *e)
{
	return driver_flash(&picoboot_driver, t, img, result, e);
}

static bool verify(const struct flash_target *t, const struct image *img,
		   struct flash_result *result, struct err *e)
{
	return driver_verify(&picoboot_driver, t, img, result, e);
}

static bool make_plan(const struct flash_target *t, const struct image *img, struct plan *out,
		      struct err *e)
{
	return driver_plan(&picoboot_driver, t, img, out, e);
}

static bool read_device(const struct flash_target *t, uint64_t address, uint64_t size,
			struct image *out, struct err *e)
{
	return driver_read(&picoboot_driver, t, address, size, out, e);
}

static const char *const formats[] = { "uf2", "bin", "hex", "elf", NULL };

const struct flash_method picoboot_method = {
	.name = "picoboot",
	.title = "PICOBOOT, the USB protocol of RP2040's and RP2350's boot ROM",
	.erases = true,
	.formats = formats,
	.installed = flash_method_has_usb,
	.available = available,
	.check = check,
	.flash = flash,
	.verify = verify,
	.plan = make_plan,
	.read = read_device,
};

/* --- its drive ---------------------------------------------------------------------------------------------------- */

/* Flags of PICOBOOT_INFO_UF2_STATUS; pico-sdk boot/uf2.h. */
enum {
	UF2_IGNORED_FAMILY = 0x01,
	UF2_LOCKED = 0x10,
	UF2_BAD_ADDRESS = 0x20,
	UF2_WRITE_ERROR = 0x40,
	UF2_REBOOT_FAILED = 0x80,
};

static void say_reason(uint32_t status, uint32_t family, struct strbuf *out)
{
	char text[32];

	if (status & UF2_BAD_ADDRESS) {
		strbuf_adds(out,
			    "an address in the file is outside of its flash, or of the partition");
	} else if (status & UF2_LOCKED) {
		strbuf_adds(out, "another program has its flash for itself (PICOBOOT)");
	} else if (status & UF2_WRITE_ERROR) {
		strbuf_adds(out, "its flash could not be written");
	} else if (status & UF2_REBOOT_FAILED) {
		strbuf_adds(out, "all was written, but it could not restart");
	} else if (status & UF2_IGNORED_FAMILY) {
		uf2_family_text(text, sizeof(text), family);
		strbuf_addf(out, "it has no place for an image of family %s", text);
	}
}

void picoboot_uf2_reason(const struct usb_device *d, struct strbuf *out)
{
	uint32_t words[PICOBOOT_INFO_WORDS];
	struct picoboot p;
	AUTO_ERR ignored = ERR_INIT;

	if (!picoboot_open(&p, d, &ignored))
		return;
	if (picoboot_get_info(&p, PICOBOOT_INFO_UF2_STATUS, 0, words, &ignored) && words[0] >= 2)
		say_reason(words[1], words[2], out);
	picoboot_close(&p);
}
