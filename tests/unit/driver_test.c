/* SPDX-License-Identifier: MIT
 *
 * Drivers are run: what is asked of a device and in which order, that the bytes around an image stay, and that whatever goes wrong,
 * no run claims what is not so, and running again makes it good.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "fake_flash.h"
#include "image/check.h"
#include "image_helpers.h"
#include "os/clock.h"
#include "os/fs.h"
#include "scratch.h"

enum {
	K = 1024,
	ALL = MEMORY_READ | MEMORY_ERASE | MEMORY_WRITE,
	RAM = MEMORY_READ | MEMORY_WRITE,
	F4 = 0x08000000,
	CASES = 3000,
};

/* Instead of the C library's, in this program: some ten thousand runs here need not wait for the disk. */
int fsync(int fd)
{
	(void)fd;
	return 0;
}

/* --- layouts -------------------------------------------------------------------------------------------------- */

static void add_zone(struct fake *f, uint64_t start, uint32_t sector, uint32_t count)
{
	fake_add(f, (struct memory_zone){ .name = "Internal Flash",
					  .start = start,
					  .sector = sector,
					  .count = count,
					  .access = ALL,
					  .erased = 0xff,
					  .blank_is_erased = true });
}

/* Sectors of several sizes; a hole; an external chip. */
static void layout_f4(struct fake *f)
{
	add_zone(f, F4, K, 4);
	add_zone(f, F4 + 4 * K, 4 * K, 1);
	add_zone(f, F4 + 8 * K, 8 * K, 3);
	add_zone(f, 0x90000000, 4 * K, 8);
}

/* 32 bytes at once, which nobody may write twice. */
static void layout_ecc(struct fake *f)
{
	struct memory_zone z = { .start = F4,
				 .sector = 4 * K,
				 .count = 16,
				 .access = ALL,
				 .write_unit = 32,
				 .erased = 0xff };

	fake_add(f, z);
}

/* Erased bits are 0. */
static void layout_l0(struct fake *f)
{
	struct memory_zone z = { .start = F4,
				 .sector = 128,
				 .count = 256,
				 .access = ALL,
				 .write_unit = 4,
				 .blank_is_erased = true };

	fake_add(f, z);
}

static void layout_pages(struct fake *f)
{
	struct memory_zone z = { .start = 0x10000000,
				 .sector = 4 * K,
				 .count = 32,
				 .access = ALL,
				 .write_unit = 256,
				 .erased = 0xff,
				 .blank_is_erased = true };

	fake_add(f, z);
}

/* Flash, and RAM behind it. */
static void layout_ram(struct fake *f)
{
	struct memory_zone z = {
		.start = 0x20000000, .sector = 16 * K, .count = 1, .access = RAM, .write_unit = 4
	};

	add_zone(f, F4, 2 * K, 16);
	fake_add(f, z);
	memset(fake_at(f, z.start), 0x77, z.sector);
}

/* Writes erase; the device works out checksums. */
static void layout_checksums(struct fake *f)
{
	add_zone(f, 0, 4 * K, 26);
	f->driver.same = fake_same;
	f->driver.erase = NULL;
	f->driver.same_size = 16 * K;
}

typedef void layout_fn(struct fake *f);
static layout_fn *const layouts[] = {
	layout_f4, layout_ecc, layout_l0, layout_pages, layout_ram, layout_checksums,
};

/* --- images and bytes ----------------------------------------------------------------------------------------- */

static uint32_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return n ? random_state % n : 0;
}

static void fill_random(uint8_t *bytes, size_t size, uint8_t erased)
{
	size_t n;

	for (size_t at = 0; at < size; at += n) {
		bool blank = random_below(3) == 0;

		n = 1 + random_below((uint32_t)(size - at));
		for (size_t i = 0; i < n; i++)
			bytes[at + i] = blank ? erased : (uint8_t)random_below(256);
	}
}

static void fill_device(struct fake *f)
{
	for (size_t i = 0; i < f->memory.count; i++) {
		const struct memory_zone *z = &f->memory.zones[i];

		for (uint32_t k = 0; k < z->count; k++) {
			if (random_below(3) == 0)
				continue;
			fill_random(f->bytes[i] + (size_t)k * z->sector, z->sector, z->erased);
			memset(f->written[i] + (size_t)k * z->sector, 1, z->sector);
		}
	}
}

