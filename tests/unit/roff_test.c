/* SPDX-License-Identifier: MIT
 *
 * Nothing in a text is taken for a request, a macro or an escape of roff.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/roff.h"

static void assert_text(const char *text, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	roff_text(&out, text);
	assert_string_equal(out.buf, want);
}

static void test_characters_of_roff_are_escaped(void **state)
{
	(void)state;
	assert_text("", "");
	assert_text("a\\b -c d' \"e\" ^ ~", "a\\eb \\-c d\\(aq \\(dqe\\(dq \\(ha \\(ti\n");
}

static void test_a_line_begins_with_no_request(void **state)
{
	(void)state;
	assert_text(".bin 'x", "\\&.bin \\&\\(aqx\n");
}

static void test_a_sentence_has_a_line(void **state)
{
	(void)state;
	assert_text("One. Two (three.) Four: `five?` Six",
		    "One.\nTwo (three.)\nFour: \\fBfive?\\fP\nSix\n");
	assert_text("v1.2 is one", "v1.2 is one\n");
}

static void test_backquotes_are_bold(void **state)
{
	(void)state;
	assert_text("say `mpflash make` twice", "say \\fBmpflash make\\fP twice\n");
}

static void test_lines_are_short(void **state)
{
	AUTO_STRBUF text = STRBUF_INIT, out = STRBUF_INIT;

	(void)state;
	for (int i = 0; i < 100; i++)
		strbuf_adds(&text, "--word-\\ ");
	roff_text(&out, text.buf);
	for (const char *line = out.buf; *line; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 1, 80);
}

static void test_a_line_of_a_display_is_kept(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	roff_line(&out, ".a  `b` # - more", 11);
	assert_string_equal(out.buf, "\\&.a  \\(gab\\(ga # \\-\n");
}

static void test_an_argument_is_one_and_no_macro(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	roff_arg(&out, "Ar \"x\"");
	assert_string_equal(out.buf, " \"\\&Ar \\(dqx\\(dq\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_characters_of_roff_are_escaped),
		cmocka_unit_test(test_a_line_begins_with_no_request),
		cmocka_unit_test(test_a_sentence_has_a_line),
		cmocka_unit_test(test_backquotes_are_bold),
		cmocka_unit_test(test_lines_are_short),
		cmocka_unit_test(test_a_line_of_a_display_is_kept),
		cmocka_unit_test(test_an_argument_is_one_and_no_macro),
	};

	return cmocka_run_group_tests_name("roff", tests, NULL, NULL);
}
