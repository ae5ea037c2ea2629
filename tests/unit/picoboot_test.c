/* SPDX-License-Identifier: MIT
 *
 * PICOBOOT against a model of both boot ROMs: what goes over the wire, what is found out of the device, what a broken transfer
 * comes to.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "flash/picoboot.h"
#include "flash/picoboot_wire.h"
#include "image/uf2_family.h"
#include "scratch.h"
#include "usb_fake.h"

enum { KIB = 1024, SIZE = 256 * KIB, FAULTY = 24 * KIB };

struct bench {
	struct scratch *s;
	struct usb_fake usb;
	const char *flash;
	struct device device;
	struct flash_memory memory;
	void *handle;
};

static const struct flash_driver *const driver = &picoboot_driver;

static int setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));

	b->s = scratch_create();
	b->usb.events = (struct strbuf)STRBUF_INIT;
	b->flash = scratch_path(b->s, "flash");
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	assert_false(b->usb.claimed);
	usb_fake_unplug(&b->usb);
	strbuf_free(&b->usb.events);
	scratch_destroy(b->s);
	free(b);
	return 0;
}

static void plug(struct bench *b, const char *words)
{
	AUTO_STRBUF text = STRBUF_INIT;

	strbuf_addf(&text, "flash=%s %s", b->flash, words);
	usb_fake_plug(&b->usb, &picoboot_model, text.buf);
	b->usb.record.things = USB_PICOBOOT;
	b->device = (struct device){ .id = "usb-1-2", .usb = &b->usb.record };
}

static bool open_it(struct bench *b, struct err *e)
{
	b->memory = (struct flash_memory)FLASH_MEMORY_INIT;
	return driver->open(NULL, &b->device, &b->memory, &b->handle, e);
}

static void close_it(struct bench *b)
{
	driver->close(b->handle);
	flash_memory_free(&b->memory);
}

static void open_or_fail(struct bench *b)
{
	AUTO_ERR e = ERR_INIT;

	must(open_it(b, &e), &e);
}

/* Bytes of no pattern that repeats within the flash. */
static void fill(uint8_t *to, size_t size, unsigned seed)
{
	uint32_t x = seed * 2654435761U + 1;

	for (size_t i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		to[i] = (uint8_t)(x >> 24);
	}
}

static void put_flash(struct bench *b, size_t size, unsigned seed)
{
	uint8_t *bytes = xmalloc(size);

	fill(bytes, size, seed);
	scratch_put_bytes(b->s, "flash", bytes, size);
	free(bytes);
}

static void assert_flash(struct bench *b, size_t at, const uint8_t *want, size_t size)
{
	uint8_t *is = xmalloc(size);
	FILE *f = fopen(b->flash, "rbe");

	assert_non_null(f);
	assert_int_equal(fseek(f, (long)at, SEEK_SET), 0);
	assert_int_equal(fread(is, 1, size, f), size);
	fclose(f);
	assert_memory_equal(is, want, size);
	free(is);
}

/* --- what is written and read ----------------------------------------------------------------------------------- */

static void write_and_read(struct bench *b)
{
	static uint8_t data[40 * KIB], back[sizeof(data)];
	AUTO_ERR e = ERR_INIT;

	fill(data, sizeof(data), 7);
	must(driver->erase(b->handle, PICOBOOT_FLASH + 0x2000, sizeof(data), &e), &e);
	must(driver->write(b->handle, PICOBOOT_FLASH + 0x2000, data, sizeof(data), NULL, NULL, &e),
	     &e);
	must(driver->read(b->handle, PICOBOOT_FLASH + 0x2000, back, sizeof(back), &e), &e);
	assert_memory_equal(back, data, sizeof(data));
	assert_flash(b, 0x2000, data, sizeof(data));
}

static void test_rp2040_is_erased_written_and_read(void **state)
{
	struct bench *b = *state;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2040 size=256 xip=strict");
	open_or_fail(b);
	write_and_read(b);
	close_it(b);
	assert_has(b->usb.events.buf, "exclusive 00000001");
	assert_has(b->usb.events.buf, "exclusive 00000000");
	usb_fake_unplug(&b->usb);
}