/* A few pieces in a zone; where one is taken already, it is left out. */
static void add_pieces(struct image *img, const struct memory_zone *z, unsigned count)
{
	uint32_t size = z->sector * z->count;

	for (unsigned i = 0; i < count; i++) {
		uint32_t at = random_below(size), n = 1 + random_below(size - at);
		uint8_t *bytes;
		AUTO_ERR ignored = ERR_INIT;

		if (random_below(2))
			n = 1 + random_below(n < 3000 ? n : 3000);
		if (random_below(2))
			at -= at % z->sector;
		bytes = xmalloc(n);
		fill_random(bytes, n, z->erased);
		image_add(img, (uint32_t)z->start + at, bytes, n, true, &ignored);
		free(bytes);
	}
}

static void random_image(struct image *img, const struct fake *f)
{
	do {
		for (size_t i = 0; i < f->memory.count; i++)
			if (f->memory.zones[i].access & MEMORY_WRITE)
				add_pieces(img, &f->memory.zones[i], random_below(4));
	} while (!img->count);
}

/* What the device has to hold afterwards. */
static uint8_t *expected_bytes(const struct fake *f, const struct image *img, size_t *size)
{
	uint8_t *all = fake_copy(f, size);

	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		for (uint32_t k = 0; k < s->size; k++)
			all[fake_place(f, (uint64_t)s->address + k)] = s->data[k];
	}
	return all;
}

static void assert_holds(const struct fake *f, const uint8_t *expected, size_t size)
{
	size_t now_size;
	AUTO_FREE uint8_t *now = fake_copy(f, &now_size);

	assert_int_equal(now_size, size);
	for (size_t i = 0; i < size; i++)
		if (now[i] != expected[i])
			fail_msg("byte %zu is %02x, not %02x (%s)", i, now[i], expected[i],
				 f->events.buf);
}

/* From now on no other sector may be touched while the image's first one holds anything but erased bytes or its own. */
static void watch_first(struct fake *f, const struct image *img, const uint8_t *expected)
{
	const struct memory_zone *z = flash_memory_find(&f->memory, image_start(img));

	if (!f->driver.erase || !(z->access & MEMORY_ERASE))
		return;
	f->first = image_start(img) - (image_start(img) - z->start) % z->sector;
	f->first_size = z->sector;
	f->first_content =
		memcpy(xmalloc(z->sector), expected + fake_place(f, f->first), z->sector);
}

/* --- the order of things -------------------------------------------------------------------------------------- */

struct bench {
	struct fake fake;
	struct image img;
	struct scratch *s;
};

static void bench_open(struct bench *b, void **state, layout_fn *layout)
{
	*b = (struct bench){ .img = IMAGE_INIT, .s = *state };
	fake_init(&b->fake, scratch_path(b->s, "run"));
	layout(&b->fake);
	random_state = 12345;
}

static void bench_close(struct bench *b)
{
	fake_free(&b->fake);
	image_free(&b->img);
}

static void test_the_first_sector_is_erased_first_and_written_last(void **state)
{
	struct bench b;

	bench_open(&b, state, layout_f4);
	memset(fake_at(&b.fake, F4), 0, 4 * K);
	memset(fake_at(&b.fake, F4 + 4 * K), 0, 4 * K);
	add_pattern(&b.img, F4, 8 * K);
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	assert_string_equal(b.fake.events.buf,
			    "erase 08000000+400 erase 08000400+c00 write 08000400+c00 "
			    "erase 08001000+1000 write 08001000+1000 write 08000000+400 ");
	assert_has(b.fake.notes.buf, "erase 5 of 5 sectors, write 8,192 bytes\n");
	bench_close(&b);
}

static void test_a_second_flash_erases_and_writes_nothing(void **state)
{
	struct bench b;

	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;

		bench_open(&b, state, layouts[i]);
		fill_device(&b.fake);
		add_pattern(&b.img, (uint32_t)b.fake.memory.zones[0].start, 9000);
		must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
		fake_begin(&b.fake);
		must(driver_flash(&b.fake.driver, &b.fake.target, &b.img, &r, &b.s->err),
		     &b.s->err);
		assert_int_equal(b.fake.erases + b.fake.writes, 0);
		assert_int_equal(b.fake.leaves, 1);
		assert_true(r.verified);
		assert_int_equal(r.bytes, 0);
		assert_int_equal(r.bytes_equal, 9000);
		assert_has(b.fake.notes.buf, "nothing to write");
		bench_close(&b);
	}
}

