/* SPDX-License-Identifier: MIT
 *
 * Markdown as plain text, with what boards' deploy notes have, and with what nobody should send to a terminal.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/markdown.h"
#include "base/xalloc.h"

static void check(int columns, const char *text, const char *want)
{
	AUTO_STRBUF out = STRBUF_INIT;

	markdown_text(text, strlen(text), columns, &out);
	assert_string_equal(out.buf, want);
}

static void paragraphs_are_filled(void **state)
{
	(void)state;
	check(20, "one two three\nfour five six seven\n\n\n\neight\n",
	      "one two three four\nfive six seven\n\neight\n");
	check(30, "one two three\nfour five six seven", "one two three four five six\nseven\n");
	check(20, "averyveryverylongwordindeed and more\n",
	      "averyveryverylongwordindeed\nand more\n");
	/* exactly 20 columns, of 26 bytes */
	check(20, "ääääää abc abcd abcd e\n", "ääääää abc abcd abcd\ne\n");
}

static void headings_stand_alone(void **state)
{
	(void)state;
	check(40, "### Flashing\ntext\n## Next ##\nmore\n", "Flashing\ntext\n\nNext ##\nmore\n");
}

static void items_hang(void **state)
{
	(void)state;
	check(24,
	      "- the first of two items\n- the second one\n  goes on\n\n1. numbered and long enough\n",
	      "- the first of two items\n- the second one goes on\n\n1. numbered and long\n   enough\n");
	check(24, "-  Push the reset button\n   twice and again\n",
	      "- Push the reset button\n  twice and again\n");
	check(40, "-5 degrees\n1.5 volts\n", "-5 degrees 1.5 volts\n");
}

static void code_and_tables_are_kept(void **state)
{
	(void)state;
	check(20, "do\n```bash\nesptool.py --chip esp32   write_flash\n\n  x\n```\ndone\n",
	      "do\n    esptool.py --chip esp32   write_flash\n    \n      x\ndone\n");
	check(20, "do\n\n    esptool.py --chip esp32 x\n\ndone\n",
	      "do\n\n    esptool.py --chip esp32 x\n\ndone\n");
	check(20, "| a | b |\n|---|---|\n| one | two three four |\n",
	      "| a | b |\n|---|---|\n| one | two three four |\n");
	check(20, "```\nnever closed", "    never closed\n");
}

static void links_show_where_they_lead(void **state)
{
	(void)state;
	check(80, "see [this PDF](http://e.org/a.pdf). **Bold** `code`\n",
	      "see this PDF (http://e.org/a.pdf). Bold `code`\n");
	check(80, "![picture](x.png) [no link] [x](open\n", "picture (x.png) [no link] [x](open\n");
	check(80, "a[0](b", "a[0](b\n");
	check(80, "[", "[\n");
	check(80, "!", "!\n");
	check(80, "![", "![\n");
}

static void nothing_is_nothing(void **state)
{
	(void)state;
	check(80, "", "");
	check(80, "\n\n  \n", "");
	check(80, "```\n```\n", "");
}

static void control_characters_do_not_get_through(void **state)
{
	static const char text[] = "a\033[31mb\007\r\n\302\233c\0d\377\300\200\t|e\177\n";
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	markdown_text(text, sizeof(text) - 1, 80, &out);
	assert_string_equal(out.buf, "a[31mb cd??? |e\n");
	assert_int_equal(out.len, strlen(out.buf));
}

/* Every beginning of a text is a text. */
static void any_length_is_fine(void **state)
{
	static const char text[] = "# a\n- [b](c) ![d](e)\n```\nf\n```\n| g |\n    h\n10) i ä€\n";

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		AUTO_STRBUF out = STRBUF_INIT;
		char *exact = xmalloc(n + !n); /* so that a byte too far is found */

		memcpy(exact, text, n);
		markdown_text(exact, n, 0, &out);
		assert_true(!out.len || out.buf[out.len - 1] == '\n');
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paragraphs_are_filled),
		cmocka_unit_test(headings_stand_alone),
		cmocka_unit_test(items_hang),
		cmocka_unit_test(code_and_tables_are_kept),
		cmocka_unit_test(links_show_where_they_lead),
		cmocka_unit_test(nothing_is_nothing),
		cmocka_unit_test(control_characters_do_not_get_through),
		cmocka_unit_test(any_length_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