static void test_rp2350_is_erased_written_and_read(void **state)
{
	struct bench *b = *state;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2350 size=256 xip=strict");
	open_or_fail(b);
	write_and_read(b);
	close_it(b);
	usb_fake_unplug(&b->usb);
}

static void test_many_sectors_are_erased_by_one_command(void **state)
{
	struct bench *b = *state;
	AUTO_ERR e = ERR_INIT;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2040 size=256");
	open_or_fail(b);
	must(driver->erase(b->handle, PICOBOOT_FLASH, 2 * 64 * KIB, &e), &e);
	assert_has(b->usb.events.buf, "erase 10000000+10000\nerase 10010000+10000\n");
	close_it(b);
	usb_fake_unplug(&b->usb);
}

/* The drive may be switched off, and its interface with it. */
static void test_picoboot_alone_is_found(void **state)
{
	struct bench *b = *state;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2350 size=256 drive=no id=1209:beef");
	open_or_fail(b);
	close_it(b);
	usb_fake_unplug(&b->usb);
}

static void test_sectors_are_read_ahead_and_never_from_before_a_write(void **state)
{
	struct bench *b = *state;
	uint8_t sector[PICOBOOT_SECTOR], zero[PICOBOOT_SECTOR] = { 0 };
	AUTO_ERR e = ERR_INIT;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2040 size=256");
	open_or_fail(b);
	usb_dev_count(b->usb.dev);
	for (unsigned i = 0; i < 8; i++)
		must(driver->read(b->handle, PICOBOOT_FLASH + i * PICOBOOT_SECTOR, sector,
				  sizeof(sector), &e),
		     &e);
	assert_int_equal(usb_dev_count(b->usb.dev).out, 3); /* EXIT_XIP, READ, its end */
	must(driver->write(b->handle, PICOBOOT_FLASH + 0x1000, zero, sizeof(zero), NULL, NULL, &e),
	     &e);
	must(driver->read(b->handle, PICOBOOT_FLASH + 0x1000, sector, sizeof(sector), &e), &e);
	assert_memory_equal(sector, zero, sizeof(zero));
	close_it(b);
	usb_fake_unplug(&b->usb);
}

/* --- what is found out ------------------------------------------------------------------------------------------ */

static void assert_size(struct bench *b, const char *words, uint64_t kib)
{
	plug(b, words);
	open_or_fail(b);
	assert_int_equal(b->memory.count, 1);
	assert_int_equal(b->memory.zones[0].start, PICOBOOT_FLASH);
	assert_int_equal(memory_zone_end(b->memory.zones) - PICOBOOT_FLASH, kib * KIB);
	close_it(b);
	usb_fake_unplug(&b->usb);
}

static void test_flash_is_as_large_as_where_it_begins_anew(void **state)
{
	struct bench *b = *state;

	put_flash(b, SIZE, 3);
	assert_size(b, "chip=rp2040 size=256", 256);
	put_flash(b, 2 * SIZE, 4);
	assert_size(b, "chip=rp2350 size=512", 512);
	put_flash(b, 4 * SIZE, 4);
	assert_size(b, "chip=rp2040 size=1024", 1024);
	put_flash(b, 64 * SIZE, 5);
	assert_size(b, "chip=rp2040 size=16384", 16384);
}

/* A flash that was begun and not ended has its first sector erased: other sectors tell. */
static void test_the_size_is_seen_without_the_first_sector(void **state)
{
	struct bench *b = *state;
	static uint8_t bytes[4 * SIZE];

	fill(bytes, sizeof(bytes), 9);
	memset(bytes, 0xff, 3 * PICOBOOT_SECTOR);
	scratch_put_bytes(b->s, "flash", bytes, sizeof(bytes));
	assert_size(b, "chip=rp2040 size=1024", 1024);
}

static void test_an_empty_flash_has_its_window_for_a_size(void **state)
{
	struct bench *b = *state;

	assert_size(b, "chip=rp2040 size=1024", 16 * KIB);
}

static void test_rp2350_may_have_the_size_in_its_otp(void **state)
{
	struct bench *b = *state;

	assert_size(b, "chip=rp2350 size=1024 devinfo=800", 1024);
}

