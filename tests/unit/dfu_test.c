/* SPDX-License-Identifier: MIT
 *
 * The driver of DFU devices on models of them, behind libusb's functions: what is written, what stays, and what happens when a
 * transfer fails, at every one of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "flash/dfu.h"
#include "flash/dfu_wire.h"
#include "flash/driver_internal.h"
#include "os/clock.h"
#include "scratch.h"
#include "usb_fake.h"

enum { BASE = 0x08000000, SMALL = 4 * 4096 + 4 * 8192 };

struct fixture {
	struct scratch *scratch;
	struct usb_fake usb;
	struct flash_target target;
	struct device device;
	const char *flash; /* the file */
	struct flash_result result;
	uint8_t *before; /* what the flash held */
	size_t size;
	const char *base_text; /* of flash.base; NULL: unset */
};

static const char *get(void *ctx, const char *name)
{
	const struct fixture *f = ctx;

	return strcmp(name, "flash.base") == 0 ? f->base_text : NULL;
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->scratch = scratch_create();
	f->flash = scratch_path(f->scratch, "flash.bin");
	f->usb.events = (struct strbuf)STRBUF_INIT;
	f->device = (struct device){ .id = "usb-315D35723037", .state = DEVICE_BOOTLOADER };
	f->target = (struct flash_target){
		.port = "stm32",
		.board_id = "PYBV11",
		.attached = &f->device,
		.run_dir = scratch_path(f->scratch, "run"),
		.get = get,
		.ctx = f,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	usb_fake_unplug(&f->usb);
	strbuf_free(&f->usb.events);
	flash_result_free(&f->result);
	scratch_destroy(f->scratch);
	free(f->before);
	free(f);
	return 0;
}

/* --- devices ------------------------------------------------------------------------------------------------------ */

static void plug(struct fixture *f, const char *words)
{
	AUTO_STRBUF all = STRBUF_INIT;

	strbuf_addf(&all, "flash=%s %s", f->flash, words);
	usb_fake_plug(&f->usb, &dfu_model, all.buf);
	f->device.usb = &f->usb.record;
	f->device.usb_path = f->usb.record.path;
}

static void read_flash(const struct fixture *f, uint8_t *to, size_t size)
{
	FILE *file = fopen(f->flash, "rbe");

	assert_non_null(file);
	assert_int_equal(fread(to, 1, size, file), size);
	fclose(file);
}

/* In place, and not synchronized: it is done often. */
static void write_flash(const struct fixture *f)
{
	FILE *file = fopen(f->flash, "wbe");

	assert_non_null(file);
	assert_int_equal(fwrite(f->before, 1, f->size, file), f->size);
	assert_int_equal(fclose(file), 0);
}

/* Bytes that differ everywhere, and from one seed to the next. */
static void fill(uint8_t *to, size_t size, uint32_t seed)
{
	for (size_t i = 0; i < size; i++) {
		seed = seed * 1664525U + 1013904223U;
		to[i] = (uint8_t)(seed >> 24);
	}
}

/* The flash holds something of the user's everywhere. */
static void prepare(struct fixture *f, size_t size)
{
	f->size = size;
	f->before = xrealloc(f->before, size);
	fill(f->before, size, 1);
	write_flash(f);
}

/* The flash holds the image, and around it what was there. */
static void assert_flashed(const struct fixture *f, const struct image *img, uint64_t base)
{
	uint8_t *now = xmalloc(f->size), *wanted = xmalloc(f->size);

	read_flash(f, now, f->size);
	memcpy(wanted, f->before, f->size);
	for (size_t i = 0; i < img->count; i++)
		memcpy(wanted + (img->segments[i].address - base), img->segments[i].data,
		       img->segments[i].size);
	for (size_t i = 0; i < f->size; i++)
		if (now[i] != wanted[i])
			fail_msg("0x%zx holds %02x instead of %02x", i, now[i], wanted[i]);
	free(now);
	free(wanted);
}

static void assert_untouched(const struct fixture *f)
{
	uint8_t *now = xmalloc(f->size);

	read_flash(f, now, f->size);
	assert_memory_equal(now, f->before, f->size);
	assert_int_equal(usb_fake_count(&f->usb, "erase"), 0);
	assert_int_equal(usb_fake_count(&f->usb, "write"), 0);
	free(now);
}

/* --- runs: driver_flash without the ways in and out, which are tested on their own ----------------------------------- */

static bool run_flash(struct fixture *f, const struct image *img, struct err *e)
{
	struct driver_run run = {
		.d = &dfu_driver,
		.t = &f->target,
		.img = img,
		.result = &f->result,
		.device = &f->device,
	};
	bool ok = dfu_driver.open(&f->target, &f->device, &run.memory, &run.handle, e);

	flash_result_free(&f->result);
	run.is_open = ok;
	ok = ok && dfu_driver.check(run.handle, img, e) && driver_make_plan(&run, e) &&
	     driver_write(&run, e) && dfu_driver.leave(run.handle, e);
	f->result.verified = ok && !run.unproven;
	if (run.is_open)
		dfu_driver.close(run.handle);
	plan_free(&run.plan);
	journal_free(&run.journal);
	flash_memory_free(&run.memory);
	free(run.buf);
	return ok;
}

static void must_flash(struct fixture *f, const struct image *img)
{
	AUTO_ERR e = ERR_INIT;

	if (!run_flash(f, img, &e))
		fail_msg("%s", e.msg);
}

static void refuse_flash(struct fixture *f, const struct image *img, const char *why)
{
	AUTO_ERR e = ERR_INIT;

	if (run_flash(f, img, &e))
		fail_msg("it was flashed");
	if (!strstr(e.msg, why))
		fail_msg("'%s' is not '%s'", e.msg, why);
}

static void add(struct image *img, uint32_t address, size_t size, uint32_t seed)
{
	AUTO_ERR e = ERR_INIT;
	uint8_t *bytes = xmalloc(size);

	fill(bytes, size, seed);
	if (!image_add(img, address, bytes, size, true, &e))
		fail_msg("%s", e.msg);
	free(bytes);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void test_only_what_differs_is_written(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT, changed = IMAGE_INIT;

	prepare(f, 1 << 20);
	add(&img, BASE, 150001, 7);
	plug(f, "chip=f405");
	must_flash(f, &img);
	assert_flashed(f, &img, BASE);
	assert_true(f->result.verified);
	assert_int_equal(usb_fake_count(&f->usb, "leave 08000000"), 1);

	plug(f, "chip=f405");
	must_flash(f, &img);
	assert_int_equal(usb_fake_count(&f->usb, "erase"), 0);
	assert_int_equal(usb_fake_count(&f->usb, "write"), 0);

	add(&changed, BASE, 150001, 7);
	((uint8_t *)changed.segments[0].data)[20000] ^= 1;
	plug(f, "chip=f405");
	must_flash(f, &changed);
	assert_flashed(f, &changed, BASE);
	assert_int_equal(usb_fake_count(&f->usb, "erase"), 1);
	assert_int_equal(usb_fake_count(&f->usb, "erase 08004000"), 1);
}

static void test_a_split_image_leaves_its_hole(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, 1 << 20);
	add(&img, BASE, 14000, 3);
	add(&img, BASE + 0x20000, 70003, 4);
	plug(f, "chip=f405");
	must_flash(f, &img);
	assert_flashed(f, &img, BASE);
	assert_int_equal(usb_fake_count(&f->usb, "erase"), 2);
}

static void test_however_blocks_are_counted(void **state)
{
	static const char *const kinds[] = { "chip=small", "chip=small blocks=fixed transfer=2048",
					     "chip=small transfer=1000", "chip=small transfer=64",
					     "chip=small transfer=4096" };
	static const size_t sizes[] = { 1, 31, 1000, 2049, 9000, 20003 };
	struct fixture *f = *state;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
			AUTO_IMAGE img = IMAGE_INIT;

			prepare(f, SMALL);
			add(&img, BASE, sizes[i], (uint32_t)(k + 5));
			plug(f, kinds[k]);
			must_flash(f, &img);
			assert_flashed(f, &img, BASE);
			assert_int_equal(usb_fake_count(&f->usb, "not-erased"), 0);
		}
}