static void test_one_changed_byte_is_one_sector(void **state)
{
	struct bench b;
	AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;

	bench_open(&b, state, layout_pages);
	add_pattern(&b.img, 0x10000000, 100 * K);
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	fake_begin(&b.fake);
	((uint8_t *)(uintptr_t)b.img.segments[0].data)[50 * K] ^= 4;
	must(driver_flash(&b.fake.driver, &b.fake.target, &b.img, &r, &b.s->err), &b.s->err);
	assert_string_equal(b.fake.events.buf, "erase 1000c000+1000 write 1000c000+1000 ");
	assert_int_equal(r.erased, 1);
	assert_int_equal(r.bytes, 4 * K);
	assert_int_equal(r.bytes_equal, 96 * K);
	bench_close(&b);
}

static void test_where_writes_erase_runs_of_sectors_are_one_write(void **state)
{
	struct bench b;

	bench_open(&b, state, layout_checksums);
	add_pattern(&b.img, 0, 100 * K);
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	assert_string_equal(b.fake.events.buf, "write 00000000+19000 ");
	bench_close(&b);
}

static void test_a_device_that_cannot_be_read_is_not_called_verified(void **state)
{
	struct bench b;
	AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;

	bench_open(&b, state, layout_pages);
	b.fake.driver.read = NULL;
	add_pattern(&b.img, 0x10000000, 8 * K);
	must(driver_flash(&b.fake.driver, &b.fake.target, &b.img, &r, &b.s->err), &b.s->err);
	assert_false(r.verified);
	assert_int_equal(r.bytes, 8 * K);
	assert_false(driver_verify(&b.fake.driver, &b.fake.target, &b.img, &r, &b.s->err));
	assert_err(&b.s->err, "fake cannot read", NULL);
	bench_close(&b);
}

/* --- refusals ------------------------------------------------------------------------------------------------- */

static void test_nothing_is_written_when_the_device_objects(void **state)
{
	struct bench b;

	bench_open(&b, state, layout_pages);
	b.fake.objection = "the image is for another chip";
	add_pattern(&b.img, 0x10000000, 8 * K);
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	assert_err(&b.s->err, "another chip", NULL);
	assert_int_equal(b.fake.erases + b.fake.writes, 0);
	bench_close(&b);
}

static void test_nothing_is_written_when_a_byte_has_no_place(void **state)
{
	struct bench b;

	bench_open(&b, state, layout_pages);
	add_pattern(&b.img, 0x10000000 + 128 * K - 8, 16);
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	assert_err(&b.s->err, "0x10020000, where the device has no memory",
		   "0x10000000-0x1001ffff");
	assert_int_equal(b.fake.erases + b.fake.writes, 0);
	bench_close(&b);
}

static void test_bytes_that_would_be_lost_are_told_and_protected_ones_refused(void **state)
{
	static const struct image_region files = { "filesystem", 0x10002000, 0x10040000 };
	static const struct image_region loader = { "bootloader", 0x10000000, 0x10000100 };
	struct bench b;

	bench_open(&b, state, layout_pages);
	b.fake.driver.read = NULL;
	add_pattern(&b.img, 0x10000100, 4 * K);
	b.fake.target.filesystem = &files;
	b.fake.target.filesystem_count = 1;
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	assert_has(b.fake.notes.buf,
		   "0x10000000-0x100000ff cannot be read; it is erased with the image's sector\n");
	assert_has(b.fake.notes.buf, "0x10001100-0x10001fff cannot be read");
	fake_begin(&b.fake);
	b.fake.target.protect = &loader;
	b.fake.target.protect_count = 1;
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	assert_err(&b.s->err,
		   "0x10000000-0x100000ff (bootloader) shares a sector with the image, cannot be "
		   "read, and would be lost",
		   "another method");
	b.fake.target.protect_count = 0;
	add_pattern(&b.img, 0x10002000 - 100, 200);
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	assert_err(&b.s->err, "(filesystem) shares a sector", "another method");
	assert_int_equal(b.fake.erases + b.fake.writes, 0);
	bench_close(&b);
}