static void test_a_chip_of_unknown_ids_that_answers_nothing_is_refused(void **state)
{
	struct bench *b = *state;
	AUTO_ERR e = ERR_INIT;

	plug(b, "chip=rp2040 size=256 id=1209:0001");
	assert_false(open_it(b, &e));
	assert_err(&e, "1209:0001 is no chip that is known", NULL);
	assert_err(&e, "unknown command", NULL);
	flash_memory_free(&b->memory);
	usb_fake_unplug(&b->usb);
}

/* --- images ------------------------------------------------------------------------------------------------------- */

static void make_image(struct image *img, uint32_t address, uint32_t size, uint32_t family)
{
	static uint8_t bytes[64 * KIB];
	AUTO_ERR e = ERR_INIT;

	assert_true(size <= sizeof(bytes));
	fill(bytes, sizeof(bytes), 11);
	*img = (struct image)IMAGE_INIT;
	img->uf2_family = family;
	must(image_add(img, address, bytes, size, false, &e), &e);
}

static void test_an_image_of_the_other_chip_is_refused(void **state)
{
	struct bench *b = *state;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2040 size=256");
	open_or_fail(b);
	make_image(&img, PICOBOOT_FLASH, 4096, UF2_FAMILY_RP2350_ARM_S);
	assert_false(driver->check(b->handle, &img, &e));
	assert_err(&e, "the image is for RP2350, the board has RP2040", "mpflash info");
	img.uf2_family = UF2_FAMILY_RP2040;
	must(driver->check(b->handle, &img, &e), &e);
	close_it(b);
	usb_fake_unplug(&b->usb);
}

/* A table with one partition; the image is asked for by its family. */
static bool place(struct bench *b, const char *words, uint32_t family, uint32_t size,
		  struct image *out, bool *moved, struct err *e)
{
	AUTO_IMAGE img = IMAGE_INIT;
	bool ok;

	plug(b, words);
	open_or_fail(b);
	make_image(&img, PICOBOOT_FLASH, size, family);
	ok = driver->prepare(b->handle, &img, out, moved, e);
	close_it(b);
	usb_fake_unplug(&b->usb);
	return ok;
}

#define TABLE "chip=rp2350 size=256 partition=2000+10000:e48bff59 partition=12000+8000:e48bff5a"

static void test_an_image_goes_into_the_partition_of_its_family(void **state)
{
	struct bench *b = *state;
	AUTO_IMAGE arm = IMAGE_INIT;
	AUTO_IMAGE riscv = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	bool moved;

	put_flash(b, SIZE, 1);
	must(place(b, TABLE, UF2_FAMILY_RP2350_ARM_S, 0x10000, &arm, &moved, &e), &e);
	assert_true(moved);
	assert_int_equal(image_start(&arm), PICOBOOT_FLASH + 0x2000);
	assert_int_equal(image_size(&arm), 0x10000);
	must(place(b, TABLE, UF2_FAMILY_RP2350_RISCV, 0x8000, &riscv, &moved, &e), &e);
	assert_int_equal(image_start(&riscv), PICOBOOT_FLASH + 0x12000);
}

static void test_absolute_addresses_and_boards_without_partitions_move_nothing(void **state)
{
	struct bench *b = *state;
	AUTO_IMAGE out = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	bool moved;

	put_flash(b, SIZE, 1);
	must(place(b, TABLE, UF2_FAMILY_RP2_ABSOLUTE, 0x1000, &out, &moved, &e), &e);
	assert_false(moved);
	must(place(b, "chip=rp2350 size=256", UF2_FAMILY_RP2350_ARM_S, 0x1000, &out, &moved, &e),
	     &e);
	assert_false(moved);
	must(place(b, "chip=rp2350 size=256", 0, 0x1000, &out, &moved, &e), &e);
	assert_false(moved);
	must(place(b, "chip=rp2040 size=256", UF2_FAMILY_RP2040, 0x1000, &out, &moved, &e), &e);
	assert_false(moved);
}

