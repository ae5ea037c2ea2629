/* SPDX-License-Identifier: MIT
 *
 * Amounts of bytes, read and written.
 */
#include <string.h>

#include "base/size.h"
#include "base/xalloc.h"
#include "scratch.h"

static void test_units_are_thousands_or_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "512", 512 },
		{ "512B", 512 },
		{ "1k", 1000 },
		{ "1K", 1000 },
		{ "1Ki", 1024 },
		{ "500M", 500000000 },
		{ "1.5 GB", 1500000000 },
		{ "1.5GiB", UINT64_C(3) << 29 },
		{ "2T", UINT64_C(2000000000000) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t bytes;

		assert_true(size_parse(cases[i].text, &bytes));
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void test_what_is_no_size_is_refused(void **state)
{
	static const char *const bad[] = { "",     "-1",   "M",     "1X",
					   "1.",   "1..5", "1MM",   "1 2",
					   "0x10", "1e9",  "1GiBs", "99999999999999999999" };
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (size_parse(bad[i], &bytes))
			fail_msg("taken: '%s'", bad[i]);
}

static void test_sizes_are_told_with_one_digit(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 bytes" },         { 1, "1 byte" },
		{ 999, "999 bytes" },     { 1000, "1.0 kB" },
		{ 31600, "31.6 kB" },     { 999999, "999.9 kB" },
		{ 5000000000, "5.0 GB" }, { UINT64_C(2000000000000000), "2000.0 TB" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_STRBUF text = STRBUF_INIT;

		size_text(cases[i].bytes, &text);
		assert_string_equal(text.buf, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_units_are_thousands_or_1024),
		cmocka_unit_test(test_what_is_no_size_is_refused),
		cmocka_unit_test(test_sizes_are_told_with_one_digit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
