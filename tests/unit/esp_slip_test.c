/* SPDX-License-Identifier: MIT
 *
 * Frames on the line to an ESP's ROM: what is sent is read again, whatever is in it, and noise costs no more than a frame.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants those four before it. */
#include <cmocka.h>
#include <string.h>

#include "flash/esp_slip.h"

/* Reads `len` bytes; the frames' lengths go into `lens`. Returns how many there were. */
static size_t take(struct slip *s, const void *data, size_t len, size_t *lens, size_t most)
{
	const uint8_t *p = data;
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		if (slip_take(s, p[i])) {
			assert_true(count < most);
			lens[count++] = s->len;
		}
	return count;
}

static void test_the_bytes_on_the_wire(void **state)
{
	static const uint8_t data[] = { 1, 0xc0, 2, 0xdb, 3 };
	static const uint8_t wire[] = { 0xc0, 1, 0xdb, 0xdc, 2, 0xdb, 0xdd, 3, 0xc0 };
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	slip_encode(&out, data, sizeof(data));
	assert_int_equal(out.len, sizeof(wire));
	assert_memory_equal(out.buf, wire, sizeof(wire));
}

static void test_every_byte_comes_back(void **state)
{
	uint8_t data[256];
	size_t lens[2];
	AUTO_STRBUF out = STRBUF_INIT;
	struct slip s = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	slip_encode(&out, data, sizeof(data));
	assert_int_equal(take(&s, out.buf, out.len, lens, 2), 1);
	assert_int_equal(lens[0], sizeof(data));
	assert_memory_equal(s.frame, data, sizeof(data));
}

static void test_boot_text_is_a_frame_of_its_own(void **state)
{
	static const char wire[] = "waiting for download\r\n\xc0\x01\x08\xc0\xc0\x02\xc0";
	size_t lens[4];
	struct slip s = { 0 };

	(void)state;
	assert_int_equal(take(&s, wire, sizeof(wire) - 1, lens, 4), 3);
	assert_int_equal(lens[0], 22);
	assert_int_equal(lens[1], 2);
	assert_int_equal(lens[2], 1);
}

static void test_a_lost_delimiter_costs_one_frame(void **state)
{
	static const char wire[] =
		"\xc0\x01\x02\x01\x03\xc0\xc0\x01\x04\xc0"; /* none between 02 and 01 */
	size_t lens[4];
	struct slip s = { 0 };

	(void)state;
	assert_int_equal(take(&s, wire, sizeof(wire) - 1, lens, 4), 2);
	assert_int_equal(lens[0], 4);
	assert_int_equal(lens[1], 2);
	assert_memory_equal(s.frame, "\x01\x04", 2);
}

static void test_a_wrong_escape_and_too_much_are_dropped(void **state)
{
	static const char escape[] = "\xc0\x01\xdb\x05\xc0\x02\xc0";
	uint8_t longer[400];
	size_t lens[2];
	struct slip s = { 0 };

	(void)state;
	assert_int_equal(take(&s, escape, sizeof(escape) - 1, lens, 2), 1);
	assert_int_equal(lens[0], 1);
	memset(longer, 7, sizeof(longer));
	longer[sizeof(longer) - 1] = SLIP_END;
	assert_int_equal(take(&s, longer, sizeof(longer), lens, 2), 0);
	assert_int_equal(take(&s, "\x09\xc0", 2, lens, 2), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_bytes_on_the_wire),
		cmocka_unit_test(test_every_byte_comes_back),
		cmocka_unit_test(test_boot_text_is_a_frame_of_its_own),
		cmocka_unit_test(test_a_lost_delimiter_costs_one_frame),
		cmocka_unit_test(test_a_wrong_escape_and_too_much_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