static void test_an_image_without_a_place_is_refused(void **state)
{
	struct bench *b = *state;
	AUTO_IMAGE out = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	bool moved;

	put_flash(b, SIZE, 1);
	assert_false(place(b, TABLE, UF2_FAMILY_RP2350_ARM_NS, 0x1000, &out, &moved, &e));
	assert_err(&e, "none of the board's partitions takes an image of family rp2350-arm-ns",
		   "rp2350-absolute");
	assert_false(place(b, TABLE, UF2_FAMILY_RP2350_RISCV, 0x8001, &out, &moved, &e));
	assert_err(&e, "does not fit into partition 1 of the board, 32 KiB", NULL);
	assert_false(place(b, TABLE, 0, 0x1000, &out, &moved, &e));
	assert_err(&e, "the board has partitions, and the image does not say what it is",
		   "--family");
	assert_false(place(b, "chip=rp2350 size=256 partition=2000+10000:e48bff59:1f",
			   UF2_FAMILY_RP2350_ARM_S, 0x1000, &out, &moved, &e));
	assert_err(&e, "partition 0 of the board may not be written over USB", NULL);
	assert_int_equal(out.count, 0);
}

/* --- the end -------------------------------------------------------------------------------------------------------- */

static void test_rp2040_reboots(void **state)
{
	struct bench *b = *state;
	AUTO_ERR e = ERR_INIT;

	plug(b, "chip=rp2040 size=256");
	open_or_fail(b);
	must(driver->leave(b->handle, &e), &e);
	close_it(b);
	assert_has(b->usb.events.buf, "reboot 0 00000000\n");
	assert_lacks(b->usb.events.buf, "exclusive 00000000");
	usb_fake_unplug(&b->usb);
}

