/* SPDX-License-Identifier: MIT
 *
 * The planner by itself: which sectors an image touches, what is sent of them, what is known of the rest, and how it is told.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "flash/plan.h"
#include "image_helpers.h"
#include "scratch.h"

enum {
	K = 1024,
	ALL = MEMORY_READ | MEMORY_ERASE | MEMORY_WRITE,
	F4 = 0x08000000,
	SIZE = 512 * K,
};

/* What the device holds: SIZE bytes from F4 on. */
struct store {
	uint8_t *bytes;
	size_t reads, asked;
	uint64_t bytes_read;
};

static bool store_read(void *ctx, uint64_t address, void *buf, size_t size, struct err *e)
{
	struct store *s = ctx;

	(void)e;
	assert_true(address >= F4 && address + size <= F4 + SIZE);
	s->reads++;
	s->bytes_read += size;
	memcpy(buf, s->bytes + (address - F4), size);
	return true;
}

static bool store_same(void *ctx, uint64_t address, const void *data, size_t size, bool *same,
		       struct err *e)
{
	struct store *s = ctx;

	(void)e;
	assert_true(address >= F4 && address + size <= F4 + SIZE);
	s->asked++;
	*same = memcmp(s->bytes + (address - F4), data, size) == 0;
	return true;
}

static void store_open(struct store *s)
{
	*s = (struct store){ .bytes = memset(xmalloc(SIZE), 0xff, SIZE) };
}

static void store_put(struct store *s, const struct image *img)
{
	for (size_t i = 0; i < img->count; i++)
		memcpy(s->bytes + (img->segments[i].address - F4), img->segments[i].data,
		       img->segments[i].size);
}

static void add_zone(struct flash_memory *m, uint64_t start, uint32_t sector, uint32_t count)
{
	AUTO_ERR e = ERR_INIT;
	struct memory_zone z = {
		.name = "Internal Flash",
		.start = start,
		.sector = sector,
		.count = count,
		.access = ALL,
		.erased = 0xff,
		.blank_is_erased = true,
	};

	must(flash_memory_add(m, &z, &e), &e);
}

/* 4*16K, 64K, 3*128K: STM32F405 with half its flash. */
static void add_f405(struct flash_memory *m)
{
	add_zone(m, F4 + 64 * K, 64 * K, 1);
	add_zone(m, F4, 16 * K, 4);
	add_zone(m, F4 + 128 * K, 128 * K, 3);
}

static void make(struct plan *p, const struct image *img, const struct flash_memory *m)
{
	AUTO_ERR e = ERR_INIT;

	must(plan_make(p, img, m, &e), &e);
}

static void compare(struct plan *p, struct store *s, bool by_asking, uint32_t same_size)
{
	const struct plan_source source = {
		.read = store_read,
		.same = by_asking ? store_same : NULL,
		.same_size = same_size,
		.ctx = s,
	};
	AUTO_ERR e = ERR_INIT;

	must(plan_compare(p, &source, &e), &e);
}

static const char *text_of(struct scratch *s, const struct plan *p)
{
	AUTO_STRBUF out = STRBUF_INIT;

	plan_text(p, &out);
	return arena_strdup(&s->arena, out.buf);
}

/* --- layouts -------------------------------------------------------------------------------------------------- */

static void test_zones_are_sorted_and_lie_beside_each_other(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	struct scratch *s = *state;
	struct memory_zone over = { .start = F4 + 63 * K, .sector = K, .count = 2 };
	struct memory_zone empty = { .start = 0, .sector = K, .count = 0 };
	struct memory_zone odd = { .start = 0, .sector = 100, .count = 1, .write_unit = 8 };
	struct memory_zone far = { .start = UINT64_MAX - 5, .sector = 100, .count = 1 };

	add_f405(&m);
	assert_int_equal(m.count, 3);
	assert_int_equal(m.zones[0].start, F4);
	assert_int_equal(memory_zone_end(&m.zones[2]), F4 + SIZE);
	assert_ptr_equal(flash_memory_find(&m, F4 + 64 * K - 1), &m.zones[0]);
	assert_ptr_equal(flash_memory_find(&m, F4 + 64 * K), &m.zones[1]);
	assert_null(flash_memory_find(&m, F4 + SIZE));
	assert_null(flash_memory_find(&m, F4 - 1));
	assert_false(flash_memory_add(&m, &over, &s->err));
	assert_err(&s->err, "0x0800fc00-0x080103ff lies over another memory", NULL);
	assert_false(flash_memory_add(&m, &empty, &s->err));
	assert_err(&s->err, "is empty", NULL);
	assert_false(flash_memory_add(&m, &odd, &s->err));
	assert_err(&s->err, "cannot be written 8 bytes at once", NULL);
	assert_false(flash_memory_add(&m, &far, &s->err));
	assert_err(&s->err, "past the end", NULL);
	assert_int_equal(m.count, 3);
}