static void test_a_write_protected_sector_is_called_so(void **state)
{
	struct bench b;
	AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;

	bench_open(&b, state, layout_pages);
	memset(fake_at(&b.fake, 0x10001000), 0x12, 4 * K);
	b.fake.locked = 0x10001000;
	b.fake.locked_end = 0x10002000;
	add_pattern(&b.img, 0x10000000, 12 * K);
	assert_false(driver_flash(&b.fake.driver, &b.fake.target, &b.img, &r, &b.s->err));
	assert_err(&b.s->err, "the sector 0x10001000-0x10001fff is write-protected",
		   "option bytes");
	assert_false(r.verified);
	bench_close(&b);
}

static void test_a_worn_out_byte_is_named_after_one_more_try(void **state)
{
	struct bench b;

	bench_open(&b, state, layout_pages);
	*fake_at(&b.fake, 0x10000123) = 0;
	b.fake.locked = 0x10000123;
	b.fake.locked_end = 0x10000124;
	add_pattern(&b.img, 0x10000000, 4 * K);
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	assert_err(&b.s->err, "0x10000123 holds 00 ", "run the same command again");
	assert_has(b.s->err.msg, "also after a second try");
	assert_int_equal(b.fake.erases, 2);
	assert_int_equal(b.fake.writes, 2);
	bench_close(&b);
}

/* --- verify, read, plan --------------------------------------------------------------------------------------- */

static void test_verify_names_the_first_difference_and_changes_nothing(void **state)
{
	struct bench b;
	AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;

	bench_open(&b, state, layout_f4);
	add_pattern(&b.img, F4 + 10, 20 * K);
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	fake_begin(&b.fake);
	must(driver_verify(&b.fake.driver, &b.fake.target, &b.img, &r, &b.s->err), &b.s->err);
	assert_true(r.verified);
	assert_int_equal(r.bytes, 20 * K);
	*fake_at(&b.fake, F4 + 9) = 1; /* not the image's */
	must(driver_verify(&b.fake.driver, &b.fake.target, &b.img, &r, &b.s->err), &b.s->err);
	*fake_at(&b.fake, F4 + 5000) ^= 0x10;
	r.verified = false;
	assert_false(driver_verify(&b.fake.driver, &b.fake.target, &b.img, &r, &b.s->err));
	assert_err(&b.s->err, "0x08001388 holds ", "flash the board again");
	assert_false(r.verified);
	assert_int_equal(b.fake.erases + b.fake.writes, 0);
	bench_close(&b);
}

static void test_read_takes_a_range_a_region_or_all(void **state)
{
	struct bench b;
	AUTO_IMAGE some = IMAGE_INIT, region = IMAGE_INIT, all = IMAGE_INIT, none = IMAGE_INIT;

	bench_open(&b, state, layout_f4);
	fill_device(&b.fake);
	must(driver_read(&b.fake.driver, &b.fake.target, F4 + 3 * K, 3 * K, &some, &b.s->err),
	     &b.s->err);
	assert_segment(&some, 0, F4 + 3 * K, 3 * K);
	assert_memory_equal(some.segments[0].data, fake_at(&b.fake, F4 + 3 * K), K);
	assert_memory_equal(some.segments[0].data + K, fake_at(&b.fake, F4 + 4 * K), 2 * K);
	must(driver_read(&b.fake.driver, &b.fake.target, F4 + 100, 0, &region, &b.s->err),
	     &b.s->err);
	assert_segment(&region, 0, F4, 32 * K);
	must(driver_read(&b.fake.driver, &b.fake.target, 0, 0, &all, &b.s->err), &b.s->err);
	assert_int_equal(all.count, 2);
	assert_segment(&all, 1, 0x90000000, 32 * K);
	assert_false(
		driver_read(&b.fake.driver, &b.fake.target, F4 + 31 * K, 2 * K, &none, &b.s->err));
	assert_err(&b.s->err, "0x08008000 cannot be read", NULL);
	bench_close(&b);
}

