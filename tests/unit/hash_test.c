/* SPDX-License-Identifier: MIT
 *
 * Digests: the algorithm itself, their text, and digests of parts.
 */
#include <string.h>

#include "base/hash.h"
#include "scratch.h"

static void assert_hex(struct digest d, const char *want)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(&d, hex);
	assert_string_equal(hex, want);
}

static struct digest of_strings(const char *a, const char *b)
{
	struct hasher h;

	hasher_init(&h);
	hasher_str(&h, a);
	hasher_str(&h, b);
	return hasher_finish(&h);
}

static void assert_different(struct digest a, struct digest b)
{
	assert_false(digest_equal(&a, &b));
}

/* The values of `xxh128sum`, which every store of every machine has to agree with. */
static void test_it_is_xxh3_128_in_canonical_order(void **state)
{
	(void)state;
	assert_hex(digest_of("", 0), "99aa06d3014798d86001c324468d497f");
	assert_hex(digest_of("abc", 3), "06b05ab6733a618578af5f94892f3950");
}

static void test_no_bytes_need_no_address(void **state)
{
	(void)state;
	assert_hex(digest_of(NULL, 0), "99aa06d3014798d86001c324468d497f");
}

static void test_parts_add_up_to_the_whole(void **state)
{
	static const char text[] = "0123456789 0123456789 0123456789 0123456789";
	struct digest whole = digest_of(text, sizeof(text)), parts;
	struct hasher h;

	(void)state;
	hasher_init(&h);
	hasher_add(&h, text, 7);
	hasher_add(&h, NULL, 0);
	hasher_add(&h, text + 7, sizeof(text) - 7);
	parts = hasher_finish(&h);
	assert_true(digest_equal(&whole, &parts));
}

static void test_where_one_string_ends_makes_a_difference(void **state)
{
	(void)state;
	assert_different(of_strings("ab", "c"), of_strings("a", "bc"));
	assert_different(of_strings("", "a"), of_strings("a", ""));
}

static void test_no_string_differs_from_an_empty_one(void **state)
{
	(void)state;
	assert_different(of_strings(NULL, "a"), of_strings("", "a"));
}

static void test_numbers_have_the_same_bytes_on_every_machine(void **state)
{
	static const uint8_t little_endian[] = { 8, 7, 6, 5, 4, 3, 2, 1 };
	struct digest want = digest_of(little_endian, sizeof(little_endian)), got;
	struct hasher h;

	(void)state;
	hasher_init(&h);
	hasher_u64(&h, 0x0102030405060708);
	got = hasher_finish(&h);
	assert_true(digest_equal(&want, &got));
}

static void test_a_digest_is_fed_as_its_bytes(void **state)
{
	struct digest inner = digest_of("x", 1), want = digest_of(inner.bytes, sizeof(inner.bytes));
	struct digest got;
	struct hasher h;

	(void)state;
	hasher_init(&h);
	hasher_digest(&h, &inner);
	got = hasher_finish(&h);
	assert_true(digest_equal(&want, &got));
}

static void test_hex_digits_read_back(void **state)
{
	struct digest d = digest_of("x", 1), back;
	char hex[DIGEST_HEX_SIZE];

	(void)state;
	digest_hex(&d, hex);
	assert_int_equal(strlen(hex), 32);
	assert_true(digest_parse(&back, hex));
	assert_true(digest_equal(&d, &back));
	assert_true(digest_parse(&back, "99AA06D3014798D86001C324468D497F"));
	assert_hex(back, "99aa06d3014798d86001c324468d497f");
}

static void test_other_texts_are_no_digest(void **state)
{
	struct digest d;

	(void)state;
	assert_false(digest_parse(&d, ""));
	assert_false(digest_parse(&d, "99aa06d3014798d86001c324468d497"));
	assert_false(digest_parse(&d, "99aa06d3014798d86001c324468d497f0"));
	assert_false(digest_parse(&d, "99aa06d3014798d86001c324468d497g"));
	assert_false(digest_parse(&d, " 9aa06d3014798d86001c324468d497f"));
}

static void test_zero_means_none(void **state)
{
	struct digest d = { { 0 } };

	(void)state;
	assert_true(digest_is_zero(&d));
	d.bytes[15] = 1;
	assert_false(digest_is_zero(&d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_xxh3_128_in_canonical_order),
		cmocka_unit_test(test_no_bytes_need_no_address),
		cmocka_unit_test(test_parts_add_up_to_the_whole),
		cmocka_unit_test(test_where_one_string_ends_makes_a_difference),
		cmocka_unit_test(test_no_string_differs_from_an_empty_one),
		cmocka_unit_test(test_numbers_have_the_same_bytes_on_every_machine),
		cmocka_unit_test(test_a_digest_is_fed_as_its_bytes),
		cmocka_unit_test(test_hex_digits_read_back),
		cmocka_unit_test(test_other_texts_are_no_digest),
		cmocka_unit_test(test_zero_means_none),
	};

	return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