static void test_any_range_reads_as_it_is(void **state)
{
	static const char *const kinds[] = { "chip=small", "chip=small blocks=fixed transfer=2048",
					     "chip=small transfer=1000" };
	struct fixture *f = *state;
	uint8_t got[6000];
	void *handle;

	prepare(f, SMALL);
	srand(1);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		AUTO_FLASH_MEMORY memory = FLASH_MEMORY_INIT;
		AUTO_ERR e = ERR_INIT;

		plug(f, kinds[k]);
		if (!dfu_driver.open(&f->target, &f->device, &memory, &handle, &e))
			fail_msg("%s", e.msg);
		for (int i = 0; i < 200; i++) {
			size_t at = (size_t)rand() % SMALL;
			size_t size = 1 + (size_t)rand() % (sizeof(got) - 1);

			size = size < SMALL - at ? size : SMALL - at;
			if (!dfu_driver.read(handle, BASE + at, got, size, &e))
				fail_msg("%s", e.msg);
			assert_memory_equal(got, f->before + at, size);
		}
		dfu_driver.close(handle);
	}
}

/* Units that can be written once: nothing is written to what only looks erased. */
static void test_units_with_ecc_are_written_once(void **state)
{
	static const char *const kinds[] = { "chip=h563", "chip=h743", "chip=l476", "chip=g474" };
	static const size_t sizes[] = { 2 << 20, 2 << 20, 1 << 20, 1 << 19 };
	struct fixture *f = *state;

	for (size_t i = 0; i < 4; i++) {
		AUTO_IMAGE img = IMAGE_INIT, other = IMAGE_INIT;

		prepare(f, sizes[i]);
		add(&img, BASE, 30011, 5);
		plug(f, kinds[i]);
		must_flash(f, &img);
		assert_flashed(f, &img, BASE);
		add(&other, BASE, 30050, 6);
		plug(f, kinds[i]);
		must_flash(f, &other);
		assert_flashed(f, &other, BASE);
		assert_int_equal(usb_fake_count(&f->usb, "second-write"), 0);
	}
}