static void test_a_plan_of_an_open_device_changes_nothing(void **state)
{
	struct bench b;
	AUTO_PLAN p = PLAN_INIT;

	bench_open(&b, state, layout_pages);
	add_pattern(&b.img, 0x10000000, 20 * K);
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	*fake_at(&b.fake, 0x10001000) ^= 1;
	fake_begin(&b.fake);
	must(driver_plan(&b.fake.driver, &b.fake.target, &b.img, &p, &b.s->err), &b.s->err);
	assert_int_equal(p.erases, 1);
	assert_int_equal(p.bytes_write, 4 * K);
	assert_int_equal(b.fake.erases + b.fake.writes + b.fake.leaves, 0);
	bench_close(&b);
}

static const char *sectors_by_rules;

static const char *get_rules(void *ctx, const char *name)
{
	(void)ctx;
	if (strcmp(name, "flash.base") == 0)
		return "0x08000000";
	if (strcmp(name, "flash.sector") == 0)
		return sectors_by_rules;
	return strcmp(name, "flash.size") == 0 ? "0x80000" : NULL;
}

static void test_a_plan_of_a_device_that_runs_is_by_the_rules(void **state)
{
	struct bench b;
	AUTO_PLAN p = PLAN_INIT;
	AUTO_STRBUF text = STRBUF_INIT;

	bench_open(&b, state, layout_f4);
	b.fake.driver.direct = false;
	add_pattern(&b.img, F4, 70 * K);
	assert_false(driver_plan(&b.fake.driver, &b.fake.target, &b.img, &p, &b.s->err));
	assert_err(&b.s->err, "known when the device is in its bootloader", "mpflash bootloader");
	b.fake.target.get = get_rules;
	sectors_by_rules = "4*16K 64K 3*128K";
	must(driver_plan(&b.fake.driver, &b.fake.target, &b.img, &p, &b.s->err), &b.s->err);
	plan_text(&p, &text);
	assert_int_equal(p.count, 5);
	assert_int_equal(p.sectors[4].size, 64 * K);
	assert_int_equal(p.memory.count, 3);
	assert_int_equal(memory_zone_end(&p.memory.zones[1]), F4 + 128 * K);
	assert_int_equal(memory_zone_end(&p.memory.zones[2]), F4 + 512 * K);
	assert_string_equal(text.buf, "erase 5 of 5 sectors, write 71,680 bytes");
	assert_int_equal(b.fake.ops, 0);
	plan_free(&p);
	sectors_by_rules = "4096";
	must(driver_plan(&b.fake.driver, &b.fake.target, &b.img, &p, &b.s->err), &b.s->err);
	assert_int_equal(p.count, 18);
	assert_int_equal(memory_zone_end(&p.memory.zones[0]), F4 + 512 * K);
	plan_free(&p);
	sectors_by_rules = "512K 4K";
	assert_false(driver_plan(&b.fake.driver, &b.fake.target, &b.img, &p, &b.s->err));
	assert_err(&b.s->err, "no room for the last of it", NULL);
	plan_free(&p);
	sectors_by_rules = "4x16K";
	assert_false(driver_plan(&b.fake.driver, &b.fake.target, &b.img, &p, &b.s->err));
	assert_err(&b.s->err, "flash.sector = 4x16K: a word is SIZE or COUNT*SIZE", NULL);
	bench_close(&b);
}

/* --- what is kept --------------------------------------------------------------------------------------------- */

static void test_a_cable_pulled_between_erase_and_write_loses_nothing(void **state)
{
	struct bench b;
	AUTO_IMAGE other = IMAGE_INIT;
	AUTO_FREE uint8_t *expected = NULL;
	size_t size;

	bench_open(&b, state, layout_pages);
	fill_device(&b.fake);
	memset(fake_at(&b.fake, 0x10003000), 0x3c, 4 * K);
	expected = fake_copy(&b.fake, &size);
	add_pattern(&b.img, 0x10003000, 100);
	b.fake.fault = FAKE_ERROR;
	b.fake.fault_at = 3; /* open, read, erase, write */
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	assert_err(&b.s->err, "write 0x10003000", "run the same command again");
	assert_int_equal(*fake_at(&b.fake, 0x10003800), 0xff);
	/* another image that does not touch the sector: what it held comes back all the same */
	fake_begin(&b.fake);
	add_pattern(&other, 0x10008000, 4 * K);
	must(fake_flash(&b.fake, &other, &b.s->err), &b.s->err);
	assert_has(b.fake.notes.buf, "0x10003000-0x10003fff was being written when the last run "
				     "ended: its other bytes are put back\n");
	memcpy(expected + fake_place(&b.fake, 0x10008000), other.segments[0].data, 4 * K);
	assert_holds(&b.fake, expected, size);
	assert_string_equal(scratch_list(b.s, "run"), "");
	bench_close(&b);
}