/* What was written is what RP2350 shall start, where two could be: the kind of reboot says so. */
static void test_rp2350_reboots_into_what_was_written(void **state)
{
	struct bench *b = *state;
	const uint8_t page[PICOBOOT_PAGE] = { 0 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_IMAGE out = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	bool moved;

	put_flash(b, SIZE, 1);
	plug(b, TABLE);
	open_or_fail(b);
	make_image(&img, PICOBOOT_FLASH, 0x3000, UF2_FAMILY_RP2350_ARM_S);
	must(driver->prepare(b->handle, &img, &out, &moved, &e), &e);
	must(driver->write(b->handle, PICOBOOT_FLASH + 0x3000, page, sizeof(page), NULL, NULL, &e),
	     &e);
	must(driver->leave(b->handle, &e), &e);
	close_it(b);
	assert_has(b->usb.events.buf, "reboot 4 10002000\n");
	usb_fake_unplug(&b->usb);
}

static void test_rp2350_reboots_as_ever_when_nothing_was_written(void **state)
{
	struct bench *b = *state;
	AUTO_ERR e = ERR_INIT;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2350 size=256");
	open_or_fail(b);
	must(driver->leave(b->handle, &e), &e);
	close_it(b);
	assert_has(b->usb.events.buf, "reboot 0 00000000\n");
	usb_fake_unplug(&b->usb);
}

/* --- when it goes wrong ------------------------------------------------------------------------------------------- */

static void test_the_chip_says_what_it_does_not_like(void **state)
{
	struct bench *b = *state;
	struct picoboot p;
	uint8_t page[PICOBOOT_PAGE] = { 0 };
	AUTO_ERR e = ERR_INIT;

	plug(b, "chip=rp2040 size=256");
	must(picoboot_open(&p, &b->usb.record, &e), &e);
	assert_false(picoboot_erase(&p, PICOBOOT_FLASH + 256, PICOBOOT_SECTOR, &e));
	assert_err(&e, "erase of 4096 bytes at 0x10000100: the chip says: bad alignment", NULL);
	assert_false(picoboot_write(&p, 0x11000000, page, sizeof(page), &e));
	assert_err(&e, "invalid address", NULL);
	/* and goes on */
	must(picoboot_read(&p, PICOBOOT_FLASH, page, sizeof(page), &e), &e);
	picoboot_close(&p);
	usb_fake_unplug(&b->usb);
}

static void test_what_a_killed_run_left_is_cleared(void **state)
{
	struct bench *b = *state;
	uint8_t command[32] = { 0x0b, 0xd1, 0x1f, 0x43, 1, 0, 0, 0, 5,    8, 0,
				0,    0,    0x10, 0,    0, 0, 0, 0, 0x10, 0, 0x10 };
	struct usb_transfer t = { .endpoint = 3, .data = command, .size = sizeof(command) };

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2040 size=256");
	assert_int_equal(usb_dev_run(b->usb.dev, &t), 0); /* 4 KiB are to follow, and do not */
	open_or_fail(b);
	write_and_read(b);
	close_it(b);
	usb_fake_unplug(&b->usb);
}

/* RP2350's boot ROM has a number of the chip's; RP2040's has none that would tell it from another. */
static void test_another_rp2350_at_its_place_is_refused(void **state)
{
	struct bench *b = *state;
	AUTO_ERR e = ERR_INIT;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2350 size=256 serial=AAAA2D3C4B5A6978");
	b->usb.record.serial = "0F1E2D3C4B5A6978";
	assert_false(open_it(b, &e));
	assert_err(&e, "its serial number is AAAA2D3C4B5A6978, not 0F1E2D3C4B5A6978", NULL);
	flash_memory_free(&b->memory);
	usb_fake_unplug(&b->usb);
}

/* All that is done with the device in a flash of some sectors; false where it broke. */
static bool whole_run(struct bench *b, struct err *e)
{
	static uint8_t data[FAULTY], back[FAULTY];
	bool ok;

	fill(data, sizeof(data), 21);
	if (!open_it(b, e)) {
		flash_memory_free(&b->memory);
		return false;
	}
	ok = driver->erase(b->handle, PICOBOOT_FLASH, sizeof(data), e) &&
	     driver->write(b->handle, PICOBOOT_FLASH, data, sizeof(data), NULL, NULL, e) &&
	     driver->read(b->handle, PICOBOOT_FLASH, back, sizeof(back), e) &&
	     driver->leave(b->handle, e);
	close_it(b);
	if (ok)
		assert_memory_equal(back, data, sizeof(data));
	if (ok)
		assert_flash(b, 0, data, sizeof(data));
	return ok;
}

static unsigned transfers_of_a_run(struct bench *b, const char *words)
{
	AUTO_ERR e = ERR_INIT;
	struct usb_dev_count n;

	put_flash(b, SIZE, 1);
	plug(b, words);
	must(whole_run(b, &e), &e);
	n = usb_dev_count(b->usb.dev);
	usb_fake_unplug(&b->usb);
	return (unsigned)(n.control + n.in + n.out);
}

/* One that breaks is tried again: the run succeeds, whichever it was. */
static void survive(struct bench *b, const char *words, const char *what)
{
	unsigned count = transfers_of_a_run(b, words);

	assert_in_range(count, 20, 200);
	for (unsigned i = 1; i <= count; i++) {
		AUTO_STRBUF fault = STRBUF_INIT;
		AUTO_ERR e = ERR_INIT;

		put_flash(b, SIZE, i);
		plug(b, words);
		strbuf_addf(&fault, "after=%u %s", i, what);
		usb_fake_fault(&b->usb, fault.buf);
		/* requests to the control endpoint are not repeated: nothing was done yet */
		if (!whole_run(b, &e)) {
			assert_has(e.msg, "does not reset");
			usb_fake_fault(&b->usb, "none");
			must(whole_run(b, &e), &e);
		}
		usb_fake_unplug(&b->usb);
	}
}

static void test_any_one_transfer_may_stall(void **state)
{
	survive(*state, "chip=rp2040 size=256", "stall");
	survive(*state, "chip=rp2350 size=256", "stall");
}

static void test_any_one_transfer_may_time_out(void **state)
{
	survive(*state, "chip=rp2040 size=256", "nak");
}

static void test_any_one_transfer_may_babble_or_break(void **state)
{
	survive(*state, "chip=rp2350 size=256", "babble");
	survive(*state, "chip=rp2040 size=256", "error");
}

static void test_one_that_went_away_is_an_error_and_the_next_run_succeeds(void **state)
{
	struct bench *b = *state;
	unsigned count = transfers_of_a_run(b, "chip=rp2040 size=256");

	for (unsigned i = 1; i <= count; i++) {
		AUTO_STRBUF fault = STRBUF_INIT;
		AUTO_ERR e = ERR_INIT;
		bool last;

		put_flash(b, SIZE, i);
		plug(b, "chip=rp2040 size=256");
		strbuf_addf(&fault, "after=%u gone", i);
		usb_fake_fault(&b->usb, fault.buf);
		last = i == count; /* the reboot: it goes before it says so */
		assert_int_equal(whole_run(b, &e), last);
		usb_fake_unplug(&b->usb);
		err_free(&e);
		plug(b, "chip=rp2040 size=256");
		must(whole_run(b, &e), &e);
		usb_fake_unplug(&b->usb);
	}
}

static void test_one_that_answers_nothing_any_more_is_an_error_in_bounded_time(void **state)
{
	struct bench *b = *state;
	AUTO_ERR e = ERR_INIT;

	put_flash(b, SIZE, 1);
	plug(b, "chip=rp2040 size=256");
	usb_fake_fault(&b->usb, "after=20 times=1000 nak");
	assert_false(whole_run(b, &e));
	assert_err(&e, "does not answer", NULL);
	usb_fake_unplug(&b->usb);
}

/* --- why a copied file did nothing ---------------------------------------------------------------------------------- */

static void assert_reason(struct bench *b, const char *words, const char *want)
{
	AUTO_STRBUF why = STRBUF_INIT;

	plug(b, words);
	picoboot_uf2_reason(&b->usb.record, &why);
	assert_string_equal(why.buf, want);
	usb_fake_unplug(&b->usb);
}

static void test_the_rom_says_why_it_did_nothing_with_a_file(void **state)
{
	struct bench *b = *state;

	assert_reason(b, "chip=rp2350 size=256", "");
	assert_reason(b, "chip=rp2040 size=256", "");
	assert_reason(b, "chip=rp2350 size=256 uf2_status=1:e48bff56",
		      "it has no place for an image of family rp2040");
	assert_reason(b, "chip=rp2350 size=256 uf2_status=10",
		      "another program has its flash for itself (PICOBOOT)");
	assert_reason(b, "chip=rp2350 size=256 uf2_status=20",
		      "an address in the file is outside of its flash, or of the partition");
	assert_reason(b, "chip=rp2350 size=256 uf2_status=40", "its flash could not be written");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_rp2040_is_erased_written_and_read),
		TEST(test_rp2350_is_erased_written_and_read),
		TEST(test_many_sectors_are_erased_by_one_command),
		TEST(test_picoboot_alone_is_found),
		TEST(test_sectors_are_read_ahead_and_never_from_before_a_write),
		TEST(test_flash_is_as_large_as_where_it_begins_anew),
		TEST(test_the_size_is_seen_without_the_first_sector),
		TEST(test_an_empty_flash_has_its_window_for_a_size),
		TEST(test_rp2350_may_have_the_size_in_its_otp),
		TEST(test_a_chip_of_unknown_ids_that_answers_nothing_is_refused),
		TEST(test_an_image_of_the_other_chip_is_refused),
		TEST(test_an_image_goes_into_the_partition_of_its_family),
		TEST(test_absolute_addresses_and_boards_without_partitions_move_nothing),
		TEST(test_an_image_without_a_place_is_refused),
		TEST(test_rp2040_reboots),
		TEST(test_rp2350_reboots_into_what_was_written),
		TEST(test_rp2350_reboots_as_ever_when_nothing_was_written),
		TEST(test_the_chip_says_what_it_does_not_like),
		TEST(test_what_a_killed_run_left_is_cleared),
		TEST(test_another_rp2350_at_its_place_is_refused),
		TEST(test_any_one_transfer_may_stall),
		TEST(test_any_one_transfer_may_time_out),
		TEST(test_any_one_transfer_may_babble_or_break),
		TEST(test_one_that_went_away_is_an_error_and_the_next_run_succeeds),
		TEST(test_one_that_answers_nothing_any_more_is_an_error_in_bounded_time),
		TEST(test_the_rom_says_why_it_did_nothing_with_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
