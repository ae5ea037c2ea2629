/* SPDX-License-Identifier: MIT
 *
 * Text from outside on a terminal: what it may do there, and how wide it is.
 */
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/utf8.h"
#include "scratch.h"

static const char *printable(const char *text)
{
	static char out[64];

	utf8_printable(out, sizeof(out), text, strlen(text));
	return out;
}

static void test_letters_of_all_kinds_stay(void **state)
{
	static const char text[] = "Gr\xc3\xbc\xc3\x9f \xe6\xbc\xa2 \xf0\x9f\x90\x8d ~";

	(void)state;
	assert_string_equal(printable(text), text);
}

static void test_what_a_terminal_acts_on_does_not(void **state)
{
	(void)state;
	assert_string_equal(printable("a\x1b[2J\x7f"), "a?[2J?");
	assert_string_equal(printable("\x9b"
				      "2J"),
			    "?2J");
	assert_string_equal(printable("\xc2\x9b"
				      "2J"),
			    "??2J");
	/* U+202E turns the rest of the line round */
	assert_string_equal(printable("\xe2\x80\xae"
				      "x"),
			    "???x");
	assert_string_equal(printable("\xe2\x81\xa6"
				      "x"),
			    "???x");
}

static void test_a_sequence_that_is_cut_off_is_none(void **state)
{
	char out[4];

	(void)state;
	utf8_printable(out, sizeof(out), "ab\xc3\xbc", 4);
	assert_string_equal(out, "ab?");
}

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(utf8_columns((const unsigned char *)"a"), 1);
	assert_int_equal(utf8_columns((const unsigned char *)"\xc3\xbc"), 1);
	assert_int_equal(utf8_columns((const unsigned char *)"\xe6\xbc\xa2"), 2);
	assert_int_equal(utf8_columns((const unsigned char *)"\xf0\x9f\x90\x8d"), 2);
	/* a combining accent */
	assert_int_equal(utf8_columns((const unsigned char *)"\xcc\x81"), 0);
	assert_int_equal(utf8_columns((const unsigned char *)"\xff"), 1);
}

static const char *shown(const char *text, size_t max)
{
	static char out[64];
	AUTO_STRBUF sb = STRBUF_INIT;

	strbuf_add_shown(&sb, text, max);
	snprintf(out, sizeof(out), "%s", sb.buf);
	return out;
}

static void test_messages_show_what_is_not_printable_as_hex(void **state)
{
	(void)state;
	assert_string_equal(shown("\xc3\xbc\x1b[m", 20), "\xc3\xbc\\x1b[m");
	assert_string_equal(shown("\xc2\x9b!", 20), "\\xc2\\x9b!");
	assert_string_equal(shown("\x9b!", 20), "\\x9b!");
	assert_string_equal(shown("ab\xc3\xbc", 3), "ab...");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_of_all_kinds_stay),
		cmocka_unit_test(test_what_a_terminal_acts_on_does_not),
		cmocka_unit_test(test_a_sequence_that_is_cut_off_is_none),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_messages_show_what_is_not_printable_as_hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