static void test_sectors_are_those_that_the_image_touches(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;

	(void)state;
	add_f405(&m);
	add_pattern(&img, F4, 16 * K);           /* one whole sector */
	add_pattern(&img, F4 + 60 * K, 5 * K);   /* over the edge of two zones */
	add_pattern(&img, F4 + 130 * K, 10);     /* twice in one sector */
	add_pattern(&img, F4 + 200 * K, 57 * K); /* and on into the next */
	make(&p, &img, &m);
	assert_int_equal(p.count, 5);
	assert_int_equal(p.sectors[0].covered, 16 * K);
	assert_null(p.sectors[0].own);
	assert_int_equal(p.sectors[1].address, F4 + 48 * K);
	assert_int_equal(p.sectors[1].covered, 4 * K);
	assert_int_equal(p.sectors[2].address, F4 + 64 * K);
	assert_int_equal(p.sectors[2].size, 64 * K);
	assert_int_equal(p.sectors[2].covered, K);
	assert_int_equal(p.sectors[3].covered, 10 + 56 * K);
	assert_int_equal(p.sectors[3].ranges->next->offset, 72 * K);
	assert_int_equal(p.sectors[4].covered, K);
	assert_int_equal(p.bytes_image, image_size(&img));
	for (size_t i = 0; i < p.count; i++)
		assert_int_equal(p.sectors[i].state, SECTOR_UNKNOWN);
}

static void test_bytes_outside_of_all_memory_are_refused_with_the_memory(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	struct scratch *s = *state;
	struct memory_zone rom = {
		.name = "OTP", .start = 0x1fff0000, .sector = 512, .count = 1, .access = MEMORY_READ
	};
	AUTO_IMAGE past = IMAGE_INIT, otp = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT, q = PLAN_INIT;

	add_f405(&m);
	must(flash_memory_add(&m, &rom, &s->err), &s->err);
	add_pattern(&past, F4 + SIZE - 4, 8);
	assert_false(plan_make(&p, &past, &m, &s->err));
	assert_err(&s->err, "bytes at 0x08080000, where the device has no memory",
		   "0x08000000-0x0807ffff, 0x1fff0000-0x1fff01ff");
	add_pattern(&otp, 0x1fff0010, 8);
	assert_false(plan_make(&q, &otp, &m, &s->err));
	assert_err(&s->err, "bytes at 0x1fff0010, in OTP, which cannot be written", NULL);
}

/* --- what is sent --------------------------------------------------------------------------------------------- */

static void assert_sent(const struct plan *p, size_t sector, const char *expected)
{
	AUTO_STRBUF text = STRBUF_INIT;
	uint32_t offset = 0, size = 0;

	while (plan_next_sent(p, &p->sectors[sector], &offset, &size))
		strbuf_addf(&text, "%" PRIx32 "+%" PRIx32 " ", offset, size);
	assert_string_equal(text.buf, expected);
}

static void test_erased_bytes_are_not_sent(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	uint8_t *bytes = memset(xmalloc(16 * K), 0xff, 16 * K);
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct scratch *s = *state;

	add_f405(&m);
	bytes[0x410] = 1;
	bytes[0x6ff] = 2;
	bytes[0x900] = 3; /* too near for a write of its own */
	bytes[0x3000] = 4;
	must(image_add(&img, F4, bytes, 16 * K, false, &s->err), &s->err);
	add_pattern(&img, F4 + 32 * K, 300); /* the rest of its sector is not the image's */
	make(&p, &img, &m);
	assert_sent(&p, 0, "400+600 3000+100 ");
	assert_sent(&p, 1, "0+200 ");
	assert_int_equal(p.bytes_write, 0x600 + 0x100 + 0x200);
	memset(bytes, 0xff, 16 * K);
	assert_sent(&p, 0, "");
	p.write_erases = true;
	assert_sent(&p, 0, "0+4000 ");
	plan_free(&p);
	free(bytes);
}