/* Sets and clears every transfer of a run, in every way, and runs again. */
static void fail_everywhere(struct fixture *f, const char *what, bool replug)
{
	AUTO_IMAGE img = IMAGE_INIT;
	char fault[64];
	long last = 1;

	add(&img, BASE, 22003, 9);
	for (long at = 1; at <= last; at++) {
		AUTO_ERR e = ERR_INIT;
		bool ok;

		prepare(f, SMALL);
		plug(f, "chip=small");
		f->usb.transfers = 0;
		snprintf(fault, sizeof(fault), "after=%ld %s", at, what);
		usb_fake_fault(&f->usb, fault);
		ok = run_flash(f, &img, &e);
		if (ok)
			assert_flashed(f, &img, BASE);
		else
			assert_non_null(e.msg);
		if (f->usb.transfers >= at)
			last = at + 1;
		usb_fake_fault(&f->usb, "none");
		if (replug || f->usb.left)
			plug(f, "chip=small");
		must_flash(f, &img);
		assert_flashed(f, &img, BASE);
		assert_int_equal(usb_fake_count(&f->usb, "not-erased"), 0);
	}
	assert_true(last > 100);
}

static void test_unplugged_at_any_transfer(void **state)
{
	fail_everywhere(*state, "gone", true);
}

static void test_a_stall_at_any_transfer(void **state)
{
	fail_everywhere(*state, "stall", false);
}

static void test_a_timeout_at_any_transfer(void **state)
{
	fail_everywhere(*state, "nak", false);
}

static void test_babble_at_any_transfer(void **state)
{
	fail_everywhere(*state, "babble", false);
}

static void test_an_answer_lost_at_any_transfer(void **state)
{
	fail_everywhere(*state, "lost", false);
}

static void test_poll_times_are_honoured(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, SMALL);
	add(&img, BASE, 9000, 2);
	plug(f, "chip=small erase_ms=25 write_ms=3");
	must_flash(f, &img);
	assert_flashed(f, &img, BASE);
	assert_int_equal(usb_fake_count(&f->usb, "early"), 0);
}

/* 0, hours, and devices that say "busy" again instead of waiting. */
static void test_wrong_poll_times_do_no_harm(void **state)
{
	static const char *const kinds[] = {
		"chip=small erase_ms=25 write_ms=3 poll=0",
		"chip=small erase_ms=25 write_ms=3 poll=16777215",
		"chip=small erase_ms=25 write_ms=3 poll=0 busy=answers",
		"chip=small erase_ms=25 write_ms=3 poll=16777215 busy=answers",
		"chip=small erase_ms=25 write_ms=3 poll=1 busy=answers",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		AUTO_IMAGE img = IMAGE_INIT;
		int64_t start = clock_ms();

		prepare(f, SMALL);
		add(&img, BASE, 9000, 2);
		plug(f, kinds[i]);
		must_flash(f, &img);
		assert_flashed(f, &img, BASE);
		assert_true(clock_ms() - start < 5000);
	}
}

