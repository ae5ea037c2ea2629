/* SPDX-License-Identifier: MIT
 *
 * Hexadecimal digits in bulk: what the machine's fast code and the portable code do, they do alike.
 */
#include "image_helpers.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "image/hex_digits.h"

static const struct {
	bool (*decode)(const uint8_t *text, size_t count, uint8_t *to, uint8_t *sum);
	char *(*encode)(char *to, const uint8_t *data, size_t count, uint8_t *sum);
} codecs[] = {
	{ hex_decode, hex_encode },
	{ hex_decode_portable, hex_encode_portable },
};

enum { LONGEST = 70 }; /* bytes: several of every width that the code has */

static void test_all_bytes_are_encoded(void **state)
{
	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(codecs); c++) {
		char got[2 * 256 + 1] = "", want[2 * 256 + 1] = "";
		uint8_t bytes[256], sum = 0;

		for (unsigned i = 0; i < 256; i++) {
			bytes[i] = (uint8_t)i;
			snprintf(want + 2 * (size_t)i, 3, "%02X", i);
		}
		assert_ptr_equal(codecs[c].encode(got, bytes, 256, &sum), got + 512);
		assert_string_equal(got, want);
		assert_int_equal(sum, 255 * 128 % 256);
	}
}

static void test_every_length_is_encoded_and_decoded(void **state)
{
	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(codecs); c++) {
		for (size_t size = 0; size <= LONGEST; size++) {
			/* exactly as large as they may be, for the sanitizers */
			uint8_t *bytes = xmalloc(size + 1), *back = xmalloc(size + 1);
			char *text = xmalloc(2 * size + 1);
			uint8_t sum = 7, again = 7, want = 7;

			bytes[size] = back[size] = 0xa5;
			text[2 * size] = 'z';
			for (size_t i = 0; i < size; i++) {
				bytes[i] = pattern_at((uint32_t)(i + size));
				want = (uint8_t)(want + bytes[i]);
			}
			assert_ptr_equal(codecs[c].encode(text, bytes, size, &sum),
					 text + 2 * size);
			assert_int_equal(text[2 * size], 'z');
			assert_int_equal(sum, want);
			assert_true(codecs[c].decode((uint8_t *)text, size, back, &again));
			assert_int_equal(again, want);
			assert_memory_equal(back, bytes, size + 1);
			free(text);
			free(back);
			free(bytes);
		}
	}
}

static bool is_digit(unsigned c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Each of the 256 characters, at each place of a long text. */
static void test_only_digits_are_taken(void **state)
{
	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(codecs); c++) {
		for (size_t at = 0; at < 2 * (size_t)LONGEST; at++) {
			for (unsigned ch = 0; ch < 256; ch++) {
				uint8_t text[2 * LONGEST], to[LONGEST], sum = 0;

				memset(text, '0', sizeof(text));
				text[at] = (uint8_t)ch;
				assert_int_equal(codecs[c].decode(text, LONGEST, to, &sum),
						 is_digit(ch));
			}
		}
	}
	for (unsigned ch = 0; ch < 256; ch++)
		assert_int_equal(hex_is_digit((uint8_t)ch), is_digit(ch));
}

static void test_both_cases_have_one_value(void **state)
{
	static const char text[] = "0123456789abcdef0123456789ABCDEFaBcDeF00";
	static const uint8_t want[] = {
		0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23,
		0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef, 0x00
	};

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(codecs); c++) {
		uint8_t got[sizeof(want)], sum = 0;

		assert_true(codecs[c].decode((const uint8_t *)text, sizeof(want), got, &sum));
		assert_memory_equal(got, want, sizeof(want));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_bytes_are_encoded),
		cmocka_unit_test(test_every_length_is_encoded_and_decoded),
		cmocka_unit_test(test_only_digits_are_taken),
		cmocka_unit_test(test_both_cases_have_one_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