static void test_writes_begin_and_end_at_the_units_of_the_memory(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	struct memory_zone z = { .start = 0x1000,
				 .sector = 4 * K,
				 .count = 2,
				 .access = ALL,
				 .write_unit = 512,
				 .erased = 0 };
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct scratch *s = *state;

	must(flash_memory_add(&m, &z, &s->err), &s->err);
	add_pattern(&img, 0x1000 + 700, 5);
	make(&p, &img, &m);
	assert_sent(&p, 0, "200+200 ");
	assert_int_equal(p.sectors[0].content[699], 0);
	assert_int_equal(p.sectors[0].content[700], pattern_at(0x1000 + 700));
}

static void test_ram_is_written_where_the_image_is(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	struct memory_zone z = {
		.start = F4, .sector = 4 * K, .count = 2, .access = MEMORY_READ | MEMORY_WRITE
	};
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT, q = PLAN_INIT;
	struct store store;
	struct scratch *s = *state;

	store_open(&store);
	must(flash_memory_add(&m, &z, &s->err), &s->err);
	add_pattern(&img, F4 + 3, 7);
	add_pattern(&img, F4 + 100, 1);
	make(&p, &img, &m);
	assert_sent(&p, 0, "3+7 64+1 ");
	compare(&p, &store, false, 0);
	assert_int_equal(p.erases, 0);
	assert_int_equal(p.bytes_write, 8);
	assert_int_equal(store.bytes_read, 8);
	m.zones[0].write_unit = 4;
	make(&q, &img, &m);
	assert_sent(&q, 0, "0+c 64+4 ");
	store.bytes[0] = 0x42;
	compare(&q, &store, false, 0);
	assert_int_equal(q.sectors[0].content[0], 0x42);
	assert_int_equal(q.sectors[0].content[3], pattern_at(F4 + 3));
	assert_false(q.sectors[0].lost);
	free(store.bytes);
}

/* --- what is known -------------------------------------------------------------------------------------------- */

static void test_states_and_figures_of_a_device_that_is_read(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct scratch *s = *state;
	struct store store;

	store_open(&store);
	add_f405(&m);
	m.zones[0].erase_ms = 500;
	m.zones[0].write_us = m.zones[1].write_us = 10000;
	m.zones[1].erase_ms = 1000;
	add_pattern(&img, F4, 128 * K);
	store_put(&store, &img);
	store.bytes[16 * K + 50] ^= 1;
	memset(store.bytes + 32 * K, 0xff, 16 * K);
	make(&p, &img, &m);
	compare(&p, &store, false, 0);
	assert_int_equal(p.sectors[0].state, SECTOR_EQUAL);
	assert_int_equal(p.sectors[1].state, SECTOR_DIFFERS);
	assert_int_equal(p.sectors[1].old.offset, 50);
	assert_int_equal(p.sectors[1].old.bytes[0], pattern_at(F4 + 16 * K + 50) ^ 1);
	assert_int_equal(p.sectors[2].state, SECTOR_BLANK);
	assert_int_equal(p.sectors[3].state, SECTOR_EQUAL);
	assert_int_equal(p.sectors[4].state, SECTOR_EQUAL);
	assert_int_equal(p.erases, 1);
	assert_int_equal(p.bytes_write, 32 * K);
	assert_int_equal(p.bytes_equal, 96 * K);
	assert_int_equal(p.estimate_ms, 500 + 320);
	assert_string_equal(text_of(s, &p),
			    "erase 1 of 5 sectors, write 32,768 bytes, 3 sectors are equal, "
			    "about 1 s");
	free(store.bytes);
}

static void test_no_more_is_read_than_it_takes(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct store store;

	(void)state;
	store_open(&store);
	add_f405(&m);
	add_pattern(&img, F4 + 128 * K, 256 * K);
	memset(store.bytes + 128 * K, 0x11, 128 * K); /* differs at once */
	make(&p, &img, &m);
	compare(&p, &store, false, 0);
	assert_int_equal(p.sectors[0].state, SECTOR_DIFFERS);
	assert_int_equal(p.sectors[1].state, SECTOR_BLANK);
	assert_int_equal(store.bytes_read, 2 * K + 128 * K);
	free(store.bytes);
}