static void test_read_protection_is_named(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	prepare(f, SMALL);
	add(&img, BASE, 9000, 2);
	plug(f, "chip=small protect=read");
	assert_false(run_flash(f, &img, &e));
	assert_string_equal(e.msg, "the flash of this chip is read-protected");
	assert_non_null(strstr(e.hint, "--unlock"));
	assert_int_equal(usb_fake_count(&f->usb, "unprotect"), 0);
	assert_untouched(f);
}

static void test_a_write_protected_sector_is_found_by_reading(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, SMALL);
	add(&img, BASE, 9000, 2);
	plug(f, "chip=small locked=08001000+1000");
	refuse_flash(f, &img, "0x08001000-0x08001fff is write-protected");
	assert_false(f->result.verified);
}

static void test_a_sector_that_cannot_be_erased(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, SMALL);
	add(&img, BASE, 9000, 2);
	plug(f, "chip=small bad=08001000+1000");
	refuse_flash(f, &img, "erase 0x08001000: the device says: it cannot erase (errERASE)");
}

static void test_error_states_of_a_former_run_are_cleared(void **state)
{
	static const char *const kinds[] = { "chip=small error=10", "chip=small error=4",
					     "chip=small error=15" };
	struct fixture *f = *state;

	for (size_t i = 0; i < 3; i++) {
		AUTO_IMAGE img = IMAGE_INIT;

		prepare(f, SMALL);
		add(&img, BASE, 500, 2);
		plug(f, kinds[i]);
		must_flash(f, &img);
		assert_flashed(f, &img, BASE);
	}
}

/* Half way through an erase nobody heard of its end: it goes on, in many short polls. */
static void test_what_a_killed_run_began_is_waited_for(void **state)
{
	static const uint8_t erase[5] = { 0x41, 0x00, 0x00, 0x00, 0x08 };
	struct fixture *f = *state;
	struct dfu_wire w;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;
	uint8_t status[6];

	prepare(f, SMALL);
	add(&img, BASE, 500, 2);
	plug(f, "chip=small erase_ms=700 busy=answers poll=20");
	assert_true(dfu_wire_open(&w, &f->usb.record, &e));
	assert_int_equal(usb_lib.libusb_control_transfer(w.usb.handle, 0x21, 1, 0, w.interface,
							 (uint8_t *)(uintptr_t)erase, 5, 1000),
			 5);
	usb_lib.libusb_control_transfer(w.usb.handle, 0xa1, 3, 0, w.interface, status, 6, 1000);
	assert_int_equal(status[4], 4);
	dfu_wire_close(&w);
	must_flash(f, &img);
	assert_int_equal(usb_fake_count(&f->usb, "leave"), 1);
}

/* In which words are said twice by a flash with ECC cannot be seen; sizes of another chip say nothing of it. */
static void test_a_second_chip_does_not_make_blank_sectors_erased(void **state)
{
	static const struct {
		const char *layout;
		bool blank;
	} cases[] = {
		{ "@Internal%20Flash%20%20/0x08000000/2*128Kg/0x90000000/16*4Kg", false },
		{ "@Internal%20Flash%20%20/0x08000000/2*16Kg,1*64Kg/0x90000000/16*4Kg", true },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_FLASH_MEMORY memory = FLASH_MEMORY_INIT;
		AUTO_STRBUF words = STRBUF_INIT;
		AUTO_ERR e = ERR_INIT;
		void *handle;

		prepare(f, 1 << 20);
		strbuf_addf(&words, "layout=%s", cases[i].layout);
		plug(f, words.buf);
		if (!dfu_driver.open(&f->target, &f->device, &memory, &handle, &e))
			fail_msg("%s", e.msg);
		assert_int_equal(memory.zones[0].blank_is_erased, cases[i].blank);
		assert_int_equal(memory.zones[memory.count - 1].start, 0x90000000);
		assert_false(memory.zones[memory.count - 1].blank_is_erased);
		dfu_driver.close(handle);
	}
}