static void test_bytes_that_somebody_else_wrote_since_are_left_alone(void **state)
{
	struct bench b;
	AUTO_FREE uint8_t *expected = NULL;
	size_t size;

	bench_open(&b, state, layout_pages);
	memset(fake_at(&b.fake, 0x10003000), 0x3c, 4 * K);
	add_pattern(&b.img, 0x10003000, 100);
	b.fake.fault = FAKE_GONE;
	b.fake.fault_at = 3;
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	fake_begin(&b.fake);
	memset(fake_at(&b.fake, 0x10003000), 0x43, 4 * K); /* bits that 0x3c has not */
	expected = expected_bytes(&b.fake, &b.img, &size);
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	assert_has(b.fake.notes.buf, "was written by another program since");
	assert_holds(&b.fake, expected, size);
	assert_string_equal(scratch_list(b.s, "run"), "");
	bench_close(&b);
}

static void test_what_a_wrong_write_left_is_put_right_by_the_next_run(void **state)
{
	struct bench b;
	AUTO_FREE uint8_t *expected = NULL;
	size_t size;

	bench_open(&b, state, layout_pages);
	memset(fake_at(&b.fake, 0x10003000), 0x3c, 4 * K);
	add_pattern(&b.img, 0x10003000, 100);
	expected = expected_bytes(&b.fake, &b.img, &size);
	b.fake.fault = FAKE_WRONG;
	b.fake.fault_at = 3;
	b.fake.fault_stays = true;
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	assert_err(&b.s->err, "0x10003800 holds 00 3c ", "again");
	fake_begin(&b.fake);
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	assert_holds(&b.fake, expected, size);
	assert_string_equal(scratch_list(b.s, "run"), "");
	bench_close(&b);
}

static void test_kept_bytes_are_of_one_device(void **state)
{
	struct bench b;

	bench_open(&b, state, layout_pages);
	memset(fake_at(&b.fake, 0x10003000), 0x3c, 4 * K);
	add_pattern(&b.img, 0x10003000, 100);
	b.fake.fault = FAKE_ERROR;
	b.fake.fault_at = 3;
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	fake_begin(&b.fake);
	b.fake.target.device = "fake-2";
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	assert_int_equal(*fake_at(&b.fake, 0x10003800), 0xff);
	assert_has(scratch_list(b.s, "run"), "kept-");
	bench_close(&b);
}

static void test_a_damaged_file_of_kept_bytes_is_put_aside(void **state)
{
	struct bench b;
	struct fs_list names = { 0 };
	AUTO_STRBUF path = STRBUF_INIT;

	bench_open(&b, state, layout_pages);
	memset(fake_at(&b.fake, 0x10003000), 0x3c, 4 * K);
	add_pattern(&b.img, 0x10003000, 100);
	b.fake.fault = FAKE_ERROR;
	b.fake.fault_at = 3;
	assert_false(fake_flash(&b.fake, &b.img, &b.s->err));
	must(fs_list(&names, scratch_path(b.s, "run"), &b.s->err), &b.s->err);
	assert_int_equal(names.count, 1);
	strbuf_addf(&path, "run/%s", names.names[0]);
	scratch_put(b.s, path.buf, "mpflash kept bytes 1\nno digest is right here ...");
	fs_list_free(&names);
	fake_begin(&b.fake);
	must(fake_flash(&b.fake, &b.img, &b.s->err), &b.s->err);
	assert_has(b.fake.notes.buf, "are damaged: ");
	strbuf_adds(&path, ".bad");
	assert_true(fs_exists(scratch_path(b.s, path.buf)));
	bench_close(&b);
}

