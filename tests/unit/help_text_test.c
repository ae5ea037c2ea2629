/* SPDX-License-Identifier: MIT
 *
 * Help texts as blocks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/help_text.h"

static void assert_blocks(const char *text, const char *want)
{
	static const char *const kinds[] = { "P", "H", "I" };
	struct help_block b = { .left = STRBUF_INIT, .text = STRBUF_INIT };
	AUTO_STRBUF got = STRBUF_INIT;

	while (help_text_next(&text, &b))
		strbuf_addf(&got, "%s(%s|%s)", kinds[b.kind], b.left.buf, b.text.buf);
	help_block_free(&b);
	assert_string_equal(got.buf, want);
}

static void test_paragraphs_end_at_an_empty_line(void **state)
{
	(void)state;
	assert_blocks("", "");
	assert_blocks("one\ntwo\n\nthree", "P(|one two)P(|three)");
}

static void test_items_have_two_columns(void **state)
{
	(void)state;
	assert_blocks("words:\n  FILE X     a file\n  NONE\n",
		      "H(|words:)I(FILE X|a file)I(NONE|)");
}

static void test_a_deep_line_goes_on_with_its_item(void **state)
{
	(void)state;
	assert_blocks("words:\n  FILE       a file\n             of two lines\nand text\n",
		      "H(|words:)I(FILE|a file of two lines)P(|and text)");
}

static void test_a_colon_alone_makes_no_heading(void **state)
{
	(void)state;
	assert_blocks("it says:\nthat\n", "P(|it says: that)");
	assert_blocks("text\nwords:\n  A  b\n", "P(|text)H(|words:)I(A|b)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paragraphs_end_at_an_empty_line),
		cmocka_unit_test(test_items_have_two_columns),
		cmocka_unit_test(test_a_deep_line_goes_on_with_its_item),
		cmocka_unit_test(test_a_colon_alone_makes_no_heading),
	};

	return cmocka_run_group_tests_name("help_text", tests, NULL, NULL);
}
