/* SPDX-License-Identifier: MIT
 *
 * Where two images, or two files that should be the same, differ.
 */
#include <string.h>

#include "base/strbuf.h"
#include "graph/audit.h"
#include "image/image.h"
#include "scratch.h"

static void add(struct scratch *s, struct image *img, uint32_t address, const char *text)
{
	must(image_add(img, address, text, strlen(text), true, &s->err), &s->err);
}

static void assert_differ(const struct image *a, const struct image *b, uint64_t count,
			  uint32_t first)
{
	uint32_t at;

	assert_int_equal(image_compare(a, b, &at), count);
	assert_int_equal(at, first);
	assert_int_equal(image_compare(b, a, &at), count);
	assert_int_equal(at, first);
}

static void test_the_lowest_address_is_told_whatever_the_segments(void **state)
{
	struct scratch *s = *state;
	AUTO_IMAGE a = IMAGE_INIT, b = IMAGE_INIT;

	add(s, &a, 0x1000, "abcd");
	add(s, &b, 0x1000, "abcd");
	assert_differ(&a, &b, 0, 0);
	add(s, &a, 0x2000, "abcd");
	add(s, &b, 0x2000, "abXY");
	assert_differ(&a, &b, 2, 0x2002);
	add(s, &b, 0x800, "zz");
	assert_differ(&a, &b, 4, 0x800);
}

static void test_bytes_that_only_one_has_count_unless_they_are_zero(void **state)
{
	struct scratch *s = *state;
	AUTO_IMAGE a = IMAGE_INIT, b = IMAGE_INIT;

	add(s, &a, 0x1000, "abcd");
	add(s, &b, 0x1000, "abcdef");
	assert_differ(&a, &b, 2, 0x1004);
	must(image_add(&a, 0x3000, "\0\0\0", 3, true, &s->err), &s->err);
	assert_differ(&a, &b, 2, 0x1004);
}

static void test_a_long_segment_is_compared_to_its_end(void **state)
{
	struct scratch *s = *state;
	AUTO_IMAGE a = IMAGE_INIT, b = IMAGE_INIT;
	char text[1001];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	add(s, &a, 0xfffffc00, text);
	text[999] = 'y';
	add(s, &b, 0xfffffc00, text);
	assert_differ(&a, &b, 1, 0xfffffc00 + 999);
}

/* What audit_compare says of two files of that name: "" when they are the same, "-" when it does not compare them. */
static const char *compare(struct scratch *s, const char *name, const char *a, const char *b)
{
	AUTO_STRBUF how = STRBUF_INIT;
	bool compared, same;

	scratch_put(s, "a", a);
	scratch_put(s, "b", b);
	same = audit_compare(name, scratch_path(s, "a"), scratch_path(s, "b"), &compared, &how,
			     &s->err);
	must(!s->err.msg, &s->err);
	assert_int_equal(same, how.len == 0);
	return compared ? arena_strdup(&s->arena, how.buf) : "-";
}

static void test_plain_bytes_are_told_by_offset_and_length(void **state)
{
	assert_string_equal(compare(*state, "x.bin", "abc", "abc"), "");
	assert_string_equal(compare(*state, "x.bin", "abc", "axc"),
			    "1 byte differs, the first at offset 0x00000001");
	assert_string_equal(compare(*state, "x.bin", "abc", "abcd"), "3 bytes, not 4");
	assert_string_equal(compare(*state, "x.bin", "", "abcd"), "0 bytes, not 4");
	assert_string_equal(compare(*state, "x.bin", "abcde", "xbcx"),
			    "5 bytes, not 4; 2 bytes differ, the first at offset 0x00000000");
}

static void test_formats_with_addresses_are_told_by_address(void **state)
{
	static const char a[] = ":040000006162636A6C\n:00000001FF\n";
	static const char b[] = ":040000006162736A5C\n:00000001FF\n";
	static const char lower[] = ":040000006162636a6c\n:00000001FF\n";

	assert_string_equal(compare(*state, "x.hex", a, b),
			    "1 byte differs, the first at 0x00000002");
	assert_string_equal(compare(*state, "x.hex", a, a), "");
	/* The same image, and yet another file. */
	assert_string_equal(compare(*state, "x.hex", a, lower),
			    "2 bytes differ, the first at offset 0x00000010");
}

static void test_maps_and_listings_are_not_compared(void **state)
{
	assert_string_equal(compare(*state, "x.elf.map", "a", "b"), "-");
	assert_string_equal(compare(*state, "x.dis", "a", "b"), "-");
	assert_string_equal(compare(*state, "mpy-cross", "a", "b"), "-");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_lowest_address_is_told_whatever_the_segments),
		TEST(test_bytes_that_only_one_has_count_unless_they_are_zero),
		TEST(test_a_long_segment_is_compared_to_its_end),
		TEST(test_plain_bytes_are_told_by_offset_and_length),
		TEST(test_formats_with_addresses_are_told_by_address),
		TEST(test_maps_and_listings_are_not_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