/* --- whatever goes wrong -------------------------------------------------------------------------------------- */

/* One run with a fault; whatever it says has to be so. */
static bool run_with_fault(struct fake *f, const struct image *img, enum fake_fault fault,
			   size_t at, const uint8_t *expected, size_t size)
{
	AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;
	AUTO_ERR e = ERR_INIT;
	bool ok;

	fake_begin(f);
	f->fault = fault;
	f->fault_at = at;
	ok = driver_flash(&f->driver, &f->target, img, &r, &e);
	if (ok || r.verified)
		assert_holds(f, expected, size);
	if (!ok)
		assert_non_null(e.msg);
	if (!ok && f->erases + f->writes)
		assert_has(e.hint, "again");
	return ok;
}

static void must_flash(struct fake *f, const struct image *img, const uint8_t *expected,
		       size_t size)
{
	AUTO_FLASH_RESULT r = FLASH_RESULT_INIT;
	AUTO_PLAN p = PLAN_INIT;
	AUTO_ERR e = ERR_INIT;

	fake_begin(f);
	must(driver_plan(&f->driver, &f->target, img, &p, &e), &e);
	assert_int_equal(f->erases + f->writes, 0);
	fake_begin(f);
	must(driver_flash(&f->driver, &f->target, img, &r, &e), &e);
	assert_lacks(f->notes.buf, "once more");
	assert_int_equal(r.erased, f->driver.erase ? p.erases : 0);
	assert_int_equal(r.bytes, p.bytes_write);
	assert_true(r.verified);
	assert_holds(f, expected, size);
	fake_begin(f);
	must(driver_flash(&f->driver, &f->target, img, &r, &e), &e);
	assert_int_equal(f->erases + f->writes, 0);
}

