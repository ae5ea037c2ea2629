/* SPDX-License-Identifier: MIT
 *
 * Text of any bytes as XML, and results as JUnit XML.
 */
#include <string.h>

#include "base/xml.h"
#include "graph/junit.h"
#include "scratch.h"

#define BAD "\xef\xbf\xbd"

static void test_text_is_escaped_and_what_xml_has_not_is_replaced(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *xml;
	} cases[] = {
		{ "plain", 5, "plain" },
		{ "a<b>&\"c'", 8, "a&lt;b&gt;&amp;&quot;c'" },
		{ "]]>", 3, "]]&gt;" },
		{ "\t\n", 2, "\t\n" },
		{ "a\r\n", 3, "a&#13;\n" },
		{ "\x1b[31m", 5, BAD "[31m" },
		{ "\0x", 2, BAD "x" },
		{ "\xc3\xa9", 2, "\xc3\xa9" },
		{ "\xc3", 1, BAD },
		{ "\xff\xfe", 2, BAD BAD },
		{ "\xed\xa0\x80", 3, BAD BAD BAD }, /* half a surrogate pair */
		{ "\xef\xbf\xbe", 3, BAD BAD BAD }, /* U+FFFE */
		{ "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80" },
		{ "\xf0\x9f\x98", 3, BAD BAD BAD },
		{ "\xc0\x80", 2, BAD BAD }, /* overlong */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_STRBUF out = STRBUF_INIT;

		xml_text(&out, cases[i].text, cases[i].len);
		assert_string_equal(out.buf, cases[i].xml);
	}
}

static void test_an_attribute_keeps_its_lines(void **state)
{
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	xml_attribute(&out, "message", "a\n\t\"<b>\"");
	assert_string_equal(out.buf, " message=\"a&#10;&#9;&quot;&lt;b&gt;&quot;\"");
}

static void test_results_are_suites_and_cases(void **state)
{
	struct results r = { 0 };
	AUTO_STRBUF out = STRBUF_INIT;

	(void)state;
	vec_push(&r.items, (struct result){ .id = "p/A",
					    .group = "p",
					    .name = "A",
					    .ms = 1234,
					    .outcome = OUTCOME_BUILT });
	vec_push(&r.items, (struct result){ .id = "q/B",
					    .group = "q",
					    .name = "B",
					    .ms = 50,
					    .outcome = OUTCOME_FAILED,
					    .step = "compile",
					    .error = "x & y\nmore",
					    .brief = "x & y" });
	vec_push(&r.items, (struct result){ .id = "p/C",
					    .group = "p",
					    .name = "C",
					    .ms = 9,
					    .outcome = OUTCOME_FRESH });
	vec_push(&r.items, (struct result){ .id = "q/D",
					    .group = "q",
					    .name = "D",
					    .outcome = OUTCOME_LEFT,
					    .error = "interrupted",
					    .brief = "interrupted" });
	for (size_t i = 0; i < r.items.count; i++)
		r.counts[r.items.items[i].outcome]++;
	junit_text(&r, NULL, 60001, &out);
	assert_non_null(strstr(out.buf, "<testsuites name=\"mpflash\" tests=\"4\" failures=\"1\" "
					"errors=\"0\" skipped=\"1\" time=\"60.001\">"));
	assert_non_null(strstr(out.buf, "<testsuite name=\"p\" tests=\"2\" failures=\"0\" "
					"errors=\"0\" skipped=\"0\" time=\"1.234\">"));
	assert_non_null(strstr(out.buf, "<testcase name=\"C\" classname=\"p\" time=\"0.000\">"));
	assert_non_null(strstr(out.buf,
			       "<failure type=\"compile\" message=\"x &amp; y\">x &amp; y\n"
			       "more</failure>"));
	assert_non_null(strstr(out.buf, "<skipped message=\"interrupted\"/>"));
	results_free(&r);
}

static void test_the_table_fits_and_a_long_one_holds_failures_only(void **state)
{
	static const char wide[] =
		"stm32/A: a very long message that goes on and on about what \xc3\xa9 went wrong, "
		"where it did, and why nobody saw it coming before it did";
	AUTO_STRBUF counted = STRBUF_INIT;
	struct results r = { 0 };

	(void)state;
	vec_push(&r.items, (struct result){ .id = "stm32/A",
					    .group = "stm32",
					    .ms = 72000,
					    .outcome = OUTCOME_FAILED,
					    .error = wide,
					    .brief = wide,
					    .log = "/a/log" });
	vec_push(&r.items, (struct result){ .id = "stm32/LONGER_NAME",
					    .group = "stm32",
					    .outcome = OUTCOME_BUILT,
					    .ms = 500,
					    .has_size = true,
					    .size = 1234 });
	r.counts[OUTCOME_FAILED] = r.counts[OUTCOME_BUILT] = 1;
	for (int columns = 30; columns <= 120; columns++) {
		AUTO_STRBUF out = STRBUF_INIT;

		results_text(&r, columns, true, &out);
		for (char *line = strtok(out.buf, "\n"); line; line = strtok(NULL, "\n")) {
			int shown = 0;

			for (const char *p = line; *p; p++)
				shown += ((unsigned char)*p & 0xc0) != 0x80;
			/* The numbers of a row are never cut. */
			assert_true(shown <= (columns > 54 ? columns : 54));
		}
	}
	for (int all = 0; all <= 1; all++) {
		AUTO_STRBUF out = STRBUF_INIT;

		results_text(&r, 0, all, &out);
		assert_non_null(strstr(out.buf, "it coming before it did\n  log: /a/log\n"));
		assert_int_equal(strstr(out.buf, "LONGER_NAME") != NULL, all);
		assert_non_null(strstr(out.buf, "2 boards: 1 built, 1 failed\n"));
	}
	vec_push(&r.items, (struct result){ .id = "mpy-cross", .group = "mpy-cross" });
	r.counts[OUTCOME_BUILT]++;
	results_text(&r, 0, true, &counted);
	assert_non_null(strstr(counted.buf, "3 targets: 2 built, 1 failed\n"));
	results_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_escaped_and_what_xml_has_not_is_replaced),
		cmocka_unit_test(test_an_attribute_keeps_its_lines),
		cmocka_unit_test(test_results_are_suites_and_cases),
		cmocka_unit_test(test_the_table_fits_and_a_long_one_holds_failures_only),
	};
	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