/* A block must not run on into what another setting has. */
static void test_settings_that_touch_are_read_apart(void **state)
{
	struct fixture *f = *state;
	AUTO_FLASH_MEMORY memory = FLASH_MEMORY_INIT;
	AUTO_STRBUF words = STRBUF_INIT;
	AUTO_ERR e = ERR_INIT;
	uint8_t bytes[100];
	void *handle;

	prepare(f, SMALL);
	strbuf_addf(&words, "chip=small flash=%s layout=@More%%20Flash%%20/0x%08x/4*4Kg",
		    scratch_path(f->scratch, "more.bin"), BASE + SMALL);
	scratch_put_bytes(f->scratch, "more.bin", f->before, 4 * 4096);
	plug(f, words.buf);
	assert_true(dfu_driver.open(&f->target, &f->device, &memory, &handle, &e));
	if (!dfu_driver.read(handle, BASE + SMALL - 100, bytes, sizeof(bytes), &e))
		fail_msg("%s", e.msg);
	assert_memory_equal(bytes, f->before + SMALL - 100, sizeof(bytes));
	if (!dfu_driver.read(handle, BASE + SMALL, bytes, sizeof(bytes), &e))
		fail_msg("%s", e.msg);
	assert_memory_equal(bytes, f->before, sizeof(bytes));
	dfu_driver.close(handle);
}

static void test_mboot_does_not_let_itself_be_overwritten(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE over = IMAGE_INIT, behind = IMAGE_INIT;

	prepare(f, 1 << 20);
	add(&over, BASE, 40000, 2);
	add(&behind, BASE + 0x4000, 40000, 2);
	plug(f, "chip=mboot");
	refuse_flash(f, &over, "0x08000000, in Internal Flash, which cannot be written");
	assert_untouched(f);
	must_flash(f, &behind);
	assert_flashed(f, &behind, BASE);
}

static void test_option_bytes_are_not_written(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, 16);
	add(&img, 0x1fffc000, 16, 2);
	plug(f, "layout=@Option%20Bytes%20%20/0x1FFFC000/01*016%20e");
	refuse_flash(f, &img, "0x1fffc000, in Option Bytes, which cannot be written");
	assert_untouched(f);
}

static void test_memories_behind_several_settings(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT, outer = IMAGE_INIT;
	AUTO_STRBUF words = STRBUF_INIT;
	const char *first = f->flash;

	prepare(f, 1 << 20);
	add(&img, BASE, 5000, 2);
	add(&img, 0x90000000, 5000, 3);
	strbuf_addf(&words, "chip=f405 flash=%s layout=@External%%20Flash%%20/0x90000000/16*64Kg",
		    scratch_path(f->scratch, "outer.bin"));
	scratch_put_bytes(f->scratch, "outer.bin", f->before, 1 << 20);
	plug(f, words.buf);
	must_flash(f, &img);
	add(&outer, BASE, 5000, 2);
	assert_flashed(f, &outer, BASE);
	image_free(&outer);
	add(&outer, 0x90000000, 5000, 3);
	f->flash = scratch_path(f->scratch, "outer.bin");
	assert_flashed(f, &outer, 0x90000000);
	f->flash = first;
}

static void test_a_file_for_another_setting_is_refused(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, SMALL);
	add(&img, BASE, 500, 2);
	img.has_alt = true;
	img.alt = 1;
	plug(f, "chip=small");
	refuse_flash(f, &img, "for alternate setting 1");
	assert_untouched(f);
}

static void test_an_image_beyond_the_memory_is_refused(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, SMALL);
	add(&img, BASE, SMALL + 1, 2);
	plug(f, "chip=small");
	refuse_flash(f, &img, "where the device has no memory");
	assert_untouched(f);
}

static void test_gd32_has_the_flash_that_its_serial_number_says(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_ERR e = ERR_INIT;

	prepare(f, 512 * 2048);
	add(&img, BASE, 5000, 2);
	/* the model erases the 2 KiB that its layout has: the true device the 1 KiB that it has */
	plug(f,
	     "id=28e9:0189 serial=3CBJ kind=gd32 layout=@Internal%20Flash%20/0x08000000/512*001Kg");
	refuse_flash(f, &img, "28e9:0189");
	f->target.device = "usb-3CBJ";
	must_flash(f, &img);
	assert_int_equal(usb_fake_count(&f->usb, "erase"), 5);
	assert_int_equal(usb_fake_count(&f->usb, "leave"), 1);
	image_free(&img);
	add(&img, BASE + 127 * 1024, 1025, 2);
	plug(f,
	     "id=28e9:0189 serial=3CBJ kind=gd32 layout=@Internal%20Flash%20/0x08000000/512*001Kg");
	assert_false(run_flash(f, &img, &e));
	assert_non_null(strstr(e.msg, "0x08020000, where the device has no memory"));
}