/* The same device and image, from the start, with another fault each time. */
static void fail_at(struct scratch *s, layout_fn *layout, bool by_same, enum fake_fault fault,
		    size_t at, bool *done)
{
	struct fake f = { 0 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_FREE uint8_t *expected = NULL;
	size_t size;
	bool ok;

	random_state = 4711;
	fake_init(&f, scratch_path(s, "run"));
	layout(&f);
	if (by_same)
		f.driver.same = fake_same;
	fill_device(&f);
	random_image(&img, &f);
	expected = expected_bytes(&f, &img, &size);
	if (fault !=
	    FAKE_WRONG) /* an erase that does nothing is not seen before the sector is written */
		watch_first(&f, &img, expected);
	ok = run_with_fault(&f, &img, fault, at, expected, size);
	*done = f.ops <= at;
	if (*done || fault == FAKE_WRONG)
		assert_true(ok);
	else
		assert_false(ok);
	must_flash(&f, &img, expected, size);
	assert_string_equal(scratch_list(s, "run"), "");
	fake_free(&f);
}

static void test_after_a_fault_of_any_operation_running_again_makes_it_good(void **state)
{
	struct scratch *s = *state;
	size_t cases = 0;

	scratch_mkdir(s, "run");
	for (size_t i = 0; i < 2 * ARRAY_SIZE(layouts); i++) {
		for (enum fake_fault fault = FAKE_ERROR; fault < FAKE_FAULTS; fault++) {
			bool done = false;

			for (size_t at = 0; !done; at++, cases++)
				fail_at(s, layouts[i / 2], i % 2, fault, at, &done);
		}
	}
	print_message("%zu faults\n", cases);
	assert_true(cases > 500);
}

/* --- anything at all ------------------------------------------------------------------------------------------ */

static void random_zone(struct fake *f, uint64_t *start)
{
	struct memory_zone z = {
		.start = *start + (random_below(2) ? 0 : random_below(8) * 4096),
		.sector = 64U << random_below(8),
		.count = 1 + random_below(12),
		.access = random_below(6) ? ALL : RAM,
		.erased = random_below(4) ? 0xff : 0,
		.blank_is_erased = random_below(3),
	};

	z.write_unit = random_below(2) ? 0 : 1U << random_below(7);
	fake_add(f, z);
	*start = memory_zone_end(&z);
}

static void random_device(struct fake *f)
{
	uint64_t start = random_below(2) ? F4 : 0;

	for (unsigned n = 1 + random_below(4); n; n--)
		random_zone(f, &start);
	if (random_below(2))
		f->driver.same = fake_same;
	f->driver.same_size = 256U << random_below(8);
	if (random_below(4) == 0)
		f->driver.erase = NULL;
	fill_device(f);
}

/* Some of what the image wants is there already. */
static void put_some(struct fake *f, const struct image *img)
{
	for (size_t i = 0; i < img->count; i++) {
		const struct image_segment *s = &img->segments[i];

		for (uint32_t at = 0, n; at < s->size; at += n) {
			n = 1 + random_below(s->size - at);
			for (uint32_t k = 0; random_below(2) && k < n; k++)
				*fake_at(f, (uint64_t)s->address + at + k) = s->data[at + k];
		}
	}
}

static size_t sectors_touched(const struct fake *f, const struct image *img)
{
	AUTO_PLAN p = PLAN_INIT;
	AUTO_ERR e = ERR_INIT;
	size_t n = 0;

	must(plan_make(&p, img, &f->memory, &e), &e);
	for (size_t i = 0; i < p.count; i++)
		n += (p.sectors[i].zone->access & MEMORY_ERASE) != 0;
	return n;
}

static void random_case(struct scratch *s, uint32_t seed)
{
	struct fake f = { 0 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_FREE uint8_t *expected = NULL;
	size_t size;

	random_state = seed;
	fake_init(&f, scratch_path(s, "run"));
	random_device(&f);
	random_image(&img, &f);
	put_some(&f, &img);
	expected = expected_bytes(&f, &img, &size);
	watch_first(&f, &img, expected);
	for (unsigned n = random_below(3); n; n--) {
		enum fake_fault fault = FAKE_ERROR + random_below(FAKE_GONE - FAKE_ERROR + 1);

		run_with_fault(&f, &img, fault, random_below(20), expected, size);
		assert_true(f.sectors_erased <= sectors_touched(&f, &img));
	}
	must_flash(&f, &img, expected, size);
	assert_string_equal(scratch_list(s, "run"), "");
	fake_free(&f);
}

static void test_random_images_on_random_layouts(void **state)
{
	const char *given = getenv("DRIVER_TEST_SEED");
	uint32_t seed =
		given ? (uint32_t)strtoul(given, NULL, 0) : (uint32_t)(clock_now_ns() / 1000) | 1;
	struct scratch *s = *state;

	scratch_mkdir(s, "run");
	print_message("DRIVER_TEST_SEED=%" PRIu32 "\n", seed);
	for (uint32_t i = 0; i < CASES; i++) {
		uint32_t one = (seed + i * 2654435761U) | 1;

		random_case(s, one);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_first_sector_is_erased_first_and_written_last),
		TEST(test_a_second_flash_erases_and_writes_nothing),
		TEST(test_one_changed_byte_is_one_sector),
		TEST(test_where_writes_erase_runs_of_sectors_are_one_write),
		TEST(test_a_device_that_cannot_be_read_is_not_called_verified),
		TEST(test_nothing_is_written_when_the_device_objects),
		TEST(test_nothing_is_written_when_a_byte_has_no_place),
		TEST(test_bytes_that_would_be_lost_are_told_and_protected_ones_refused),
		TEST(test_a_write_protected_sector_is_called_so),
		TEST(test_a_worn_out_byte_is_named_after_one_more_try),
		TEST(test_verify_names_the_first_difference_and_changes_nothing),
		TEST(test_read_takes_a_range_a_region_or_all),
		TEST(test_a_plan_of_an_open_device_changes_nothing),
		TEST(test_a_plan_of_a_device_that_runs_is_by_the_rules),
		TEST(test_a_cable_pulled_between_erase_and_write_loses_nothing),
		TEST(test_bytes_that_somebody_else_wrote_since_are_left_alone),
		TEST(test_what_a_wrong_write_left_is_put_right_by_the_next_run),
		TEST(test_kept_bytes_are_of_one_device),
		TEST(test_a_damaged_file_of_kept_bytes_is_put_aside),
		TEST(test_after_a_fault_of_any_operation_running_again_makes_it_good),
		TEST(test_random_images_on_random_layouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