static void test_bytes_around_the_image_are_kept(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct store store;

	(void)state;
	store_open(&store);
	add_f405(&m);
	add_pattern(&img, F4 + 100, 50);
	add_pattern(&img, F4 + 300, 50);
	store.bytes[99] = 1;
	store.bytes[150] = 2;
	store.bytes[16 * K - 1] = 3;
	make(&p, &img, &m);
	compare(&p, &store, false, 0);
	assert_int_equal(p.sectors[0].state, SECTOR_DIFFERS);
	assert_true(p.sectors[0].kept);
	assert_false(p.sectors[0].lost);
	assert_int_equal(p.sectors[0].content[99], 1);
	assert_int_equal(p.sectors[0].content[100], pattern_at(F4 + 100));
	assert_int_equal(p.sectors[0].content[150], 2);
	assert_sent(&p, 0, "0+200 3f00+100 ");
	free(store.bytes);
}

static void test_erased_bytes_around_the_image_are_not_kept(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct store store;

	(void)state;
	store_open(&store);
	add_f405(&m);
	add_pattern(&img, F4 + 100, 50);
	store.bytes[120] = 1;
	make(&p, &img, &m);
	compare(&p, &store, false, 0);
	assert_int_equal(p.sectors[0].state, SECTOR_DIFFERS);
	assert_false(p.sectors[0].kept);
	assert_false(p.sectors[0].lost);
	free(store.bytes);
}

static void test_what_cannot_be_read_is_lost(void **state)
{
	static const struct plan_source nothing = { 0 };
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct scratch *s = *state;

	add_f405(&m);
	add_pattern(&img, F4, 16 * K + 1);
	make(&p, &img, &m);
	must(plan_compare(&p, &nothing, &s->err), &s->err);
	assert_int_equal(p.sectors[0].state, SECTOR_UNKNOWN);
	assert_false(p.sectors[0].lost);
	assert_int_equal(p.sectors[1].state, SECTOR_UNKNOWN);
	assert_true(p.sectors[1].lost);
	assert_int_equal(p.erases, 2);
	assert_string_equal(text_of(s, &p), "erase 2 of 2 sectors, write 16,640 bytes");
}

static void test_blank_sectors_of_a_memory_with_ecc_are_erased(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct store store;

	(void)state;
	store_open(&store);
	add_f405(&m);
	m.zones[0].blank_is_erased = false;
	add_pattern(&img, F4, 32 * K);
	make(&p, &img, &m);
	compare(&p, &store, false, 0);
	assert_int_equal(p.erases, 2);
	free(store.bytes);
}

/* --- asking by checksums -------------------------------------------------------------------------------------- */

static void add_small(struct flash_memory *m)
{
	add_zone(m, F4, 4 * K, 128);
}

static size_t count_state(const struct plan *p, enum plan_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++)
		n += p->sectors[i].state == state;
	return n;
}

static void test_equal_sectors_cost_one_question_for_many(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT, q = PLAN_INIT;
	struct store store;

	(void)state;
	store_open(&store);
	add_small(&m);
	add_pattern(&img, F4, 256 * K);
	store_put(&store, &img);
	make(&p, &img, &m);
	compare(&p, &store, true, 64 * K);
	assert_int_equal(count_state(&p, SECTOR_EQUAL), 64);
	assert_int_equal(store.asked, 4);
	/* one byte: the range, and a question for each halving (and whether the sector is blank) */
	store.bytes[100 * K] ^= 1;
	store.asked = 0;
	make(&q, &img, &m);
	compare(&q, &store, true, 64 * K);
	assert_int_equal(count_state(&q, SECTOR_EQUAL), 63);
	assert_int_equal(q.sectors[25].state, SECTOR_DIFFERS);
	assert_true(store.asked <= 4 + 2 * 4 + 1);
	assert_int_equal(store.reads, 0);
	free(store.bytes);
}

/* A checksum of a megabyte takes an ESP's ROM seconds: halving must not ask for each byte five times. */
static void test_where_all_differs_it_is_not_narrowed_for_long(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct store store;

	(void)state;
	store_open(&store);
	add_small(&m);
	m.zones[0].blank_is_erased = false;
	add_pattern(&img, F4, SIZE);
	memset(store.bytes, 0x33, SIZE);
	make(&p, &img, &m);
	compare(&p, &store, true, 64 * K);
	assert_int_equal(count_state(&p, SECTOR_DIFFERS), 128);
	assert_int_equal(store.asked, 8 + 2 * 30);
	free(store.bytes);
}