static void test_plain_dfu_takes_a_whole_file(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	f->target.device = "usb-1";
	f->base_text = "0x10000";
	prepare(f, 1 << 20);
	add(&img, 0x10000, 30001, 2);
	plug(f, "kind=plain transfer=64 attributes=0x01 id=2341:0368 layout=firmware write_ms=1");
	must_flash(f, &img);
	assert_flashed(f, &img, 0x10000);
	assert_false(f->result.verified);
	assert_int_equal(usb_fake_count(&f->usb, "block"), 469);
	assert_int_equal(usb_fake_count(&f->usb, "manifest"), 1);
	assert_true(f->usb.left);
}

static void test_plain_dfu_that_goes_on_is_reset(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	f->target.device = "usb-1";
	prepare(f, 1 << 20);
	add(&img, 0, 300, 2);
	plug(f, "kind=plain transfer=64 attributes=0x05 id=2341:0070 layout=app manifest_ms=20");
	must_flash(f, &img);
	assert_flashed(f, &img, 0);
}

static void test_plain_dfu_takes_no_holes(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	f->target.device = "usb-1";
	prepare(f, 1 << 20);
	add(&img, 0, 300, 2);
	add(&img, 1000, 300, 2);
	plug(f, "kind=plain transfer=64 id=2341:0070 layout=app");
	refuse_flash(f, &img, "a plain DFU device takes one piece");
	assert_int_equal(usb_fake_count(&f->usb, "block"), 0);
}

/* Words of a driver that cannot be fooled by what is not DFU. */
static void test_a_device_that_can_only_upload(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, SMALL);
	add(&img, BASE, 500, 2);
	plug(f, "chip=small attributes=0x02");
	refuse_flash(f, &img, "takes no firmware");
	assert_untouched(f);
}

static void test_what_cannot_be_read_is_written_and_not_called_verified(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, SMALL);
	add(&img, BASE, 8192, 2);
	plug(f, "chip=small attributes=0x09");
	must_flash(f, &img);
	assert_flashed(f, &img, BASE);
	assert_false(f->result.verified);
}

/* Between the list and the open: the number is the device's own. */
static void test_another_one_at_its_place_is_refused(void **state)
{
	struct fixture *f = *state;
	AUTO_IMAGE img = IMAGE_INIT;

	prepare(f, SMALL);
	add(&img, BASE, 500, 2);
	plug(f, "chip=small serial=206A36973456");
	f->usb.record.serial = "315D35723037";
	refuse_flash(
		f, &img,
		"another device is at 1-2 now: its serial number is 206A36973456, not 315D35723037");
	assert_untouched(f);
	f->usb.record.serial = "206A36973456";
	must_flash(f, &img);
	assert_flashed(f, &img, BASE);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_only_what_differs_is_written),
		T(test_a_split_image_leaves_its_hole),
		T(test_however_blocks_are_counted),
		T(test_any_range_reads_as_it_is),
		T(test_units_with_ecc_are_written_once),
		T(test_unplugged_at_any_transfer),
		T(test_a_stall_at_any_transfer),
		T(test_a_timeout_at_any_transfer),
		T(test_babble_at_any_transfer),
		T(test_an_answer_lost_at_any_transfer),
		T(test_poll_times_are_honoured),
		T(test_wrong_poll_times_do_no_harm),
		T(test_read_protection_is_named),
		T(test_a_write_protected_sector_is_found_by_reading),
		T(test_a_sector_that_cannot_be_erased),
		T(test_error_states_of_a_former_run_are_cleared),
		T(test_what_a_killed_run_began_is_waited_for),
		T(test_a_second_chip_does_not_make_blank_sectors_erased),
		T(test_settings_that_touch_are_read_apart),
		T(test_mboot_does_not_let_itself_be_overwritten),
		T(test_option_bytes_are_not_written),
		T(test_memories_behind_several_settings),
		T(test_a_file_for_another_setting_is_refused),
		T(test_an_image_beyond_the_memory_is_refused),
		T(test_gd32_has_the_flash_that_its_serial_number_says),
		T(test_plain_dfu_takes_a_whole_file),
		T(test_plain_dfu_that_goes_on_is_reset),
		T(test_plain_dfu_takes_no_holes),
		T(test_a_device_that_can_only_upload),
		T(test_what_cannot_be_read_is_written_and_not_called_verified),
		T(test_another_one_at_its_place_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