static void test_the_parts_of_a_shared_sector_are_asked_about_and_read_only_when_they_differ(
	void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT, q = PLAN_INIT;
	struct store store;

	(void)state;
	store_open(&store);
	add_small(&m);
	add_pattern(&img, F4 + 100, 1000);
	store_put(&store, &img);
	store.bytes[0] = 9;
	make(&p, &img, &m);
	compare(&p, &store, true, 64 * K);
	assert_int_equal(p.sectors[0].state, SECTOR_EQUAL);
	assert_int_equal(store.reads, 0);
	store.bytes[200] ^= 1;
	make(&q, &img, &m);
	compare(&q, &store, true, 64 * K);
	assert_int_equal(q.sectors[0].state, SECTOR_DIFFERS);
	assert_true(q.sectors[0].kept);
	assert_int_equal(q.sectors[0].content[0], 9);
	assert_int_equal(store.bytes_read, 4 * K);
	free(store.bytes);
}

/* --- told ----------------------------------------------------------------------------------------------------- */

static void test_json_has_each_sector(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_STRBUF out = STRBUF_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct store store;

	(void)state;
	store_open(&store);
	add_f405(&m);
	add_pattern(&img, F4, 32 * K);
	store_put(&store, &img);
	store.bytes[1] ^= 1;
	make(&p, &img, &m);
	compare(&p, &store, false, 0);
	plan_json(&p, &out);
	assert_string_equal(
		out.buf,
		"{\"sectors\":[{\"address\":134217728,\"size\":16384,\"state\":\"differs\",\"erase\":true,"
		"\"write\":16384},{\"address\":134234112,\"size\":16384,\"state\":\"equal\",\"erase\":false,"
		"\"write\":0}],\"erases\":1,\"bytes\":16384,\"equal\":16384,\"seconds\":null}");
	free(store.bytes);
}

static void test_a_device_that_has_it_all_is_told_so(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	AUTO_IMAGE img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;
	struct scratch *s = *state;
	struct store store;

	store_open(&store);
	add_f405(&m);
	add_pattern(&img, F4, 32 * K);
	store_put(&store, &img);
	make(&p, &img, &m);
	compare(&p, &store, false, 0);
	assert_string_equal(text_of(s, &p), "nothing to write: 2 of 2 sectors are equal");
	free(store.bytes);
}

static void test_a_plan_with_contents_of_its_own_outlives_the_image(void **state)
{
	AUTO_FLASH_MEMORY m = FLASH_MEMORY_INIT;
	struct image img = IMAGE_INIT;
	AUTO_PLAN p = PLAN_INIT;

	(void)state;
	add_f405(&m);
	add_pattern(&img, F4, 16 * K);
	make(&p, &img, &m);
	flash_memory_free(&m);
	plan_keep_contents(&p);
	image_free(&img);
	assert_sent(&p, 0, "0+4000 ");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_zones_are_sorted_and_lie_beside_each_other),
		TEST(test_sectors_are_those_that_the_image_touches),
		TEST(test_bytes_outside_of_all_memory_are_refused_with_the_memory),
		TEST(test_erased_bytes_are_not_sent),
		TEST(test_writes_begin_and_end_at_the_units_of_the_memory),
		TEST(test_ram_is_written_where_the_image_is),
		TEST(test_states_and_figures_of_a_device_that_is_read),
		TEST(test_no_more_is_read_than_it_takes),
		TEST(test_bytes_around_the_image_are_kept),
		TEST(test_erased_bytes_around_the_image_are_not_kept),
		TEST(test_what_cannot_be_read_is_lost),
		TEST(test_blank_sectors_of_a_memory_with_ecc_are_erased),
		TEST(test_equal_sectors_cost_one_question_for_many),
		TEST(test_where_all_differs_it_is_not_narrowed_for_long),
		TEST(test_the_parts_of_a_shared_sector_are_asked_about_and_read_only_when_they_differ),
		TEST(test_json_has_each_sector),
		TEST(test_a_device_that_has_it_all_is_told_so),
		TEST(test_a_plan_with_contents_of_its_own_outlives_the_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
